import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { PRIVATE_KEY, PUBLIC_KEY } from '../../simulator/ops-manager.ts';
import { Peer } from '../support/peer.ts';
import { itWatchesImportsThrough } from './watching-through.ts';

const REALM = 'MMS Public API';

/** lighttpd's mod_auth in front of `upstream`. */
async function lighttpd(upstream: string, options: string): Promise<Peer> {
  const user = (hash: string): string =>
    `${PUBLIC_KEY}:${REALM}:${createHash(hash).update(`${PUBLIC_KEY}:${REALM}:${PRIVATE_KEY}`).digest('hex')}`;
  return Peer.start({
    program: 'lighttpd',
    args: (folder) => ['-D', '-f', join(folder, 'lighttpd.conf')],
    files: (folder, port) => ({
      users: `${user('md5')}\n${user('sha256')}\n`,
      'lighttpd.conf': `
server.document-root = "${folder}"
server.bind = "127.0.0.1"
server.port = ${port}
server.errorlog = "${folder}/error.log"
server.modules = ("mod_auth", "mod_authn_file", "mod_proxy")
auth.backend = "htdigest"
auth.backend.htdigest.userfile = "${folder}/users"
auth.require = ("" => (
  "method" => "digest", "realm" => "${REALM}", "require" => "valid-user", ${options}
))
proxy.server = ("" => (("host" => "127.0.0.1", "port" => "${new URL(upstream).port}")))
`
    })
  });
}

describe.each([
  { name: 'with MD5', options: '"algorithm" => "MD5"' },
  { name: 'with SHA-256', options: '"algorithm" => "SHA-256"' },
  { name: 'with two challenges', options: '"algorithm" => "MD5|SHA-256"' },
  {
    name: 'that offers to hash the user’s name',
    options: '"algorithm" => "SHA-256", "userhash" => "enable"'
  }
])('through lighttpd $name', ({ options }) => {
  itWatchesImportsThrough(async (upstream) => lighttpd(upstream, options));
});
