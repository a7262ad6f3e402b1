import { reasonOf, type NetworkFailure, type SortedTrouble } from './network-failure.ts';
import { certificateTrouble, isNotTls } from './tls-trouble.ts';

const RETRYABLE_4XX = [408, 425, 429];

/** What is wrong with a proxy that let no connection to Ops Manager through, or with its login. */
export function proxyTrouble(failure: NetworkFailure, proxy: string): SortedTrouble {
  const variable = failure.scheme === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const status = /Proxy response \((\d{3})\)/.exec(failure.message)?.[1];
  if (status === '407' || isProxyLogin(failure)) {
    return {
      kind: 'misconfigured',
      title: `The proxy ${proxy} asks for credentials`,
      happened: `The proxy ${proxy} asks for credentials (HTTP 407).`,
      advice: `Put them into ${variable}, as http://user:password@proxy:port.`
    };
  }
  if (status !== undefined) return refusedTunnel(failure, proxy, Number(status));
  const certificate = certificateTrouble(failure, `the proxy ${proxy}`, variable);
  if (certificate) return { ...certificate, kind: 'misconfigured' };
  if (isNotTls(failure)) {
    return {
      kind: 'misconfigured',
      title: `The proxy ${proxy} does not speak TLS`,
      happened: `The proxy ${proxy} does not speak TLS.`,
      advice: `Write it as http:// in ${variable}.`
    };
  }
  return unreachable(failure, proxy, variable);
}

/** Whether a proxy for plain HTTP asks for credentials; undici throws its reply away. */
export function isProxyLogin({ message }: Pick<NetworkFailure, 'message'>): boolean {
  return message.includes('Proxy Authentication Required');
}

function refusedTunnel({ host }: NetworkFailure, proxy: string, status: number): SortedTrouble {
  if (status >= 500 || RETRYABLE_4XX.includes(status)) {
    return {
      kind: 'transient',
      title: `The proxy ${proxy} answered HTTP ${status}`,
      happened: `The proxy ${proxy} could not connect to ${host} (HTTP ${status}).`,
      advice: 'Check that Ops Manager is up, and that the proxy can reach it.'
    };
  }
  return {
    kind: 'misconfigured',
    title: `The proxy ${proxy} refused the connection`,
    happened: `The proxy ${proxy} refused a connection to ${host} (HTTP ${status}).`,
    advice: 'Allow it there, or add the host to NO_PROXY.'
  };
}

function unreachable(failure: NetworkFailure, proxy: string, variable: string): SortedTrouble {
  const { code, host } = failure;
  if (code === 'ENOTFOUND') {
    return {
      kind: 'misconfigured',
      title: `The proxy ${proxy} is unknown`,
      happened: `The proxy’s host name is unknown here: ${proxy}.`,
      advice: `Check ${variable} in the environment.`
    };
  }
  const reason = reasonOf(failure);
  if (code === 'ECONNREFUSED') {
    const title = `The proxy ${proxy} refused the connection`;
    const advice = `Check that the proxy is up, and ${variable} in the environment.`;
    return { kind: 'transient', title, happened: `${title}: ${reason}.`, advice };
  }
  const title = `No answer from the proxy ${proxy}`;
  const advice = `Check that the proxy is up and can reach ${host}, and ${variable} in the environment.`;
  return { kind: 'transient', title, happened: `${title}: ${reason}.`, advice };
}
