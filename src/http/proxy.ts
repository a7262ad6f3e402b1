import { Client } from 'undici';

/** Proxy URLs, empty for none; `noProxy` as `NO_PROXY` is written. */
export interface ProxySettings {
  readonly http: string;
  readonly https: string;
  readonly noProxy: string;
}

/** A proxy's address, taken apart. */
export interface Proxy {
  /** Without a path, which means nothing here. */
  readonly origin: string;
  /** `host:port`, without credentials. */
  readonly host: string;
  /** The `Proxy-Authorization` header. */
  readonly authorization?: string | undefined;
}

/** The proxy for calls to `url`; undefined for a direct connection. @throws Error for no address */
export function proxyFor(url: URL, { http, https, noProxy }: ProxySettings): Proxy | undefined {
  // As curl does: HTTP_PROXY is for http:// alone.
  const address = url.protocol === 'https:' ? https : http;
  return address === '' || isExempt(url, noProxy) ? undefined : parseProxy(address);
}

/** Makes what a proxy's address is used for; gives what is wrong with it, or undefined. */
export function checkProxy(address: string): string | undefined {
  try {
    void new Client(parseProxy(address).origin).close();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function parseProxy(address: string): Proxy {
  const { protocol, hostname, host, port, username, password } = new URL(address);
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    origin: `${protocol}//${host}`,
    host: `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`,
    authorization: login === ':' ? undefined : `Basic ${Buffer.from(login).toString('base64')}`
  };
}

/**
 * Whether `NO_PROXY` names a URL's host: itself, a domain above it (`example.com`, `.example.com`;
 * `*.example.com` for those below alone), or `*` for all; for one port where one is given.
 */
export function isExempt({ protocol, hostname, port }: URL, noProxy: string): boolean {
  const host = plainName(hostname);
  const own = port || (protocol === 'https:' ? '443' : '80');
  return noProxy.split(/[\s,]+/).some((entry) => {
    // The colons of an IPv6 address are none before a port.
    const [, name = entry, ofPort = own] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
    const domain = plainName(name).replace(/^\*?\./, '');
    if (domain === '' || ofPort !== own) return false;
    if (domain === '*' || host.endsWith(`.${domain}`)) return true;
    return host === domain && !name.startsWith('*');
  });
}

/** In lower case, without the brackets of an IPv6 address or the last dot of a name. */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}
