import type { NetworkFailure, Trouble } from './network-failure.ts';

const UNKNOWN_AUTHORITY = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED'
];

/**
 * A certificate of `whose` that was not accepted; undefined for any other failure. `setting` says
 * where its name is set.
 */
export function certificateTrouble(
  failure: NetworkFailure,
  whose: string,
  setting: string
): Trouble | undefined {
  const { code, issuer, message } = failure;
  const advice = certificateAdvice(code, setting);
  if (advice === undefined) return undefined;
  const shown = issuer === undefined ? '' : ` It was issued by “${issuer}”.`;
  // Node adds an advice for its command line, which a user of this action does not have.
  const reason = message.split(';')[0] ?? '';
  return {
    title: `Certificate of ${whose} not accepted`,
    happened: `The certificate of ${whose} was not accepted: ${reason}.${shown}`,
    advice
  };
}

function certificateAdvice(code: string, setting: string): string | undefined {
  if (UNKNOWN_AUTHORITY.includes(code)) {
    return 'Set ca-certificate to the certificate of the authority that issued it.';
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return 'Renew the certificate, and check the clock of this runner.';
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `Set ${setting} to a name that the certificate has.`;
  }
  if (/^(CERT_|CRL_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|PATH_LENGTH)/.test(code)) {
    return 'Correct the certificate, or set ca-certificate to its authority.';
  }
  return undefined;
}

/** Whether the other side does not speak TLS at all. */
export function isNotTls({ code, message }: NetworkFailure): boolean {
  return (
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    /wrong version number|packet length too long/i.test(message)
  );
}

/** A handshake that the other side ended, or cannot do; undefined for any other failure. */
export function tlsTrouble(failure: NetworkFailure, host: string): Trouble | undefined {
  const { code, message } = failure;
  if (isNotTls(failure)) {
    const happened = `${host} does not speak TLS`;
    const advice = 'Check the port in base-url; Ops Manager without HTTPS is http:// on port 8080.';
    return { title: happened, happened: `${happened}.`, advice };
  }
  if (
    /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA/.test(code) ||
    /certificate required/i.test(message)
  ) {
    return {
      title: `${host} asks for another client certificate`,
      happened: `${host} ended the TLS handshake (${alertIn(message)}).`,
      advice: 'Set client-certificate and client-key to a pair that Ops Manager accepts.'
    };
  }
  return undefined;
}

/** OpenSSL's reason without its place in OpenSSL's sources. */
function alertIn(message: string): string {
  return /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message;
}
