import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, Fault, Simulator } from './ops-manager.ts';

/** What comes instead of Ops Manager's answer; `forward` gives that answer after all. */
type Trouble = (response: ServerResponse, forward: () => void, simulator: Simulator) => void;

/** Longer than the first pause before an attempt is repeated, so that this attempt is refused. */
const RESTART_MS = 1_500;

const HTML = '<html><head><title>Trouble</title></head><body>Try again later.</body></html>';
const HALF = '{"id":"507f1f77bcf86cd799439011","groupId":"507f1f77bcf86cd7994390';

/** What may go wrong between a runner and an Ops Manager. */
export const FAULTS = {
  'connection refused': (_response, _forward, simulator) => void restart(simulator),
  'reset before the reply': (response) => response.socket?.resetAndDestroy(),
  'reset in mid-body': (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 400 });
    response.write(HALF, () => response.socket?.resetAndDestroy());
  },
  'done, but its answer is lost': (response, forward) => {
    response.destroy();
    forward();
  },
  hang: () => undefined,
  'slow drip': (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    const drip = setInterval(() => response.write(' '), 100);
    response.on('close', () => {
      clearInterval(drip);
    });
  },
  'endless body': (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    const chunk = ' '.repeat(64 * 1024);
    const pour = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', pour);
    pour();
  },
  'truncated JSON': reply(200, HALF),
  'malformed JSON': reply(200, '{"state": "SUCCESS", }'),
  'JSON of another shape': reply(200, '["SUCCESS"]'),
  '200 with HTML': reply(200, HTML),
  '429': reply(429, error(429, 'RATE_LIMITED')),
  '429 with Retry-After': reply(429, error(429, 'RATE_LIMITED'), { 'Retry-After': '1' }),
  '500': reply(500, error(500, 'UNEXPECTED_ERROR')),
  '500 as HTML': reply(500, HTML),
  '502': reply(502, error(502, 'BAD_GATEWAY')),
  '502 as HTML': reply(502, HTML),
  '503': reply(503, error(503, 'SERVICE_UNAVAILABLE')),
  '503 as HTML': reply(503, HTML),
  '503 with a long Retry-After': reply(503, error(503, 'SERVICE_UNAVAILABLE'), {
    'Retry-After': '600'
  }),
  '504': reply(504, error(504, 'GATEWAY_TIMEOUT')),
  '504 as HTML': reply(504, HTML),
  'aged nonce': challenge(digest(true)),
  '401 out of nowhere': challenge(digest(false)),
  'Basic challenge': challenge('Basic realm="Gateway"'),
  // A gateway took the challenge away, or answers by itself.
  '401 without a challenge': reply(401, error(401, 'USER_UNAUTHORIZED')),
  '401 as HTML': reply(401, HTML),
  '400': reply(400, error(400, 'INVALID_ATTRIBUTE')),
  '403': reply(403, error(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST')),
  '403 as HTML': reply(403, HTML),
  '404': reply(404, error(404, 'RESOURCE_NOT_FOUND')),
  '409': reply(409, error(409, 'INVALID_STATE')),
  '404 as HTML': reply(404, HTML),
  // What stands around Ops Manager while it restarts: none of these is its own word.
  '404 of Jetty': reply(404, JSON.stringify({ url: '/api', status: '404', message: 'Not Found' })),
  '404 of Spring': reply(
    404,
    JSON.stringify({ timestamp: '2026-11-21', status: 404, error: 'Not Found', path: '/api' })
  ),
  '404 of Kubernetes': reply(
    404,
    JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 })
  ),
  '404 of RFC 9457': reply(
    404,
    JSON.stringify({ type: 'about:blank', title: 'Not Found', status: 404, detail: 'No page.' })
  ),
  '200 that says 404': reply(200, JSON.stringify({ status: 404 })),
  // Ops Manager’s own errors, which someone in between answers with a 200.
  '200 with its own 404': reply(200, error(404, 'RESOURCE_NOT_FOUND')),
  '200 with its own 403': reply(200, error(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST')),
  '200 with its own 503': reply(200, error(503, 'SERVICE_UNAVAILABLE')),
  '200 around a 503': reply(200, enveloped(503)),
  '200 around a 404': reply(200, enveloped(404)),
  '503 whose body says 404': reply(503, error(404, 'RESOURCE_NOT_FOUND')),
  redirect: reply(302, '', { Location: 'https://login.example.com/' })
} satisfies Record<string, Trouble>;

export type FaultName = keyof typeof FAULTS;

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

/** The named fault from one moment until another, in milliseconds after the first call. */
export function faultBetween(name: FaultName, fromMs: number, untilMs: number): Fault {
  let startedAt: number | undefined;
  return fault(name, () => {
    startedAt ??= performance.now();
    const elapsedMs = performance.now() - startedAt;
    return elapsedMs >= fromMs && elapsedMs < untilMs;
  });
}

/** The named fault, for the calls that `strikes` picks; `strikes` is asked once for each call. */
export function fault(name: FaultName, strikes: (call: Call) => boolean): Fault {
  return (call, response, forward, simulator) => {
    if (!strikes(call)) return false;
    const trouble: Trouble = FAULTS[name];
    trouble(response, forward, simulator);
    return true;
  };
}

async function restart(simulator: Simulator): Promise<void> {
  await simulator.goDown();
  await sleep(RESTART_MS);
  await simulator.comeBack();
}

function reply(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {}
): Trouble {
  const type = body.startsWith('<') ? 'text/html' : 'application/json';
  return (response) => {
    response.writeHead(status, { 'Content-Type': type, ...headers }).end(body);
  };
}

function error(status: number, errorCode: string): string {
  return JSON.stringify({ detail: 'As arranged.', error: status, errorCode, reason: 'A fault' });
}

function enveloped(status: number): string {
  return `{"status": ${status}, "content": ${error(status, 'AS_ARRANGED')}}`;
}

function challenge(scheme: string): Trouble {
  return reply(401, error(401, 'USER_UNAUTHORIZED'), { 'WWW-Authenticate': scheme });
}

/** A nonce that no guard knows, so the next answer is refused as stale. */
function digest(stale: boolean): string {
  return `Digest realm="MMS Public API", domain="", nonce="bm9ib2R5IGtub3dzIHRoaXMgbm9uY2U=", algorithm=MD5, qop="auth", stale=${stale}`;
}
