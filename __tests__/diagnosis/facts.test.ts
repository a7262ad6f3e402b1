import { describe, expect, it } from '@jest/globals';
import {
  byName,
  comparable,
  hostAt,
  hostFinder,
  hostPortOf,
  requiredHosts
} from '../../src/diagnosis/facts.ts';
import { hostsOf } from '../support/diagnosis.ts';

it.each([
  { hostPort: 'db1.example.com:27017', host: 'db1.example.com', port: 27_017 },
  { hostPort: '[fe80::1]:27017', host: 'fe80::1', port: 27_017 },
  { hostPort: '10.1.0.11:1', host: '10.1.0.11', port: 1 },
  { hostPort: 'db1.example.com', host: 'db1.example.com', port: undefined }
])('$hostPort is the port $port of $host, and is written so again', ({ hostPort, host, port }) => {
  expect(hostAt(hostPort)).toEqual({ host, port });
  expect(hostPortOf({ host, port })).toBe(hostPort);
});

it.each([
  { a: 'DB1.Example.com', b: 'db1.example.com', same: true },
  { a: 'db1.example.com.', b: 'db1.example.com', same: true },
  { a: '[FE80::1]', b: 'fe80::1', same: true },
  { a: 'db1', b: 'db1.example.com', same: false }
])('$a and $b compared', ({ a, b, same }) => {
  expect(comparable(a) === comparable(b)).toBe(same);
});

describe('a host', () => {
  const { hosts } = hostsOf([
    { hostname: 'b', typeName: 'STANDALONE' },
    { hostname: 'a.internal', aliases: ['b:27017', 'DB1.example.com:27017'] },
    { hostname: 'a.internal', port: 27_018 },
    { hostname: 'fe80::1' }
  ]);

  it.each([
    { name: 'db1.EXAMPLE.com:27017', index: 1 },
    { name: 'A.internal:27018', index: 2 },
    { name: '[fe80::1]:27017', index: 3 },
    { name: 'b:27017', index: 0 },
    { name: 'db1.example.com:27018', index: -1 },
    { name: 'db1:27017', index: -1 }
  ])('$name is found by its own name first, then by an alias', ({ name, index }) => {
    expect(hostFinder(hosts)(name)).toBe(hosts[index]);
  });

  it('that is required twice is one, under all its names', () => {
    const required = ['db1.example.com:27017', 'DB1.example.com:27018', 'db1.EXAMPLE.com:27017'];
    expect(requiredHosts(required, hosts)).toEqual([
      {
        host: 'db1.EXAMPLE.com',
        processes: ['db1.EXAMPLE.com:27017', 'DB1.example.com:27018'],
        names: new Set(['db1.example.com', 'a.internal', 'b'])
      }
    ]);
  });
});

it('names are sorted as people do', () => {
  expect(['rs0_10', 'rs0_2', 'rs0_1'].sort(byName)).toEqual(['rs0_1', 'rs0_2', 'rs0_10']);
});
