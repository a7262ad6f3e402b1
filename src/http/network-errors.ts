import { ApiError } from '../case/import-api.ts';
import { cut } from '../untrusted.ts';
import {
  reasonOf,
  type NetworkFailure,
  type SortedTrouble,
  type Trouble
} from './network-failure.ts';
import { isProxyLogin, proxyTrouble } from './proxy-trouble.ts';
import { certificateTrouble, tlsTrouble } from './tls-trouble.ts';

const LONGEST_TITLE = 100;

/**
 * The error for a call that got no reply. Misconfigured: what no waiting mends, an unknown host, a
 * failed certificate check, a server that does not speak TLS, a proxy that refuses. Transient:
 * everything else.
 */
export function errorOfNetwork(failure: NetworkFailure, cause: unknown): ApiError {
  const { proxy } = failure;
  const found =
    proxy && (!proxy.isPassed || isProxyLogin(failure))
      ? proxyTrouble(failure, proxy.host)
      : troubleOf(failure);
  const { kind, ...words } = found;
  return new ApiError(kind, { ...words, title: cut(words.title, LONGEST_TITLE) }, { cause });
}

function troubleOf(failure: NetworkFailure): SortedTrouble {
  const { host, proxy } = failure;
  const configuration =
    certificateTrouble(failure, host, 'base-url') ??
    unknownHost(failure) ??
    tlsTrouble(failure, host);
  if (configuration) return { ...configuration, kind: 'misconfigured' };
  const through = proxy === undefined ? '' : ` through the proxy ${proxy.host}`;
  return {
    kind: 'transient',
    title: `No answer from ${host}`,
    happened: `No answer from ${host}${through}: ${reasonOf(failure)}.`,
    advice: reachAdvice(failure)
  };
}

const CLOSED = ['ECONNRESET', 'UND_ERR_SOCKET', 'HPE_INVALID_CONSTANT'];

function reachAdvice({ code, scheme, proxy }: NetworkFailure): string {
  if (scheme === 'http:' && CLOSED.includes(code)) {
    return 'Check that Ops Manager is up; if this port speaks HTTPS, base-url must begin with https://.';
  }
  return proxy === undefined
    ? 'Check that Ops Manager is up and that this runner can reach it.'
    : `Check that Ops Manager is up and that the proxy ${proxy.host} can reach it.`;
}

function unknownHost({ code, host }: NetworkFailure): Trouble | undefined {
  if (code !== 'ENOTFOUND') return undefined;
  return {
    title: `${host} is unknown`,
    happened: `The host name in base-url is unknown here: ${host}.`,
    advice: 'Check base-url, and that this runner’s DNS knows the name.'
  };
}
