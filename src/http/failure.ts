/**
 * What went wrong between here and there, sorted by where:
 *
 * - `name`: the name has no address (`ENOTFOUND`), or DNS does not answer.
 * - `connection`: none came about, or nothing came back on it.
 * - `certificate`: TLS, the other side's certificate is not accepted.
 * - `tls`: TLS, whatever else ends a handshake but a reset or a time limit; an alert.
 * - `proxy`: the proxy itself said no.
 * - `answer`: something came back, but no HTTP as this client reads it, or not the whole of it.
 * - `size`: more came back than was to be read.
 */
export type Where = 'name' | 'connection' | 'certificate' | 'tls' | 'proxy' | 'answer' | 'size';

/** Whose name, port, certificate or answer it is. */
export type Hop = 'proxy' | 'server';

/** What is known of a failure; its texts are the other side's, raw. */
interface FailureFacts {
  /** `host:port` of the proxy in between, when there is one. */
  readonly proxy?: string | undefined;
  /** Of `proxy`: its HTTP status. */
  readonly status?: number | undefined;
  /** Of `proxy`: whether it was given credentials. */
  readonly hadLogin?: boolean | undefined;
  /** Of `connection`: whether the server's was open, so that the request may be on its way. */
  readonly wasOpen?: boolean | undefined;
  /** Of `answer`: whether it is HTTP as far as it goes. */
  readonly isCut?: boolean | undefined;
  /** Of `answer`: whether its body came packed, and cannot be unpacked. */
  readonly isPacked?: boolean | undefined;
  readonly certificate?: ShownCertificate | undefined;
  /** Of `tls`: whether it ended after both sides had agreed on keys, over the client's certificate. */
  readonly isOverClient?: boolean | undefined;
}

/** The certificate that the other side showed, and who was given to be trusted beside the public ones. */
export interface ShownCertificate {
  readonly issuer?: string | undefined;
  /** Who issued the last certificate of the chain as it was shown. */
  readonly above?: string | undefined;
  /** Whether it was shown without any of an authority between. */
  readonly isAlone: boolean;
  /** Names of the authorities in `ca-certificate`; empty without one. */
  readonly given: readonly string[];
}

/** A call that got no whole answer. */
export class HttpFailure extends Error {
  readonly at: Where;
  readonly hop: Hop;
  /** Node's, OpenSSL's or undici's, such as `ECONNREFUSED`; empty if there is none. */
  readonly code: string;
  readonly facts: FailureFacts;

  constructor(
    at: Where,
    hop: Hop,
    { code = '', message, cause }: { code?: string; message: string; cause?: unknown },
    facts: FailureFacts = {}
  ) {
    super(message, { cause });
    this.name = 'HttpFailure';
    this.at = at;
    this.hop = hop;
    this.code = code;
    this.facts = facts;
  }
}

/** How far the newest connection has come. */
export interface Progress {
  readonly hop: Hop;
  /** What is under way; `open` once requests can be sent. */
  readonly stage: 'connection' | 'tls' | 'certificate' | 'open';
  /** Whether both sides of TLS have agreed on keys. */
  readonly hasKeys: boolean;
  readonly certificate?: ShownCertificate;
  /** What ended it, also after the handshake: TLS 1.3 refuses clients that late. */
  readonly end?: Error;
  /** Whether anything has come back since the last request was sent. */
  readonly hasAnswered: boolean;
}

/** The failure behind whatever undici, Node or OpenSSL threw. */
export function failureOf(
  error: unknown,
  progress: Progress,
  proxy: string | undefined
): HttpFailure {
  const known = [error, (error as Partial<Error>).cause].find(
    (each) => each instanceof HttpFailure
  );
  if (known) return known;
  const thrown = rootOf(error);
  // undici says only that the other side closed, also where TLS has said why.
  const root = thrown.code === 'UND_ERR_SOCKET' && progress.end ? rootOf(progress.end) : thrown;
  const at = whereOf(root, progress);
  return new HttpFailure(
    at,
    progress.hop,
    { ...root, cause: error },
    {
      proxy,
      ...(at === 'connection' && {
        wasOpen: progress.stage === 'open' && progress.hop === 'server'
      }),
      ...(at === 'answer' && {
        isCut: isEnd(root) || CUT.test(root.code + root.message),
        isPacked: UNPACKING.test(root.code)
      }),
      ...(at === 'certificate' && { certificate: progress.certificate }),
      ...(at === 'tls' && { isOverClient: progress.hasKeys && OVER_CLIENT.test(root.message) })
    }
  );
}

const CUT = /^UND_ERR_(?:SOCKET(?!bad )|RES_CONTENT_LENGTH_MISMATCH)|^HPE_INVALID_EOF/;
/** zlib’s, zstd’s and brotli’s. */
const UNPACKING = /^(?:Z_|ZSTD_|ERR_(?:_ERROR|BROTLI)_)/;
const OVER_CLIENT =
  /alert (?:(?:\w+ )?certificate|unknown ca|access denied|handshake failure|decrypt error)/;

function whereOf(root: Root, { stage, hasAnswered }: Progress): Where {
  if (root.syscall === 'getaddrinfo') return 'name';
  if (/^(?:ERR_SSL_|EPROTO$)/.test(root.code)) return 'tls';
  if (stage === 'open') return hasAnswered ? 'answer' : 'connection';
  return isEnd(root) ? 'connection' : stage;
}

/** A reset, a time limit, or another word of the system; not what TLS or HTTP found in the bytes. */
function isEnd({ code, syscall }: Root): boolean {
  return (
    syscall !== undefined ||
    /^(?:ECONNRESET|ETIMEDOUT|ABORT_ERR|UND_ERR_(?:CONNECT_TIMEOUT|DESTROYED|ABORTED))$/.test(code)
  );
}

interface Root {
  readonly code: string;
  readonly message: string;
  readonly syscall?: string | undefined;
}

/** The innermost error: it has the code that says what happened. Several addresses fail as one. */
function rootOf(error: unknown): Root {
  let current = error as Readonly<Record<string, unknown>>;
  for (let depth = 0; depth < 5; depth += 1) {
    const { errors, cause } = current;
    const inner: unknown = Array.isArray(errors) ? errors[0] : cause;
    if (typeof inner !== 'object' || inner === null) break;
    current = inner as typeof current;
  }
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const code = text(current['code']);
  const syscall = text(current['syscall']) || undefined;
  return { code, syscall, message: text(current['message']) || code || 'unknown error' };
}
