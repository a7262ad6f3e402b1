import type { IncomingHttpHeaders } from 'node:http';
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { LineTo } from '../support/connection.ts';
import { LocalServer } from '../support/local-server.ts';

const TEXT = JSON.stringify({ state: 'PENDING', text: 'ä'.repeat(1000) });

/** More than twice as much as may be held of it. */
const ZEROES = Buffer.alloc(50_000_000);
const GZIPPED_ZEROES = gzipSync(ZEROES, { level: 1 });

/** A server that answers everything with these bytes, encoded so. */
async function sending(encoding: string, bytes: Buffer, status = 200): Promise<LocalServer> {
  return LocalServer.http((_, response) => {
    response.writeHead(status, { 'content-encoding': encoding }).end(bytes);
  });
}

describe('a reply that is packed', () => {
  it.each([
    { encoding: 'gzip', bytes: gzipSync(TEXT) },
    { encoding: 'GZIP', bytes: gzipSync(TEXT) },
    { encoding: 'x-gzip', bytes: gzipSync(TEXT) },
    { encoding: 'deflate', bytes: deflateSync(TEXT) },
    { encoding: 'br', bytes: brotliCompressSync(TEXT) },
    { encoding: 'zstd', bytes: zstdCompressSync(TEXT) },
    { encoding: 'deflate, gzip', bytes: gzipSync(deflateSync(TEXT)) },
    { encoding: 'identity', bytes: Buffer.from(TEXT) },
    { encoding: '', bytes: Buffer.from(TEXT) }
  ])('is read though nobody asked for it: $encoding', async ({ encoding, bytes }) => {
    for (const status of [200, 404, 503]) {
      await using there = await sending(encoding, bytes, status);
      await using line = new LineTo(there.url);
      expect(await line.get()).toMatchObject({ status, text: TEXT });
    }
  });

  it('is not asked for', async () => {
    const seen: IncomingHttpHeaders[] = [];
    await using there = await LocalServer.http(({ headers }, response) => {
      seen.push(headers);
      response.end();
    });
    await using line = new LineTo(there.url);
    await line.get();
    expect(seen[0]?.['accept-encoding']).toBe('identity');
  });

  it.each([
    { encoding: 'gzip', bytes: GZIPPED_ZEROES },
    { encoding: 'gzip, gzip', bytes: gzipSync(GZIPPED_ZEROES) },
    {
      encoding: 'br',
      bytes: brotliCompressSync(ZEROES, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 1 }
      })
    }
  ])(
    'and would be endless costs no more than was to be read: $encoding',
    async ({ encoding, bytes }) => {
      await using there = await sending(encoding, bytes);
      await using line = new LineTo(there.url, { maxBytes: 10_000 });
      const before = process.memoryUsage().arrayBuffers;
      expect(await line.failure()).toMatchObject({ at: 'size' });
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    }
  );

  it.each([
    { name: 'is not what it says', encoding: 'gzip', bytes: Buffer.from(TEXT) },
    { name: 'is not what it says', encoding: 'deflate', bytes: Buffer.from(TEXT) },
    { name: 'is not what it says', encoding: 'br', bytes: Buffer.from(TEXT) },
    { name: 'is not what it says', encoding: 'zstd', bytes: Buffer.from(TEXT) },
    { name: 'ends in the middle', encoding: 'gzip', bytes: gzipSync(TEXT).subarray(0, 40) },
    { name: 'ends in the middle', encoding: 'br', bytes: brotliCompressSync(TEXT).subarray(0, 20) },
    { name: 'ends in the middle', encoding: 'zstd', bytes: zstdCompressSync(TEXT).subarray(0, 20) }
  ])('and $name is an answer that cannot be unpacked: $encoding', async ({ encoding, bytes }) => {
    await using there = await sending(encoding, bytes);
    await using line = new LineTo(there.url);
    const facts = { isCut: false, isPacked: true };
    expect(await line.failure()).toMatchObject({ at: 'answer', facts });
    expect(await line.failure()).toMatchObject({ at: 'answer' });
  });

  it('may be the body of a challenge', async () => {
    await using there = await LocalServer.http(({ headers }, response) => {
      const isAllowed = headers.authorization !== undefined;
      const challenge = isAllowed ? {} : { 'www-authenticate': 'Digest nonce="n"' };
      response.writeHead(isAllowed ? 200 : 401, { 'content-encoding': 'gzip', ...challenge });
      response.end(gzipSync(TEXT));
    });
    await using line = new LineTo(there.url);
    expect(await line.get()).toMatchObject({ text: TEXT, wasKeySent: true });
    expect(there.opened).toBe(1);
  });
});
