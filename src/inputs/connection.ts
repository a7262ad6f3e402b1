import type { ConnectionSettings } from '../http/connection.ts';
import type { ProxySettings } from '../http/proxy.ts';
import type { ClientCertificate } from '../http/tls.ts';
import { readPem } from './files.ts';
import type { Form } from './form.ts';
import { parseCertificates, parseClientCertificate } from './pem.ts';
import { InputProblem } from './problem.ts';

/** How Ops Manager at `url` is reached: authorities, client certificate, proxies. */
export function readConnection(form: Form, url: URL | undefined): ConnectionSettings {
  return {
    caCertificate: form.optional('ca-certificate', readAuthorities),
    clientCertificate: readClientCertificate(form),
    proxies: readProxies(form, url)
  };
}

function readAuthorities(text: string): string {
  const pem = readPem(text);
  parseCertificates(pem);
  return pem;
}

function readClientCertificate(form: Form): ClientCertificate | undefined {
  const { get, mask } = form.source;
  const certificate = form.optional('client-certificate', readPem);
  const key = form.optional('client-key', (text) => {
    const pem = readPem(text);
    mask(pem);
    return pem;
  });
  const [hasCertificate, hasKey] = [get('client-certificate') !== '', get('client-key') !== ''];
  if (hasCertificate !== hasKey) {
    const [missing, other] = hasKey
      ? ['client-certificate', 'client-key']
      : ['client-key', 'client-certificate'];
    form.problem(missing, `it is missing beside ${other}. Give both of them or neither.`);
  }
  if (certificate === undefined || key === undefined) return undefined;
  const passphrase = get('client-key-passphrase');
  return form.check('client-certificate', () =>
    parseClientCertificate({ certificate, key, ...(passphrase === '' ? {} : { passphrase }) })
  );
}

/** Those that are used for `url`, in which curl's lower case goes first. */
function readProxies(form: Form, url: URL | undefined): ProxySettings {
  const { env } = form.source;
  const none = { http: '', https: '', noProxy: '' };
  if (!url) return none;
  const [kind, name] =
    url.protocol === 'https:'
      ? (['https', 'HTTPS_PROXY'] as const)
      : (['http', 'HTTP_PROXY'] as const);
  const noProxy = variable(env, 'NO_PROXY');
  const proxy = form.check(name, () => parseProxy(variable(env, name)));
  return { ...none, noProxy, [kind]: proxy ?? '' };
}

/** An empty variable is one that is not set. */
function variable(env: Form['source']['env'], name: string): string {
  return (env[name.toLowerCase()] ?? '').trim() || (env[name] ?? '').trim();
}

/** A proxy's URL; it may hold a password, so it is not repeated. @throws InputProblem */
function parseProxy(text: string): string {
  if (text === '') return '';
  if (/[#?]/.test(text)) {
    throw new InputProblem(
      'the proxy’s URL in the environment has a “#” or “?” in it. In a user name or a password write # as %23 and ? as %3F.'
    );
  }
  // As curl does: a proxy without a scheme is an HTTP proxy.
  const url = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(url) || !/^https?:\/\//i.test(url)) {
    throw new InputProblem(
      'what stands in the environment is not the URL of an HTTP proxy. Write it as http://proxy.example.com:3128; in a user name or a password write / as %2F and @ as %40.'
    );
  }
  const { username, password } = new URL(url);
  if (!isPercentEncoded(username) || !isPercentEncoded(password)) {
    throw new InputProblem(
      'the proxy’s URL in the environment has a user name or a password with a “%” that encodes nothing. Write % as %25 there.'
    );
  }
  return url;
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
