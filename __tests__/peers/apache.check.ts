import { describe } from '@jest/globals';
import { apache } from './apache.ts';
import { itWatchesImportsThrough } from './watching-through.ts';

describe.each([
  { name: 'as it comes', directive: '' },
  { name: 'that checks the count', directive: 'AuthDigestNcCheck On' },
  {
    name: 'with one-time nonces',
    directive: 'AuthDigestNonceLifetime 0'
  },
  {
    name: 'whose nonces live one second',
    directive: 'AuthDigestNonceLifetime 1'
  }
])('through Apache $name', ({ directive }) => {
  itWatchesImportsThrough(async (upstream) => apache(upstream, directive));
});
