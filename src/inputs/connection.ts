import type { ConnectionSettings } from '../http/connection.ts';
import { checkProxy, isExempt, type ProxySettings } from '../http/proxy.ts';
import type { Form } from './form.ts';
import { readAuthorities, readClientPair } from './pem.ts';
import { InputProblem } from './problem.ts';

/** How Ops Manager at `url` is reached: authorities, client certificate, proxies. */
export function readConnection(form: Form, url: URL | undefined): ConnectionSettings {
  return {
    caCertificate: readAuthorities(form),
    clientCertificate: readClientPair(form),
    proxies: readProxies(form, url)
  };
}

/** Those that are used for `url`, in which curl's lower case goes first. */
function readProxies(form: Form, url: URL | undefined): ProxySettings {
  const { env } = form.source;
  const { text: noProxy } = variable(env, 'NO_PROXY');
  const isUsed = url !== undefined && !isExempt(url, noProxy);
  const read = (general: string): string => {
    const { name, text } = variable(env, general);
    return form.check(name, () => parseProxy(text), text) ?? '';
  };
  return {
    http: isUsed && url.protocol === 'http:' ? read('HTTP_PROXY') : '',
    https: isUsed && url.protocol === 'https:' ? read('HTTPS_PROXY') : '',
    noProxy
  };
}

/** The one that is set of a variable's two names; an empty one is not set. */
function variable(env: Form['source']['env'], general: string) {
  const name = (env[general.toLowerCase()] ?? '').trim() === '' ? general : general.toLowerCase();
  return { name, text: (env[name] ?? '').trim() };
}

/** A proxy's URL; one with an @ may hold a password, and is not repeated. @throws InputProblem */
function parseProxy(text: string): string {
  if (text === '') return '';
  if (/[#?]/.test(text)) {
    throw new InputProblem(
      'the proxy’s URL has a “#” or “?” in it. In a user name or a password write # as %23 and ? as %3F.'
    );
  }
  // As curl does: a proxy without a scheme is an HTTP proxy.
  const url = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(url) || !/^https?:\/\//i.test(url)) {
    throw new InputProblem((given) =>
      text.includes('@')
        ? 'it is not the URL of an HTTP proxy. Write it as http://user:password@proxy.example.com:3128, and in user and password / as %2F and @ as %40.'
        : `${given} is not the URL of an HTTP proxy. Write it as http://proxy.example.com:3128.`
    );
  }
  const { username, password } = new URL(url);
  if (!isPercentEncoded(username) || !isPercentEncoded(password)) {
    throw new InputProblem(
      'the proxy’s URL has a user name or a password with a “%” that encodes nothing. Write % as %25 there.'
    );
  }
  if (checkProxy(url) === undefined) return url;
  throw new InputProblem(
    'the proxy’s URL cannot be used. Write it as http://proxy.example.com:3128.'
  );
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
