import type { Socket } from 'node:net';
import { buildConnector, Client, interceptors, type Dispatcher } from 'undici';
import { HttpFailure, type Hop, type Progress, type ShownCertificate } from './failure.ts';
import {
  certificatesIn,
  secureContextOf,
  type ConnectionSettings,
  type Proxy
} from './settings.ts';

type Connector = buildConnector.connector;
type Target = buildConnector.Options;

/**
 * HTTP/1.1 in undici’s own bounds, whatever NODE_OPTIONS says, and not by its experimental parser,
 * which UNDICI_USE_MILO would turn on.
 */
const PLAIN = { allowH2: false, useMilo: false, maxHeaderSize: 16 * 1024 } as const;
// Node tries each address for 250 ms, in which a far one does not answer.
const ATTEMPT_MS = 1_000;
const LONGEST_CHAIN = 20;

interface LineSettings extends ConnectionSettings {
  readonly baseUrl: URL;
  /** For TCP and for TLS, each, in milliseconds. */
  readonly timeoutMs: number;
  /** How long it stays open when nothing is sent, in milliseconds. */
  readonly keepAliveMs: number;
}

/** One request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** From the root of the host, with its query. */
  readonly path: string;
  /** Beside those that each request has. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** JSON. */
  readonly body?: string | undefined;
  /** How much of a reply is read at most, when it is unpacked. */
  readonly maxBytes: number;
}

/** What is open, or is being opened: thrown away as a whole. */
export class Line {
  readonly #baseUrl: URL;
  readonly #dialer: Dialer;
  readonly #client: Client;
  /** A proxy that is sent whole requests, as it is for http://. */
  readonly #forwarder: Proxy | undefined;

  constructor(settings: LineSettings) {
    const { baseUrl, proxy, keepAliveMs } = settings;
    const hasTunnel = baseUrl.protocol === 'https:';
    this.#baseUrl = baseUrl;
    this.#forwarder = hasTunnel ? undefined : proxy;
    this.#dialer = new Dialer(settings, hasTunnel);
    this.#client = new Client(this.#forwarder?.origin ?? baseUrl.origin, {
      ...PLAIN,
      connect: this.#dialer.connect,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      headersTimeout: 0, // There is one limit for the whole call.
      bodyTimeout: 0
    });
  }

  get progress(): Progress {
    return this.#dialer.progress;
  }

  /** Sends one request. @throws HttpFailure when it is the proxy that does not let it pass */
  async request(request: HttpRequest): Promise<Dispatcher.ResponseData> {
    const { method, path, headers, body, maxBytes } = request;
    const { host, origin } = this.#baseUrl;
    this.#dialer.noteRequest();
    const reply = await this.#client
      .compose(interceptors.decompress({ maxSize: maxBytes, skipErrorResponses: false }))
      .request({
        method,
        path: this.#forwarder ? `${origin}${path}` : path,
        headers: { ...headers, host, ...this.#forwarder?.headers },
        body: body ?? null
      });
    if (reply.statusCode !== 407 || !this.#forwarder) return reply;
    await reply.body.dump();
    throw proxyRefusal(407, this.#forwarder);
  }

  /** Ends it at once, also in the middle of connecting. */
  async close(reason: Error): Promise<void> {
    const ended = this.#client.destroy(reason);
    await this.#dialer.close(reason);
    await ended;
  }
}

/** Opens sockets to Ops Manager, directly or through a proxy, and knows how far the newest has come. */
class Dialer {
  readonly #settings: LineSettings;
  readonly #closing = new AbortController();
  readonly #tcp: Connector;
  /** Made when it is needed: it takes its time. */
  readonly #tls: Partial<Record<Hop, Connector>> = {};
  /** Who is in `ca-certificate`, once it is asked. */
  #given: readonly string[] | undefined;
  /** Asks the proxy for tunnels. */
  readonly #asking: Client | undefined;
  #progress: Progress = { hop: 'server', stage: 'connection', hasKeys: false, hasAnswered: false };

  /** `hasTunnel`: whether a proxy opens one, which it does for https:// alone. */
  constructor(settings: LineSettings, hasTunnel: boolean) {
    this.#settings = settings;
    const { proxy, timeoutMs } = settings;
    this.#tcp = buildConnector({
      allowH2: false,
      timeout: timeoutMs,
      signal: this.#closing.signal,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ATTEMPT_MS
    });
    const connect = this.#connector((target) => this.#reach('proxy', target));
    if (proxy && hasTunnel) this.#asking = new Client(proxy.origin, { ...PLAIN, connect });
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** For undici: the way to Ops Manager, or to the proxy that passes requests on. */
  get connect(): Connector {
    const { proxy } = this.#settings;
    if (this.#asking) return this.#connector((target) => this.#throughTunnel(target));
    return this.#connector((target) => this.#reach(proxy ? 'proxy' : 'server', target));
  }

  /** A request is about to be sent: nothing has answered it yet. */
  noteRequest(): void {
    this.#note({ hasAnswered: false });
  }

  /** Ends what is being opened. */
  async close(reason: Error): Promise<void> {
    this.#closing.abort(reason);
    await this.#asking?.destroy(reason);
  }

  /** undici takes an error with a code of its own for one that it may try again for ever. */
  #connector(dial: (target: Target) => Promise<Socket>): Connector {
    return (target, callback) => {
      dial(target).then(
        (socket) => callback(null, socket),
        (cause: unknown) => {
          callback(new Error('no connection', { cause }), null);
        }
      );
    };
  }

  async #reach(hop: Hop, target: Target): Promise<Socket> {
    this.#progress = { hop, stage: 'connection', hasKeys: false, hasAnswered: false };
    const socket = await opened(this.#tcp, { ...target, protocol: 'http:' });
    return target.protocol === 'https:' ? this.#secured(hop, target, socket) : this.#ready(socket);
  }

  async #throughTunnel(target: Target): Promise<Socket> {
    const { proxy } = this.#settings;
    // undici has taken the brackets of an IPv6 address away.
    const name = target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname;
    const path = `${name}:${target.port || '443'}`;
    this.#progress = { hop: 'proxy', stage: 'open', hasKeys: false, hasAnswered: false };
    const { socket, statusCode } = await this.#tunnel(path, { host: path, ...proxy?.headers });
    if (statusCode < 200 || statusCode >= 300) {
      socket.destroy();
      throw proxyRefusal(statusCode, proxy);
    }
    return this.#secured('server', target, socket);
  }

  async #tunnel(path: string, headers: Readonly<Record<string, string>>) {
    if (!this.#asking) throw new TypeError('no proxy');
    const { statusCode, socket } = await this.#asking.connect({ path, headers });
    return { statusCode, socket: socket as unknown as Socket };
  }

  async #secured(hop: Hop, target: Target, httpSocket: Socket): Promise<Socket> {
    this.#note({ hop, stage: 'tls', hasAnswered: false });
    this.#tls[hop] ??= this.#tlsConnector(hop);
    const socket = await opened(this.#tls[hop], { ...target, httpSocket }, (begun) =>
      this.#observe(begun as ObservableSocket)
    );
    return this.#ready(socket);
  }

  #tlsConnector(hop: Hop): Connector {
    const { caCertificate, clientCertificate, timeoutMs } = this.#settings;
    const material = hop === 'proxy' ? { caCertificate } : { caCertificate, clientCertificate };
    return buildConnector({
      allowH2: false,
      timeout: timeoutMs,
      secureContext: secureContextOf(material),
      // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 would turn the checks off.
      rejectUnauthorized: true
    });
  }

  #observe(socket: ObservableSocket): void {
    socket.once('keylog', () => {
      this.#note({ hasKeys: true });
    });
    // Comes before the certificate is judged; after a failure it can no longer be read.
    socket.prependOnceListener('secure', () => {
      this.#note({ stage: 'certificate', certificate: this.#shownBy(socket) });
    });
    socket.prependOnceListener('error', (end) => {
      this.#note({ end });
    });
  }

  #shownBy(socket: ObservableSocket): ShownCertificate {
    this.#given ??= namesIn(this.#settings.caCertificate ?? '');
    const leaf: Shown = socket.getPeerCertificate(true) ?? {};
    let last = leaf;
    // The last one that was shown is its own issuer, or has none.
    for (let shown = 0; shown < LONGEST_CHAIN; shown += 1) last = last.issuerCertificate ?? last;
    return {
      issuer: nameOf(leaf.issuer),
      above: nameOf(last.issuer),
      isAlone: last === leaf,
      given: this.#given
    };
  }

  #ready(socket: Socket): Socket {
    // What is asked of a proxy without a tunnel is answered by Ops Manager, or in its place.
    this.#note({ hop: this.#asking ? this.#progress.hop : 'server', stage: 'open' });
    // Also emitted at the end; bytes have come if there are some to be read.
    socket.prependListener('readable', () => {
      if (socket.readableLength > 0) this.#note({ hasAnswered: true });
    });
    return socket;
  }

  #note(news: Partial<Progress>): void {
    this.#progress = { ...this.#progress, ...news };
  }
}

