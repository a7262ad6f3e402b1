import { Client } from 'undici';

/** A proxy's address, taken apart. */
export interface Proxy {
  /** Without a path, which means nothing here. */
  readonly origin: string;
  /** `host:port`, without credentials. */
  readonly host: string;
  /** Its login, if it has one. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What the URL of a proxy says. @throws Error where it is none that undici takes */
export function proxyAt(url: string): Proxy {
  const { protocol, hostname, host, port, username, password } = new URL(url);
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const origin = `${protocol}//${host}`;
  void new Client(origin).close();
  return {
    origin,
    host: `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`,
    headers:
      login === ':'
        ? {}
        : { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }
  };
}
