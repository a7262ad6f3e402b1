import type { ConnectionSettings } from '../http/connection.ts';
import type { ClientCertificate } from '../http/tls.ts';
import { parseProxies } from './fields.ts';
import { readPem } from './files.ts';
import type { Form } from './form.ts';
import { parseCertificates, parseClientCertificate } from './pem.ts';
import { InputProblem } from './problem.ts';

/** How Ops Manager is reached: authorities, client certificate, proxies. */
export function readConnection(form: Form): ConnectionSettings {
  return {
    caCertificate: form.optional('ca-certificate', readAuthorities),
    clientCertificate: readClientCertificate(form),
    proxies: readProxies(form)
  };
}

/** The same without what cannot be read any more: the server decides whether it can do without. */
export function readConnectionLeniently(form: Form): ConnectionSettings {
  return {
    caCertificate: form.lenient('ca-certificate', readAuthorities),
    clientCertificate: readClientCertificateLeniently(form),
    proxies: readProxies(form)
  };
}

function readProxies(form: Form): ConnectionSettings['proxies'] {
  return form.check('proxy', () => parseProxies(form.source.env));
}

function readAuthorities(text: string): string {
  const pem = readPem(text);
  parseCertificates(pem);
  return pem;
}

function readClientCertificate(form: Form): ClientCertificate | undefined {
  const { get } = form.source;
  const certificate = form.optional('client-certificate', readPem);
  const key = form.optional('client-key', (text) => readKey(form, text));
  if (get('client-certificate') === '' && get('client-key') === '') return undefined;
  if (get('client-certificate') === '' || get('client-key') === '') {
    form.problem('client-certificate and client-key', 'give both of them or neither.');
  }
  if (certificate === undefined || key === undefined) return undefined;
  return form.check('client-certificate', () => pairOf(form, certificate, key));
}

function readClientCertificateLeniently(form: Form): ClientCertificate | undefined {
  const certificate = form.lenient('client-certificate', readPem);
  const key = form.lenient('client-key', (text) => readKey(form, text));
  if (certificate === undefined || key === undefined) return undefined;
  try {
    return pairOf(form, certificate, key);
  } catch (error) {
    if (error instanceof InputProblem) return undefined;
    throw error;
  }
}

function readKey({ source }: Form, text: string): string {
  const pem = readPem(text);
  source.mask(pem);
  return pem;
}

/** @throws InputProblem when the two do not belong together. */
function pairOf({ source }: Form, certificate: string, key: string): ClientCertificate {
  const passphrase = source.get('client-key-passphrase');
  return parseClientCertificate({
    certificate,
    key,
    ...(passphrase === '' ? {} : { passphrase })
  });
}
