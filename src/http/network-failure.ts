/** A failure below HTTP; its texts are redacted. */
export interface NetworkFailure {
  /** Node's, OpenSSL's or undici's code, such as `ECONNREFUSED`; empty if there is none. */
  readonly code: string;
  readonly message: string;
  /** `host:port` of Ops Manager. */
  readonly host: string;
  /** `http:` or `https:`, as base-url has it. */
  readonly scheme: string;
  /** Who issued the certificate that the server showed. */
  readonly issuer?: string | undefined;
  readonly proxy?: ProxyStanding | undefined;
}

/** The proxy between the runner and Ops Manager. */
export interface ProxyStanding {
  /** `host:port`, without credentials. */
  readonly host: string;
  /** Whether it has let a connection to Ops Manager through. */
  readonly isPassed: boolean;
}

/** What is wrong, in words. */
export interface Trouble {
  readonly title: string;
  readonly happened: string;
  readonly advice: string;
}

/** A trouble with its place in the policy. */
export type SortedTrouble = Trouble & { readonly kind: 'transient' | 'misconfigured' };

/** What Node, OpenSSL or undici say, with their code if it is not part of it. */
export function reasonOf({ code, message }: NetworkFailure): string {
  return `${message}${code && !message.includes(code) ? ` (${code})` : ''}`;
}
