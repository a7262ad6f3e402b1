import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  IMPORT_ID,
  PRIVATE_KEY,
  PROJECT_ID,
  PUBLIC_KEY,
  Simulator
} from '../simulator/ops-manager.ts';
import { sampleSteps } from '../simulator/scripted-import.ts';
import { CountingRelay } from './counting-relay.ts';
import { timeTree } from './cpu-time.ts';

const ROOT = join(import.meta.dirname, '..');
const IMPORT_MS = 36_000;
/** A tenth of the default; the nonces live a tenth of Ops Manager's 60 s, so the ratio is real. */
export const POLL_SECONDS = 1;
export const NONCE_LIFETIME_MS = 6_000;

/** What one waiter cost while the same import went on. */
export interface Traffic {
  readonly waiter: 'action' | 'curl loop';
  readonly scheme: 'http' | 'https';
  readonly reads: number;
  readonly requests: number;
  readonly connections: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly cpuMs: number;
  readonly elapsedMs: number;
}

interface Certificate {
  readonly path: string;
  readonly cert: string;
  readonly key: string;
}

/** Lets both wait for the same import, over HTTP and over TLS, all four at the same time. */
export async function measureTraffic(): Promise<Traffic[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const certificate = makeCertificate(folder);
    return await Promise.all([
      measure('action', 'http'),
      measure('curl loop', 'http'),
      measure('action', 'https', certificate),
      measure('curl loop', 'https', certificate)
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(
  waiter: Traffic['waiter'],
  scheme: Traffic['scheme'],
  certificate?: Certificate
): Promise<Traffic> {
  const simulator = await Simulator.start({
    imports: [{ id: IMPORT_ID, steps: sampleSteps('SUCCESS', IMPORT_MS / 900_000) }],
    nonceLifetimeMs: NONCE_LIFETIME_MS,
    ...(certificate && { tls: certificate })
  });
  const relay = await CountingRelay.to(simulator.port);
  const url = `${scheme}://127.0.0.1:${relay.port}`;
  const { command, env } = waiter === 'action' ? action(url, certificate) : loop(url, certificate);
  const { code, cpuMs, elapsedMs, output } = await timeTree(command, env);
  const { connections, bytesUp, bytesDown } = relay;
  await relay.close();
  await simulator.close();
  if (code !== 0) {
    throw new Error(`The ${waiter} over ${scheme} ended with ${String(code)}:\n${output}`);
  }
  const requests = simulator.calls.length;
  const reads = simulator.calls.filter(({ isAuthenticated }) => isAuthenticated).length;
  return { waiter, scheme, reads, requests, connections, bytesUp, bytesDown, cpuMs, elapsedMs };
}

interface Program {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

function action(url: string, certificate: Certificate | undefined): Program {
  return {
    command: [process.execPath, join(ROOT, 'dist/index.js')],
    env: {
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'example/deployments',
      GITHUB_RUN_ID: '4711',
      GITHUB_OUTPUT: '/dev/null',
      GITHUB_STATE: '/dev/null',
      'INPUT_BASE-URL': url,
      'INPUT_PROJECT-ID': PROJECT_ID,
      'INPUT_REQUEST-ID': IMPORT_ID,
      'INPUT_PUBLIC-KEY': PUBLIC_KEY,
      'INPUT_PRIVATE-KEY': PRIVATE_KEY,
      'INPUT_POLL-INTERVAL': `${POLL_SECONDS}s`,
      'INPUT_CA-CERTIFICATE': certificate?.path ?? ''
    }
  };
}

function loop(url: string, certificate: Certificate | undefined): Program {
  const path = `api/public/v1.0/automation/importDeployment/${PROJECT_ID}/${IMPORT_ID}`;
  return {
    command: [join(ROOT, 'bench/curl-loop.sh')],
    env: {
      IMPORT_URL: `${url}/${path}`,
      PUBLIC_KEY,
      PRIVATE_KEY,
      POLL_INTERVAL: String(POLL_SECONDS),
      ...(certificate && { CURL_CA_BUNDLE: certificate.path })
    }
  };
}

/** A root, an intermediate authority and a server, as companies have them. */
function makeCertificate(folder: string): Certificate {
  const file = (name: string): string => join(folder, name);
  const openssl = (...parameters: string[]): void => {
    execFileSync('openssl', parameters, { stdio: 'ignore' });
  };
  const issue = (name: string, issuer: string | undefined, extension: string): void => {
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'],
      ...['-subj', `/O=Example/CN=${name}`, '-addext', extension],
      ...['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)],
      ...(issuer === undefined
        ? []
        : ['-CA', file(`${issuer}.pem`), '-CAkey', file(`${issuer}.key`)])
    );
  };
  issue('root', undefined, 'keyUsage=keyCertSign');
  issue('intermediate', 'root', 'keyUsage=keyCertSign');
  issue('server', 'intermediate', 'subjectAltName=IP:127.0.0.1');
  const read = (name: string): string => readFileSync(file(name), 'utf8');
  return {
    path: file('root.pem'),
    cert: read('server.pem') + read('intermediate.pem'),
    key: read('server.key')
  };
}
