import { buildConnector, Client, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import type { ProxyStanding } from './network-failure.ts';
import type { ProxySettings } from './proxy.ts';
import { secureContextOf, type TlsMaterial } from './tls.ts';

/** How the runner reaches Ops Manager. */
export interface ConnectionSettings extends TlsMaterial {
  readonly proxies: ProxySettings;
}

// Ops Manager may close an idle connection earlier; a little more than the pause is enough for us.
const KEEP_ALIVE_MARGIN_MS = 5_000;

/** What is known of the last TLS handshake with Ops Manager. */
export interface Handshake {
  /** Who issued the certificate that it showed, trusted or not. */
  readonly issuer?: string | undefined;
  /** What ended the connection, also after the handshake: TLS 1.3 refuses clients that late. */
  readonly error?: Error | undefined;
}

/** A dispatcher with one kept-alive connection. */
export interface Connection {
  readonly dispatcher: Dispatcher;
  readonly handshake: () => Handshake;
  /** The proxy that the last connection was to go through; undefined for a direct one. */
  readonly proxy: () => ProxyStanding | undefined;
  /** Ends it at once, also in the middle of connecting. */
  readonly close: () => Promise<void>;
}

/** What a connection is made for. */
export interface ConnectionPurpose {
  /** `http:` or `https:`; one connection serves one kind of origin. */
  readonly protocol: string;
  /** The longest pause between two requests: so long it is kept alive, in milliseconds. */
  readonly longestPauseMs: number;
  /** For TCP and for TLS, each. */
  readonly connectTimeoutMs: number;
}

/** Opens nothing yet: the first request connects. */
export function createConnection(
  settings: ConnectionSettings,
  { protocol, longestPauseMs, connectTimeoutMs }: ConnectionPurpose
): Connection {
  const closing = new AbortController();
  const socketOptions = { allowH2: false, timeout: connectTimeoutMs, signal: closing.signal };
  const { caCertificate, clientCertificate } = settings;
  let handshake: Handshake = {};
  const secure = observed(
    buildConnector({ ...tlsOptions({ caCertificate, clientCertificate }), ...socketOptions }),
    (seen) => {
      handshake = seen;
    }
  );
  const isTls = protocol === 'https:';
  // As curl does: HTTP_PROXY is for http:// alone. undici would take it for https:// too.
  const proxyUrl = isTls ? settings.proxies.https : settings.proxies.http;
  let proxy: ProxyStanding | undefined;
  const direct = buildConnector(socketOptions);
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: proxyUrl,
    httpsProxy: proxyUrl,
    noProxy: settings.proxies.noProxy,
    connect: direct,
    proxyTls: { ...tlsOptions({ caCertificate }), ...socketOptions },
    factory: (origin, options: Client.Options) => {
      const given = options.connect as buildConnector.connector;
      const isDirect = given === direct;
      if (!isDirect) proxy = { host: hostAndPort(proxyUrl), isPassed: false };
      const reach = told(given, (isPassed) => {
        if (proxy) proxy = { ...proxy, isPassed };
      });
      return new Client(origin, {
        ...options,
        ...limitsOf(longestPauseMs),
        connect: isTls ? over(reach, secure) : reach
      });
    }
  });
  const close = async (): Promise<void> => {
    closing.abort();
    await dispatcher.destroy();
  };
  return { dispatcher, handshake: () => handshake, proxy: () => proxy, close };
}

function limitsOf(longestPauseMs: number) {
  const keepAliveMs = longestPauseMs + KEEP_ALIVE_MARGIN_MS;
  return {
    allowH2: false,
    useMilo: false, // undici’s experimental parser, which UNDICI_USE_MILO would turn on.
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    headersTimeout: 0, // The client has one limit for the whole request.
    bodyTimeout: 0
  };
}

/** A proxy's place without its credentials. */
function hostAndPort(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

/** A connector that tells when it begins, with false, and when it has connected, with true. */
function told(
  connector: buildConnector.connector,
  onChange: (isConnected: boolean) => void
): buildConnector.connector {
  return (options, callback) => {
    onChange(false);
    connector(options, (...result) => {
      if (result[0] === null) onChange(true);
      callback(...result);
    });
  };
}

/** Reaches Ops Manager, directly or through a proxy's tunnel, and then speaks TLS with it. */
function over(
  reach: buildConnector.connector,
  secure: buildConnector.connector
): buildConnector.connector {
  return (options, callback) => {
    const port = options.port || '443';
    // undici has taken the brackets of an IPv6 address away, and a proxy is told the host.
    const name = options.hostname.includes(':') ? `[${options.hostname}]` : options.hostname;
    const plain = { ...options, protocol: 'http:', host: `${name}:${port}`, port };
    reach(plain, (...[error, httpSocket]) => {
      if (error) callback(error, null);
      else secure({ ...options, httpSocket }, callback);
    });
  };
}

interface ObservableSocket {
  prependOnceListener(event: 'secure', listener: () => void): void;
  prependOnceListener(event: 'error', listener: (error: Error) => void): void;
  getPeerCertificate(): { readonly issuer?: DistinguishedName };
}

type DistinguishedName = Readonly<Record<string, string | string[] | undefined>>;

/** A TLS connector that tells what it sees, whatever becomes of the connection. */
function observed(
  connector: buildConnector.connector,
  onSeen: (seen: Handshake) => void
): buildConnector.connector {
  const connect: (...args: Parameters<typeof connector>) => unknown = connector;
  return (options, callback) => {
    const socket = connect(options, callback) as ObservableSocket;
    let issuer: string | undefined;
    onSeen({});
    // `secure` comes before the certificate is judged; after a failure it can no longer be read.
    socket.prependOnceListener('secure', () => {
      issuer = nameOf(socket.getPeerCertificate().issuer);
      onSeen({ issuer });
    });
    socket.prependOnceListener('error', (error) => {
      onSeen({ issuer, error });
    });
  };
}

function nameOf(issuer: DistinguishedName | undefined): string | undefined {
  if (!issuer) return undefined;
  const parts = ['CN', 'O'].flatMap((key) => issuer[key] ?? []);
  return parts.length > 0 ? parts.join(', ') : undefined;
}

function tlsOptions(material: TlsMaterial) {
  // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 would turn the checks off.
  return { rejectUnauthorized: true, secureContext: secureContextOf(material) };
}
