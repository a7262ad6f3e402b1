import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DigestSession, parseChallenges } from '../../src/http/digest.ts';

/** Challenges as `[scheme, {name: value}]`, which reads well in a table. */
function read(header: string | string[] | undefined): [string, Record<string, string>][] {
  return parseChallenges(header).map(({ scheme, params }) => [scheme, Object.fromEntries(params)]);
}

describe('the challenges in a WWW-Authenticate header', () => {
  it.each([
    { name: 'no header', header: undefined, want: [] },
    { name: 'an empty header', header: '', want: [] },
    { name: 'only commas and blanks', header: ' , ,\t, ', want: [] },
    {
      name: 'what Ops Manager sends',
      header:
        'Digest realm="MMS Public API", domain="", nonce="gYoDbA1nWr+kSfZ9zqaLSVaRiplN8Rr/", algorithm=MD5, qop="auth", stale=false',
      want: [
        [
          'digest',
          {
            realm: 'MMS Public API',
            domain: '',
            nonce: 'gYoDbA1nWr+kSfZ9zqaLSVaRiplN8Rr/',
            algorithm: 'MD5',
            qop: 'auth',
            stale: 'false'
          }
        ]
      ]
    },
    {
      name: 'an unknown parameter such as op',
      header: 'Digest realm="r", op="auth", nonce="n"',
      want: [['digest', { realm: 'r', op: 'auth', nonce: 'n' }]]
    },
    {
      name: 'commas and equal signs inside quotes',
      header: 'Digest realm="a, b=c, Basic", qop="auth, auth-int", nonce="n"',
      want: [['digest', { realm: 'a, b=c, Basic', qop: 'auth, auth-int', nonce: 'n' }]]
    },
    {
      name: 'escaped quotes and backslashes',
      header: 'Digest realm="say \\"hi\\", \\\\ \\a", nonce="n"',
      want: [['digest', { realm: 'say "hi", \\ a', nonce: 'n' }]]
    },
    {
      name: 'nonces with colons, equal signs, plus and slash',
      header: 'Digest nonce="1:2==+/=:", realm="r"',
      want: [['digest', { nonce: '1:2==+/=:', realm: 'r' }]]
    },
    {
      name: 'two challenges in one header',
      header: 'Digest realm="a", nonce="1", Digest realm="b", nonce="2"',
      want: [
        ['digest', { realm: 'a', nonce: '1' }],
        ['digest', { realm: 'b', nonce: '2' }]
      ]
    },
    {
      name: 'two challenges in two headers',
      header: ['Basic realm="a"', 'Digest realm="b", nonce="2"'],
      want: [
        ['basic', { realm: 'a' }],
        ['digest', { realm: 'b', nonce: '2' }]
      ]
    },
    {
      name: 'schemes without parameters or with a token68',
      header: 'Negotiate, NTLM TlRMTVNTUAAB+/==, Digest nonce="n", Bearer abc , Basic realm="x"',
      want: [
        ['negotiate', {}],
        ['ntlm', {}],
        ['digest', { nonce: 'n' }],
        ['bearer', {}],
        ['basic', { realm: 'x' }]
      ]
    },
    {
      name: 'odd spacing and empty list elements',
      header: ' ,,  DIGEST   Realm = "r"  ,\t, NONCE\t=\t"n",qop=auth , ',
      want: [['digest', { realm: 'r', nonce: 'n', qop: 'auth' }]]
    },
    {
      name: 'a parameter given twice, of which the first counts',
      header: 'Digest nonce="first", nonce="second"',
      want: [['digest', { nonce: 'first' }]]
    },
    {
      name: 'a quote that is never closed',
      header: 'Digest realm="never, nonce=n',
      want: [['digest', { nonce: 'n' }]]
    },
    {
      name: 'a scheme with a token, at the end and before another',
      header: ['Negotiate  dG9rZW4=', 'NTLM \tdG9rZW4==, Digest nonce="n"'],
      want: [
        ['negotiate', {}],
        ['ntlm', {}],
        ['digest', { nonce: 'n' }]
      ]
    },
    {
      name: 'parameters without a value',
      header: 'Digest realm=, nonce="n"',
      want: [['digest', { nonce: 'n' }]]
    }
  ])('are read from $name', ({ header, want }) => {
    expect(read(header)).toEqual(want);
  });
});

describe('whatever a server writes into the header', () => {
  const piece = fc.constantFrom(
    ...['Digest', 'Basic', 'realm', 'nonce', 'qop', 'auth', 'stale', 'true', 'algorithm', 'MD5'],
    ...['"', '\\', '\\"', '=', ',', ' ', '\t', '/', '+', ':', '\u0000', 'ä', '\n', 'SHA-256']
  );
  const noise = fc.array(piece, { maxLength: 60, size: 'max' }).map((parts) => parts.join(''));
  const nearly = noise.map((text) => `Digest realm="r", nonce="n${text}`);

  it('is read without an error, and answered only with what it asked for', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fc.oneof(noise, nearly, fc.string({ maxLength: 200 })), (header) => {
        const session = new DigestSession({ publicKey: 'public', privateKey: 'never-shown' });
        const verdict = session.challenge(header);
        seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
        const answer = session.authorize('GET', '/')?.header;
        if (verdict !== 'answerable' && verdict !== 'stale') return answer === undefined;
        if (answer === undefined) return false;
        return answer.startsWith('Digest username="public"') && !answer.includes('never-shown');
      }),
      { numRuns: 10_000 }
    );
    for (const verdict of ['answerable', 'unanswerable', 'no-challenge']) {
      expect([verdict, (seen.get(verdict) ?? 0) > 1_000]).toEqual([verdict, true]);
    }
  });

  const TOKEN = /^[a-z][a-z0-9-]{0,9}$/;
  const token = fc.stringMatching(TOKEN);
  const challenge = fc.record({
    scheme: token,
    params: fc.dictionary(token, fc.string({ maxLength: 20 }), {
      minKeys: 1,
      maxKeys: 5,
      noNullPrototype: true
    })
  });
  it('comes back as it was when it is written by the rules', () => {
    const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;
    const written = ({ scheme, params }: { scheme: string; params: Record<string, string> }) =>
      `${scheme} ${Object.entries(params)
        .map(([name, value]) => `${name}=${quoted(value)}`)
        .join(', ')}`;
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), fc.boolean(), (challenges, inOne) => {
        const headers = challenges.map(written);
        const got = parseChallenges(inOne ? headers.join(', ') : headers);
        expect(
          got.map(({ scheme, params }) => ({ scheme, params: Object.fromEntries(params) }))
        ).toEqual(challenges);
      }),
      { numRuns: 600 }
    );
  });
});
