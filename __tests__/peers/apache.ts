import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { PRIVATE_KEY, PUBLIC_KEY } from '../../simulator/ops-manager.ts';
import { Peer } from '../support/peer.ts';

const REALM = 'MMS Public API';
const MODULES = '/usr/lib/apache2/modules';

/** Apache's mod_auth_digest in front of `upstream`. */
export async function apache(upstream: string, directive: string): Promise<Peer> {
  const ha1 = createHash('md5').update(`${PUBLIC_KEY}:${REALM}:${PRIVATE_KEY}`).digest('hex');
  const modules = [
    ...['mpm_event', 'authn_core', 'authn_file', 'authz_core', 'authz_user', 'auth_digest'],
    ...['proxy', 'proxy_http']
  ];
  return Peer.start({
    program: 'apache2',
    args: (folder) => ['-D', 'FOREGROUND', '-f', join(folder, 'httpd.conf')],
    files: (folder, port) => ({
      users: `${PUBLIC_KEY}:${REALM}:${ha1}\n`,
      'httpd.conf': `
ServerRoot "${folder}"
ServerName localhost
PidFile "${folder}/pid"
ErrorLog "${folder}/error.log"
DefaultRuntimeDir "${folder}"
Listen 127.0.0.1:${port}
${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
KeepAliveTimeout 30
ProxyPass "/" "${upstream}/"
<Location "/">
  AuthType Digest
  AuthName "${REALM}"
  AuthDigestProvider file
  AuthUserFile "${folder}/users"
  Require valid-user
  ${directive}
</Location>
`
    })
  });
}
