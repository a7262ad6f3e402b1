import { getCACertificates } from 'node:tls';
import { buildConnector, EnvHttpProxyAgent, type Dispatcher } from 'undici';

/** How the runner reaches Ops Manager. */
export interface ConnectionSettings {
  /** PEM, in addition to the public authorities. */
  readonly caCertificate?: string | undefined;
  readonly clientCertificate?: ClientCertificate | undefined;
  readonly proxies: ProxySettings;
}

/** PEM texts for Ops Manager's client certificate mode. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly passphrase?: string | undefined;
}

/** Proxy URLs, empty for none; `noProxy` as `NO_PROXY` is written. */
export interface ProxySettings {
  readonly http: string;
  readonly https: string;
  readonly noProxy: string;
}

// Ops Manager may close an idle connection earlier; a little more than the pause is enough for us.
const KEEP_ALIVE_MARGIN_MS = 5_000;

/** A dispatcher with one kept-alive connection, and who issued the certificate that it was shown. */
export interface Connection {
  readonly dispatcher: Dispatcher;
  /** The issuer in the last handshake that was not through a proxy. */
  readonly issuer: () => string | undefined;
}

/**
 * Opens nothing yet: the first request connects.
 * @param limits `longestPauseMs` between two requests, for which the connection is kept alive;
 *   `connectTimeoutMs` for TCP and TLS together.
 */
export function createConnection(
  settings: ConnectionSettings,
  limits: { readonly longestPauseMs: number; readonly connectTimeoutMs: number }
): Connection {
  const keepAliveMs = limits.longestPauseMs * 1.1 + KEEP_ALIVE_MARGIN_MS;
  const tls = tlsOptions(settings);
  let issuer: string | undefined;
  const connector = buildConnector({ ...tls, allowH2: false, timeout: limits.connectTimeoutMs });
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: settings.proxies.http,
    httpsProxy: settings.proxies.https,
    noProxy: settings.proxies.noProxy,
    connections: 1,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    headersTimeout: 0, // The client has one limit for the whole request.
    bodyTimeout: 0,
    connectTimeout: limits.connectTimeoutMs,
    requestTls: { ...tls, allowH2: false, timeout: limits.connectTimeoutMs },
    proxyTls: { ...(tls.ca ? { ca: tls.ca } : {}), timeout: limits.connectTimeoutMs },
    connect: (options, callback) => {
      const connect = connector as unknown as (...args: unknown[]) => ObservableSocket;
      const socket = connect(options, callback);
      // `secure` comes before the certificate is judged; after a failure it can no longer be read.
      socket.prependOnceListener('secure', () => {
        issuer = nameOf(socket.getPeerCertificate?.().issuer);
      });
    }
  });
  return { dispatcher, issuer: () => issuer };
}

interface ObservableSocket {
  prependOnceListener(event: 'secure', listener: () => void): void;
  getPeerCertificate?: () => { readonly issuer?: DistinguishedName };
}

type DistinguishedName = Readonly<Record<string, string | string[] | undefined>>;

function nameOf(issuer: DistinguishedName | undefined): string | undefined {
  if (!issuer) return undefined;
  const parts = ['CN', 'O'].flatMap((key) => issuer[key] ?? []);
  return parts.length > 0 ? parts.join(', ') : undefined;
}

function tlsOptions({ caCertificate, clientCertificate }: ConnectionSettings) {
  return {
    // `ca` replaces the public authorities, so they are named again.
    ...(caCertificate === undefined
      ? {}
      : { ca: [...getCACertificates('default'), caCertificate] }),
    ...(clientCertificate && {
      cert: clientCertificate.certificate,
      key: clientCertificate.key,
      ...(clientCertificate.passphrase === undefined
        ? {}
        : { passphrase: clientCertificate.passphrase })
    })
  };
}
