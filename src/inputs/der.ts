/** What a file is that should be in PEM form, and how to convert it; undefined if it is not known. */
export function convertible(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 32)).toString('hex');
  if (start.startsWith('feedfeed')) {
    return 'a Java key store. Convert it: keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12, and then openssl pkcs12 -in FILE.p12 -nodes -out FILE.pem';
  }
  const content = contentOfSequence(bytes, start);
  if (content === undefined) return undefined;
  if (content.startsWith('020103')) {
    return 'PKCS#12. Take the certificates out with openssl pkcs12 -in FILE -nokeys -out cert.pem, and the key with openssl pkcs12 -in FILE -nocerts -out key.pem (-legacy for an old one)';
  }
  if (content.startsWith('06')) {
    return 'PKCS#7. Take the certificates out: openssl pkcs7 -inform DER -print_certs -in FILE -out cert.pem';
  }
  // Of these only a certificate begins with a sequence that begins with a tagged version.
  const isCertificate = /^30(?:..|81..|82....|83.{6})a003/.test(content);
  const [command, name] = isCertificate ? ['x509', 'cert'] : ['pkey', 'key'];
  return `in DER form. Convert it: openssl ${command} -inform DER -in FILE -out ${name}.pem`;
}

/** What DER’s SEQUENCE of a whole file holds, its beginning in hex; undefined for any other file. */
function contentOfSequence(bytes: Uint8Array, start: string): string | undefined {
  const [tag, first = 0] = bytes;
  const more = first < 0x80 ? 0 : first - 0x80;
  if (tag !== 0x30 || more > 4) return undefined;
  const length = more === 0 ? first : parseInt(start.slice(4, 4 + 2 * more), 16);
  return length + 2 + more === bytes.length ? start.slice(4 + 2 * more) : undefined;
}
