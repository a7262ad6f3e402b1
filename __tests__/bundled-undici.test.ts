import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as undici from '../node_modules/undici/index.js';
import * as bundled from '../scripts/undici.js';

const HTTP = join(import.meta.dirname, '..', 'src', 'http');

/** What src/ takes of undici, types aside. */
const taken = readdirSync(HTTP)
  .flatMap((file) => [
    ...readFileSync(join(HTTP, file), 'utf8').matchAll(/^import \{([^}]*)\} from 'undici'/gm)
  ])
  .flatMap(([, names = '']) => names.split(','))
  .map((name) => name.trim())
  .filter((name) => !name.startsWith('type '));

test('what the bundle has of undici is undici’s', () => {
  const { decompress } = undici.interceptors;
  const own = { ...undici, interceptors: { decompress }, fetch: undefined, ProxyAgent: undefined };
  expect(own).toMatchObject(bundled);
});

test('the bundle has all of undici that the sources take', () => {
  expect(taken.length).toBeGreaterThan(3);
  expect(taken.filter((name) => !(name in bundled))).toEqual([]);
});
