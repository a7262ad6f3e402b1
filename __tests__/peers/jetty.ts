import { join } from 'node:path';
import { PRIVATE_KEY, PUBLIC_KEY } from '../../simulator/ops-manager.ts';
import { Peer } from '../support/peer.ts';

/** What Ops Manager 8.0.21 ships, and the first whose nonces and challenges are of the new kind. */
export const JETTIES = [
  { version: '12.0.32', algorithm: 'MD5' },
  { version: '12.0.36', algorithm: 'MD5' },
  { version: '12.0.36', algorithm: 'SHA-256' }
] as const;
export type Jetty = (typeof JETTIES)[number];

const JARS = join(import.meta.dirname, '../../node_modules/.cache/jetty');

/** A node that is Jetty, with nonces of its own, in front of `upstream`. */
export async function jetty(upstream: string, { version, algorithm }: Jetty): Promise<Peer> {
  const login = ['MMS Public API', PUBLIC_KEY, PRIVATE_KEY, algorithm];
  return Peer.start({
    program: 'java',
    args: (_, port) => [
      ...['-XX:TieredStopAtLevel=1', '-cp', `${JARS}/${version}/*:${JARS}/${version}`, 'JettyNode'],
      ...[String(port), upstream, ...login]
    ],
    files: () => ({})
  });
}
