import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DigestSession } from '../../src/http/digest.ts';
import { PRIVATE_KEY, PUBLIC_KEY } from '../../simulator/ops-manager.ts';
import { ClientInFront } from '../support/client.ts';
import { IN_FIPS_MODE } from '../support/connection.ts';
import { LocalServer } from '../support/local-server.ts';
import { Random } from '../world/random.ts';

const NONCE_2617 = 'dcd98b7102dd2f0e8b11d0f600bfb0c093';
const NONCE_7616 = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
const CNONCE_7616 = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';

/** The first answer of a session to a challenge, as `GET /dir/index.html` carries it. */
function answerTo(challenge: string, cnonce: string, privateKey = 'Circle of Life') {
  const session = new DigestSession(
    { publicKey: 'Mufasa', privateKey },
    { makeCnonce: () => cnonce }
  );
  session.challenge(challenge);
  return session.authorize('GET', '/dir/index.html')?.header;
}

/** A parameter of the `Authorization` header, without its quotes. */
function param(header: string | undefined, name: string): string | undefined {
  const [, quoted, token] =
    new RegExp(`[ ,]${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^,]*))`).exec(header ?? '') ?? [];
  return quoted ?? token;
}

describe('the digest', () => {
  const of7616 = `Digest realm="http-auth@example.org", nonce="${NONCE_7616}"`;
  it.each([
    {
      name: 'RFC 2617',
      header: answerTo(
        `Digest realm="testrealm@host.com", nonce="${NONCE_2617}", qop="auth"`,
        '0a4f113b',
        'Circle Of Life'
      ),
      want: '6629fae49393a05397450978507c4ef1'
    },
    {
      name: 'RFC 2069, which has no qop',
      header: answerTo(
        `Digest realm="testrealm@host.com", nonce="${NONCE_2617}"`,
        '0a4f113b',
        'CircleOfLife'
      ),
      want: '1949323746fe6a43ef61f9606e7febea'
    },
    {
      name: 'RFC 7616, MD5',
      header: answerTo(`${of7616}, qop="auth, auth-int", algorithm=MD5`, CNONCE_7616),
      want: '8ca523f5e9506fed4657c9700eebdbec'
    },
    {
      name: 'RFC 7616, SHA-256',
      header: answerTo(`${of7616}, qop="auth, auth-int", algorithm=SHA-256`, CNONCE_7616),
      want: '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'
    }
  ])('agrees with the vector of $name', ({ header, want }) => {
    expect(param(header, 'response')).toBe(want);
  });

  it.each([
    { algorithm: 'MD5-sess', hash: 'md5' },
    { algorithm: 'SHA-256-sess', hash: 'sha256' }
  ])('mixes nonce and cnonce into the key for $algorithm', ({ algorithm, hash }) => {
    const h = (text: string): string => createHash(hash).update(text).digest('hex');
    const key = h(
      `${h('Mufasa:http-auth@example.org:Circle of Life')}:${NONCE_7616}:${CNONCE_7616}`
    );
    const want = h(`${key}:${NONCE_7616}:00000001:${CNONCE_7616}:auth:${h('GET:/dir/index.html')}`);
    const header = answerTo(`${of7616}, qop=auth, algorithm=${algorithm}`, CNONCE_7616);
    expect(param(header, 'response')).toBe(want);
  });

  it.each(['utf8', 'latin1'] as const)('hashes the bytes of a realm in %s', async (encoding) => {
    const realm = Buffer.from('Größe', encoding);
    const seen: string[] = [];
    await using server = await LocalServer.http(({ headers }, response) => {
      const { authorization = '' } = headers;
      seen.push(authorization);
      // Node writes and reads headers byte for byte, too.
      const challenge = `Digest realm="${realm.toString('latin1')}", nonce="n"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    await using front = new ClientInFront(server.url);
    await front.failure();
    const [, sent = ''] = seen;
    const h = (...parts: readonly (string | Buffer)[]): string =>
      parts.reduce((sum, part) => sum.update(part), createHash('md5')).digest('hex');
    const uri = /uri="([^"]*)"/.exec(sent)?.[1] ?? '';
    const key = h(`${PUBLIC_KEY}:`, realm, `:${PRIVATE_KEY}`);
    expect(sent).toContain(`response="${h(`${key}:n:${h(`GET:${uri}`)}`)}"`);
    expect(Buffer.from(sent, 'latin1').includes(realm)).toBe(true);
  });
});

const KEY = { publicKey: 'Mufasa', privateKey: 'Circle of Life' };
const OPS_MANAGER =
  'Digest realm="MMS Public API", domain="", nonce="n1+/=:", algorithm=MD5, qop="auth", stale=false';

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

function sessionWith(challenge: string | string[]): DigestSession {
  const session = new DigestSession(KEY, { makeCnonce: () => 'cnonce' });
  session.challenge(challenge);
  return session;
}

describe('a digest session', () => {
  it('has nothing to say before the first challenge', () => {
    expect(new DigestSession(KEY).authorize('GET', '/')?.header).toBeUndefined();
  });

  it('answers the challenge of RFC 7616 as the RFC prints it', () => {
    const session = new DigestSession(KEY, { makeCnonce: () => CNONCE_7616 });
    session.challenge(
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="${NONCE_7616}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
    );
    expect(session.authorize('GET', '/dir/index.html')?.header).toBe(
      `Digest username="Mufasa", realm="http-auth@example.org", nonce="${NONCE_7616}", uri="/dir/index.html", response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", algorithm=SHA-256, opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", qop=auth, nc=00000001, cnonce="${CNONCE_7616}"`
    );
  });

  it('answers a challenge without qop in the form of RFC 2069', () => {
    const session = sessionWith('Digest realm="r", nonce="n", op="auth"');
    const header = session.authorize('GET', '/')?.header;
    const response = md5(`${md5('Mufasa:r:Circle of Life')}:n:${md5('GET:/')}`);
    expect(header).toBe(
      `Digest username="Mufasa", realm="r", nonce="n", uri="/", response="${response}"`
    );
  });

  it('sends the cnonce with a session algorithm even without qop', () => {
    const header = sessionWith('Digest realm="r", nonce="n", algorithm=MD5-sess').authorize(
      'GET',
      '/'
    )?.header;
    expect(param(header, 'cnonce')).toBe('cnonce');
    expect(param(header, 'nc')).toBeUndefined();
  });

  it('counts each use of a nonce in eight hexadecimal digits, from 1 for each nonce', () => {
    const session = sessionWith(OPS_MANAGER);
    const counts = Array.from({ length: 1100 }, () =>
      param(session.authorize('GET', '/')?.header, 'nc')
    );
    expect(counts[0]).toBe('00000001');
    expect(counts[9]).toBe('0000000a');
    expect(counts[399]).toBe('00000190');
    expect(counts[1023]).toBe('00000400');
    expect(new Set(counts).size).toBe(1100);
    session.challenge(OPS_MANAGER.replace('n1', 'n2'));
    expect(param(session.authorize('GET', '/')?.header, 'nc')).toBe('00000001');
  });

  it('makes a cnonce of its own for each nonce, which cannot be guessed', () => {
    const session = new DigestSession(KEY);
    const cnonces = Array.from({ length: 100 }, (_, index) => {
      session.challenge(OPS_MANAGER.replace('n1', `n${index}`));
      return param(session.authorize('GET', '/')?.header, 'cnonce');
    });
    expect(new Set(cnonces).size).toBe(100);
    expect(cnonces[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('goes on with the nonce that the server announces', () => {
    const session = sessionWith(OPS_MANAGER);
    const used = session.authorize('GET', '/');
    if (used) session.accept(used, 'rspauth="x", nextnonce="next, nonce", qop=auth');
    const header = session.authorize('GET', '/')?.header;
    expect(param(header, 'nonce')).toBe('next, nonce');
    expect(param(header, 'nc')).toBe('00000001');
    expect(param(header, 'realm')).toBe('MMS Public API');
  });

  it.each(['rspauth="x"', '', 'nextnonce', ',', 'nextnonce="n1+/=:"'])(
    'keeps its nonce, and goes on counting, when %j announces no other',
    (header) => {
      const session = sessionWith(OPS_MANAGER);
      const used = session.authorize('GET', '/');
      if (used) session.accept(used, header);
      expect(param(session.authorize('GET', '/')?.header, 'nc')).toBe('00000002');
    }
  );

  it('goes on counting when a server gives the same nonce again', () => {
    const session = sessionWith(OPS_MANAGER);
    const used = session.authorize('GET', '/');
    session.challenge(OPS_MANAGER, used);
    expect(param(session.authorize('GET', '/')?.header, 'nc')).toBe('00000002');
  });

  it('gives back quotes and backslashes of the challenge as they came', () => {
    const header = sessionWith(
      'Digest realm="a \\"b\\" \\\\ c", nonce="n", opaque="o\\"", qop=auth'
    ).authorize('GET', '/?a="b"')?.header;
    expect(param(header, 'realm')).toBe('a \\"b\\" \\\\ c');
    expect(param(header, 'opaque')).toBe('o\\"');
    const key = md5('Mufasa:a "b" \\ c:Circle of Life');
    const response = md5(`${key}:n:00000001:cnonce:auth:${md5('GET:/?a="b"')}`);
    expect(param(header, 'response')).toBe(response);
  });

  it('signs for an empty realm when the challenge names none', () => {
    const header = sessionWith('Digest nonce="n"').authorize('GET', '/')?.header;
    expect(header).toContain('realm="", nonce="n"');
  });

  it('repeats the algorithm in the server’s own spelling', () => {
    const header = sessionWith('Digest realm="r", nonce="n", algorithm="md5", qop=auth').authorize(
      'GET',
      '/'
    )?.header;
    expect(param(header, 'algorithm')).toBe('md5');
  });
});

describe('of several challenges', () => {
  const md5 = 'Digest realm="r", nonce="of-md5", algorithm=MD5, qop="auth"';
  const sha = 'Digest realm="r", nonce="of-sha", algorithm=SHA-256, qop="auth"';
  const sess = 'Digest realm="r", nonce="of-sess", algorithm=MD5-sess, qop="auth"';
  const shaSess = 'Digest realm="r", nonce="of-sha-sess", algorithm=SHA-256-sess, qop="auth"';
  const unknown = 'Digest realm="r", nonce="of-512", algorithm=SHA-512-256, qop="auth"';
  const integrity = 'Digest realm="r", nonce="of-int", algorithm=SHA-256, qop="auth-int"';
  it.each([
    { name: 'the strongest', headers: [md5, sha], want: 'of-sha' },
    { name: 'the strongest, whatever the order', headers: [sha, md5], want: 'of-sha' },
    { name: 'the strongest in one header', headers: `${md5}, ${sha}`, want: 'of-sha' },
    { name: 'SHA-256-sess before MD5', headers: [md5, shaSess], want: 'of-sha-sess' },
    { name: 'MD5 before MD5-sess', headers: [sess, md5], want: 'of-md5' },
    { name: 'one of a known algorithm', headers: [unknown, md5], want: 'of-md5' },
    { name: 'one whose qop it can give', headers: [integrity, md5], want: 'of-md5' },
    { name: 'the digest beside Basic', headers: ['Basic realm="b"', md5], want: 'of-md5' },
    { name: 'the first value of two', headers: `${md5}, nonce="other"`, want: 'of-md5' },
    {
      name: 'a value beside none',
      headers: `Digest nonce=, ${md5.slice('Digest '.length)}`,
      want: 'of-md5'
    },
    { name: 'the first of two alike', headers: [md5, md5.replace('of-', '2-')], want: 'of-md5' }
  ])('it answers $name', ({ headers, want }) => {
    expect(param(sessionWith(headers).authorize('GET', '/')?.header, 'nonce')).toBe(want);
  });
});

describe('the nonces of several nodes', () => {
  const challenge = (nonce: string, realm = 'r', algorithm = 'MD5'): string =>
    `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}, qop=auth`;

  it.each([
    { name: 'nothing changed', again: challenge('a'), nc: '00000002' },
    { name: 'another text', again: challenge('b'), nc: '00000001' },
    { name: 'another realm', again: challenge('a', 's'), nc: '00000001' },
    { name: 'another algorithm', again: challenge('a', 'r', 'SHA-256'), nc: '00000001' }
  ])(
    'are told apart by text, realm and algorithm: with $name the count is $nc',
    ({ again, nc }) => {
      const session = sessionWith(challenge('a'));
      session.authorize('GET', '/');
      session.challenge(again);
      expect(param(session.authorize('GET', '/')?.header, 'nc')).toBe(nc);
    }
  );

  it.each([
    { name: 'a good one that is refused gives way', isGood: true, ageMs: 0, next: 'b' },
    { name: 'one that was never good is no worse for it', isGood: false, ageMs: 0, next: 'a' },
    { name: 'one of 55 s has met a strange node', isGood: false, ageMs: 55_000, next: 'a' },
    { name: 'an older one has aged', isGood: false, ageMs: 55_001, next: 'b' }
  ])('take turns: $name', ({ isGood, ageMs, next }) => {
    let nowMs = 0;
    const session = new DigestSession(KEY, { now: () => nowMs });
    session.challenge(challenge('a'));
    const used = session.authorize('GET', '/');
    if (used && isGood) session.accept(used, undefined);
    nowMs = ageMs;
    session.challenge(challenge('b'), session.authorize('GET', '/'));
    expect(param(session.authorize('GET', '/')?.header, 'nonce')).toBe(next);
  });
});

describe('the verdict on a 401', () => {
  it.each([
    { name: 'a digest', header: OPS_MANAGER, want: 'answerable' },
    { name: 'stale=true', header: 'Digest nonce="n", stale=true', want: 'stale' },
    { name: 'stale="TRUE"', header: 'Digest nonce="n", stale="TRUE"', want: 'stale' },
    { name: 'no header', header: undefined, want: 'no-challenge' },
    { name: 'an empty header', header: '', want: 'no-challenge' },
    { name: 'Basic', header: 'Basic realm="MMS Public API"', want: 'unanswerable' },
    { name: 'Basic with a nonce', header: 'Basic realm="r", nonce="n"', want: 'unanswerable' },
    { name: 'a nonce without a value', header: 'Digest realm="r", nonce=', want: 'unanswerable' },
    { name: 'a digest without a nonce', header: 'Digest realm="r"', want: 'unanswerable' },
    {
      name: 'an unknown algorithm',
      header: 'Digest nonce="n", algorithm=SHA-512-256',
      want: 'unanswerable'
    },
    { name: 'auth-int alone', header: 'Digest nonce="n", qop="auth-int"', want: 'unanswerable' }
  ])('is $want for $name', ({ header, want }) => {
    expect(new DigestSession(KEY).challenge(header)).toBe(want);
  });

  it.each([
    { name: 'MD5 alone', headers: [OPS_MANAGER], want: 'hash-refused', nonce: undefined },
    {
      name: 'no algorithm, which means MD5',
      headers: ['Digest nonce="n"'],
      want: 'hash-refused',
      nonce: undefined
    },
    {
      name: 'SHA-256, too',
      headers: [OPS_MANAGER, 'Digest nonce="of-sha", algorithm=SHA-256'],
      want: 'answerable',
      nonce: 'of-sha'
    },
    { name: 'Basic alone', headers: ['Basic realm="r"'], want: 'unanswerable', nonce: undefined }
  ])('is $want for $name where Node refuses MD5', ({ headers, want, nonce }) => {
    const session = new DigestSession(KEY, { createHash: IN_FIPS_MODE });
    expect(session.challenge(headers)).toBe(want);
    expect(param(session.authorize('GET', '/')?.header, 'nonce')).toBe(nonce);
  });

  it.each([undefined, 'Basic realm="r"', 'Digest realm="r"'])(
    'leaves the session its nonce when it is %j, which another node did not say',
    (header) => {
      const session = sessionWith(OPS_MANAGER);
      session.challenge(header, session.authorize('GET', '/'));
      expect(param(session.authorize('GET', '/')?.header, 'nc')).toBe('00000002');
    }
  );
});

describe('the digest of a Jetty since June 2026', () => {
  const given = (opaque: string): string =>
    `Digest realm="MMS Public API", domain="", nonce="${opaque.repeat(64)}", algorithm=SHA-256, qop="auth", stale=false, opaque="${opaque}", charset=UTF-8, userhash=false`;

  it('has the opaque of its own nonce, and a count of exactly eight digits', () => {
    const session = sessionWith(given('a'));
    const first = session.authorize('GET', '/');
    session.challenge(given('b'), first);
    for (const header of [first?.header, session.authorize('GET', '/')?.header]) {
      expect(param(header, 'nonce')).toBe(param(header, 'opaque')?.repeat(64));
      expect(param(header, 'nc')).toMatch(/^[0-9a-f]{8}$/);
      expect(param(header, 'algorithm')).toBe('SHA-256');
    }
  });

  it('is of the key in UTF-8', () => {
    const session = new DigestSession(
      { publicKey: 'Müfasa', privateKey: 'Kreis des Lebens ☉' },
      { makeCnonce: () => 'c' }
    );
    session.challenge('Digest realm="r", nonce="n", qop=auth, charset=UTF-8');
    const h = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');
    const want = h(`${h('Müfasa:r:Kreis des Lebens ☉')}:n:00000001:c:auth:${h('GET:/')}`);
    expect(param(session.authorize('GET', '/')?.header, 'response')).toBe(want);
  });
});

/** What a session takes from a header: the verdict, and what it gives back of the challenge. */
function taken(header: string | string[] | undefined) {
  const session = new DigestSession(KEY);
  const login = session.challenge(header);
  const answer = session.authorize('GET', '/')?.header;
  const [realm, nonce, opaque] = ['realm', 'nonce', 'opaque'].map((name) => param(answer, name));
  return answer === undefined ? { login } : { login, realm, nonce, opaque };
}

describe('of a WWW-Authenticate header', () => {
  it.each([
    { name: 'none', header: undefined, want: { login: 'no-challenge' } },
    { name: 'an empty one', header: '', want: { login: 'no-challenge' } },
    { name: 'only commas and blanks', header: ' , ,\t, ', want: { login: 'no-challenge' } },
    {
      name: 'what Ops Manager sends',
      header:
        'Digest realm="MMS Public API", domain="", nonce="gYoDbA1nWr+kSfZ9zqaLSVaRiplN8Rr/", algorithm=MD5, qop="auth", stale=false',
      want: { realm: 'MMS Public API', nonce: 'gYoDbA1nWr+kSfZ9zqaLSVaRiplN8Rr/' }
    },
    {
      name: 'an unknown parameter such as op',
      header: 'Digest realm="r", op="auth", nonce="n", opaque="o"',
      want: { realm: 'r', nonce: 'n', opaque: 'o' }
    },
    {
      name: 'commas and equal signs inside quotes',
      header: 'Digest realm="a, b=c, Basic", qop="auth, auth-int", nonce="n"',
      want: { realm: 'a, b=c, Basic', nonce: 'n' }
    },
    {
      name: 'escaped quotes and backslashes, of which those that say nothing go',
      header: 'Digest realm="say \\"hi\\", \\\\ \\a", nonce="n"',
      want: { realm: 'say \\"hi\\", \\\\ a', nonce: 'n' }
    },
    {
      name: 'nonces with colons, equal signs, plus and slash',
      header: 'Digest nonce="1:2==+/=:", realm="r"',
      want: { realm: 'r', nonce: '1:2==+/=:' }
    },
    {
      name: 'two challenges in one header, of which the first counts',
      header: 'Digest realm="a", nonce="1", Digest realm="b", nonce="2"',
      want: { realm: 'a', nonce: '1' }
    },
    {
      name: 'two challenges in two headers',
      header: ['Basic realm="a", nonce="1"', 'Digest realm="b", nonce="2"'],
      want: { realm: 'b', nonce: '2' }
    },
    {
      name: 'schemes without parameters or with a token68',
      header: 'Negotiate, NTLM TlRMTVNTUAAB+/==, Digest nonce="n", Bearer abc , Basic realm="x"',
      want: { realm: '', nonce: 'n' }
    },
    {
      name: 'odd spacing and empty list elements',
      header: ' ,,  DIGEST   Realm = "r"  ,\t, NONCE\t=\t"n",qop=auth , ',
      want: { realm: 'r', nonce: 'n' }
    },
    {
      name: 'a parameter given twice, of which the first counts',
      header: 'Digest nonce="first", nonce="second"',
      want: { realm: '', nonce: 'first' }
    },
    {
      name: 'a quote that is never closed',
      header: 'Digest realm="never, nonce=n',
      want: { realm: '', nonce: 'n' }
    },
    {
      name: 'a scheme with a token, at the end and before another',
      header: ['Negotiate  dG9rZW4=', 'NTLM \tdG9rZW4==, Digest nonce="n"'],
      want: { realm: '', nonce: 'n' }
    },
    {
      name: 'a token that stands beside no scheme',
      header: 'Negotiate dG9rZW4=, nonce="n", Basic',
      want: { login: 'unanswerable' }
    },
    {
      name: 'parameters without a value',
      header: 'Digest realm=, nonce="n"',
      want: { realm: '', nonce: 'n' }
    }
  ])('a session takes $name', ({ header, want }) => {
    const answerable = { login: 'answerable', opaque: undefined };
    expect(taken(header)).toEqual('login' in want ? want : { ...answerable, ...want });
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
        const login = session.challenge(header);
        seen.set(login, (seen.get(login) ?? 0) + 1);
        const answer = session.authorize('GET', '/')?.header;
        if (login !== 'answerable' && login !== 'stale') return answer === undefined;
        if (answer === undefined) return false;
        return answer.startsWith('Digest username="public"') && !answer.includes('never-shown');
      }),
      { numRuns: 10_000 }
    );
    for (const login of ['answerable', 'unanswerable', 'no-challenge']) {
      expect([login, (seen.get(login) ?? 0) > 1_000]).toEqual([login, true]);
    }
  });

  const text = fc.string({ maxLength: 20 }).filter((each) => !/^\s*$/.test(each));
  const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/);
  const strange = fc.record({ scheme: token, name: token, value: fc.string({ maxLength: 20 }) });
  it('comes back as it was when it is written by the rules, whatever stands around it', () => {
    const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;
    const others = fc
      .array(
        strange.filter(({ scheme }) => scheme !== 'digest'),
        { maxLength: 3 }
      )
      .map((all) => all.map(({ scheme, name, value }) => `${scheme} ${name}=${quoted(value)}`));
    const own = fc.record({ realm: text, nonce: text, opaque: text });
    fc.assert(
      fc.property(others, own, others, fc.boolean(), (before, params, behind, inOne) => {
        const written = Object.entries(params).map(([name, value]) => `${name}=${quoted(value)}`);
        const headers = [...before, `Digest ${written.join(', ')}`, ...behind];
        const { login, ...got } = taken(inOne ? headers.join(', ') : headers);
        const want = Object.entries(params).map(([name, value]) => [
          name,
          quoted(value).slice(1, -1)
        ]);
        expect([login, got]).toEqual(['answerable', Object.fromEntries(want)]);
      }),
      { numRuns: 600 }
    );
  });
});

const LIFETIME_MS = 60_000;
const MAX_ANSWERS = 3;

/** What a node says to a nonce that is not its own: Jetty's manner before and since June 2026. */
const MANNERS = ['stale=true', 'stale=false'] as const;
type Manner = (typeof MANNERS)[number];

/** Nodes that know only their own nonces, as Jetty's authenticator does, and a time that is given. */
class Nodes {
  readonly #manner: Manner;
  #born = new Map<string, { readonly node: number; readonly at: number }>();
  #made = 0;
  nowMs = 0;

  constructor(manner: Manner) {
    this.#manner = manner;
  }

  /** What a node says to a digest; undefined when it lets the request pass. */
  challenge(node: number, header: string | undefined): string | undefined {
    const nonce = /nonce="([^"]*)"/.exec(header ?? '')?.[1] ?? '';
    const known = this.#born.get(nonce);
    const isOwn = known?.node === node;
    const isAged = isOwn && this.nowMs - known.at > LIFETIME_MS;
    if (isOwn && !isAged) return undefined;
    this.#made += 1;
    const fresh = `${node}-${this.#made}`;
    this.#born.set(fresh, { node, at: this.nowMs });
    const stale = nonce === '' ? 'stale=false' : isAged ? 'stale=true' : this.#manner;
    return `Digest realm="r", nonce="${fresh}", qop="auth", ${stale}`;
  }

  /** As after a restart of all. */
  forget(): void {
    this.#born = new Map();
  }
}

/** Who gets a request, and whether the one before it was refused, which some balancers go by. */
type Balancer = (wasRefused: boolean) => number;

/** Reads in front of nodes, `pauseMs` apart. */
function reading(balancer: Balancer, manner: Manner, pauseMs = 10_000) {
  const nodes = new Nodes(manner);
  const session = new DigestSession(
    { publicKey: 'a', privateKey: 'b' },
    { now: () => nodes.nowMs }
  );
  let requests = 0;
  let wasRefused = false;
  /** Whether the read passed with at most three answers to challenges. */
  const read = (): boolean => {
    for (let answers = 0; answers <= MAX_ANSWERS; answers += 1) {
      const authorization = session.authorize('GET', '/');
      requests += 1;
      const challenge = nodes.challenge(balancer(wasRefused), authorization?.header);
      wasRefused = challenge !== undefined;
      if (challenge === undefined && authorization) {
        session.accept(authorization, undefined);
        return true;
      }
      session.challenge(challenge, authorization);
    }
    return false;
  };
  /** So many reads; gives requests for each, and how many failed. */
  const pass = (reads: number): { readonly each: number; readonly failed: number } => {
    const before = requests;
    let failed = 0;
    for (let index = 0; index < reads; index += 1) {
      if (!read()) failed += 1;
      nodes.nowMs += pauseMs;
    }
    return { each: (requests - before) / reads, failed };
  };
  return { pass, nodes };
}

function inTurn(...order: readonly number[]): Balancer {
  let next = 0;
  return () => order[next++ % order.length] ?? 0;
}

/** As haproxy: the next node, but the same one again after a 401. */
function inTurnUnlessRefused(count: number): Balancer {
  let next = 0;
  let node = 0;
  return (wasRefused) => {
    if (!wasRefused) node = next++ % count;
    return node;
  };
}

describe.each(MANNERS)('behind a balancer, with %s for a strange nonce,', (manner) => {
  it.each<{ name: string; balancer: () => Balancer; most: number; pauseMs?: number }>([
    { name: 'one node costs a challenge for each nonce', balancer: () => inTurn(0), most: 1.2 },
    { name: 'two nodes in turn', balancer: () => inTurn(0, 1), most: 1.4 },
    { name: 'three nodes in turn', balancer: () => inTurn(0, 1, 2), most: 1.5 },
    { name: 'two nodes of which one has more to do', balancer: () => inTurn(0, 0, 1), most: 1.5 },
    { name: 'two nodes that change after two', balancer: () => inTurn(0, 0, 1, 1), most: 2 },
    { name: 'two nodes as haproxy does it', balancer: () => inTurnUnlessRefused(2), most: 2.1 },
    { name: 'three nodes as haproxy does it', balancer: () => inTurnUnlessRefused(3), most: 2.1 },
    {
      name: 'one node at two minutes a read',
      balancer: () => inTurn(0),
      most: 2,
      pauseMs: 120_000
    },
    { name: 'two in turn at two minutes', balancer: () => inTurn(0, 1), most: 3, pauseMs: 120_000 }
  ])('$name: no read fails, at $most requests a read or fewer', ({ balancer, most, pauseMs }) => {
    const { each, failed } = reading(balancer(), manner, pauseMs).pass(700);
    expect(failed).toBe(0);
    expect(each).toBeLessThanOrEqual(most);
  });

  it('four nodes in turn let most reads pass', () => {
    expect(reading(inTurn(0, 1, 2, 3), manner).pass(700).failed).toBeLessThan(700 / 6);
  });

  it('two nodes at random cost at most three requests a read, and few reads fail', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new Random(seed);
        const { each, failed } = reading(() => (random.chance(0.5) ? 0 : 1), manner).pass(500);
        expect(each).toBeLessThan(2.6);
        expect(failed).toBeLessThan(500 / 8);
      }),
      { numRuns: 4, endOnFailure: true }
    );
  });

  it('nodes that join and leave fail a read or two each time', () => {
    let order: readonly number[] = [0];
    let next = 0;
    const { pass } = reading(() => order[next++ % order.length] ?? 0, manner);
    for (const nodes of [[0], [0, 1], [1], [0, 1], [0, 1, 2], [0, 2], [2], [0, 1, 2]]) {
      order = nodes;
      const { each, failed } = pass(60);
      expect(failed).toBeLessThanOrEqual(2);
      expect(each).toBeLessThanOrEqual(1.8);
    }
  });

  it.each([1, 2, 3])('%d nodes that restart fail no read', (count) => {
    const order = Array.from({ length: count }, (_, node) => node);
    const { pass, nodes } = reading(inTurn(...order), manner, 1_000);
    for (let restarts = 0; restarts < 20; restarts += 1) {
      const { failed } = pass(7);
      expect(failed).toBe(0);
      nodes.forget();
    }
  });
});
