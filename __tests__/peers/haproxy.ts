import { join } from 'node:path';
import { Peer } from '../support/peer.ts';

/** haproxy in front of nodes, which it takes out when they do not answer. */
export async function haproxy(ports: readonly number[], directives: string): Promise<Peer> {
  const servers = ports.map(
    (port, index) =>
      `server node${index} 127.0.0.1:${port} check inter 100ms fall 1 rise 1 observe layer4 error-limit 1 on-error mark-down`
  );
  return Peer.start({
    program: 'haproxy',
    args: (folder) => ['-db', '-f', join(folder, 'haproxy.cfg')],
    files: (_, port) => ({
      'haproxy.cfg': `
defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
  retries 3
  option redispatch 1
frontend in
  bind 127.0.0.1:${port}
  default_backend nodes
backend nodes
  ${directives}
  ${servers.join('\n  ')}
`
    })
  });
}