/** A proxy that says no. */
function proxyRefusal(status: number, proxy: Proxy | undefined): HttpFailure {
  const message = `the proxy answered HTTP ${status}`;
  const hadLogin = proxy !== undefined && Object.keys(proxy.headers).length > 0;
  return new HttpFailure('proxy', 'proxy', { message }, { status, hadLogin, proxy: proxy?.host });
}

async function opened(
  connector: Connector,
  target: Target,
  onBegin?: (socket: unknown) => void
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const begin: (...args: Parameters<Connector>) => unknown = connector;
    const socket = begin(target, (...[error, connected]) => {
      if (error) reject(error);
      else resolve(connected);
    });
    onBegin?.(socket);
  });
}

function namesIn(caCertificate: string): readonly string[] {
  return certificatesIn(caCertificate).flatMap(
    (each) => nameOf(each?.toLegacyObject().subject) ?? []
  );
}

/** What a TLS socket tells before its handshake has come to its end. */
interface ObservableSocket {
  once(event: 'keylog', listener: () => void): void;
  prependOnceListener(event: 'secure', listener: () => void): void;
  prependOnceListener(event: 'error', listener: (error: Error) => void): void;
  getPeerCertificate(detailed: true): Shown | null;
}

interface Shown {
  readonly issuer?: DistinguishedName;
  readonly issuerCertificate?: Shown;
}

type DistinguishedName = Readonly<Partial<Record<string, string | string[]>>>;

function nameOf(name: object | undefined): string | undefined {
  const parts = ['CN', 'O'].flatMap((key) => (name as DistinguishedName | undefined)?.[key] ?? []);
  return parts.length > 0 ? parts.join(', ') : undefined;
}
