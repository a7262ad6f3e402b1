import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { ClientCertificate } from '../http/tls.ts';
import { InputProblem } from './problem.ts';

const BLOCK =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/**
 * The certificates in a PEM text, checked one by one. Line ends of Windows do no harm.
 * @throws InputProblem
 */
export function parseCertificates(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(BLOCK);
  if (!blocks) {
    throw new InputProblem(
      'no certificate was found in it. Give PEM text that starts with -----BEGIN CERTIFICATE-----, with its line breaks, or the path of such a file.'
    );
  }
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new InputProblem(
        `certificate ${index + 1} of ${blocks.length} cannot be read. Check that its lines are complete; a secret keeps the line breaks of a text that was pasted whole.`
      );
    }
  });
}

/**
 * A client certificate with its key, checked to belong together.
 * @throws InputProblem
 */
export function parseClientCertificate(pair: ClientCertificate): ClientCertificate {
  const [certificate] = parseCertificates(pair.certificate);
  const key = parseKey(pair);
  if (!certificate?.checkPrivateKey(key)) {
    throw new InputProblem(
      'client-key does not belong to client-certificate. Give the pair that was issued together, the client’s own certificate first.'
    );
  }
  return pair;
}

function parseKey({ key, passphrase }: ClientCertificate) {
  try {
    return createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    // OpenSSL asks for it and is told that there is none.
    if (passphrase === undefined && /MISSING_PASSPHRASE|INTERRUPTED/.test(code)) {
      throw new InputProblem('client-key is encrypted. Set client-key-passphrase.');
    }
    if (passphrase !== undefined && /BAD_DECRYPT|BAD_PASSWORD/.test(code)) {
      throw new InputProblem(
        'client-key-passphrase does not open client-key. Check the passphrase.'
      );
    }
    throw new InputProblem(
      'client-key is not a private key in PEM form. Give text that starts with -----BEGIN … PRIVATE KEY-----, with its line breaks, or the path of such a file.'
    );
  }
}
