import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { compareCadences, type CadenceCost } from './cadences.ts';
import { measureDiagnoses, type DiagnosisCost } from './diagnoses.ts';
import { goals } from './goals.ts';
import { measureMemory } from './memory.ts';
import { measureNodes, type NodeCost } from './nodes.ts';
import {
  measureHashes,
  measureRedaction,
  type HashesCost,
  type RedactionCost
} from './redaction.ts';
import { replaceSection, table } from './report.ts';
import { measureStartUp, type StartUp } from './start-up.ts';
import { measureTraffic, NONCE_LIFETIME_MS, POLL_SECONDS, type Traffic } from './traffic.ts';
import type { Held } from './memory.ts';

const MISSED =
  'Where a goal is missed: the reply, its headers and the digest are the same for both waiters, so nothing that the action leaves out could bring it to a quarter of the bytes; and the bundle is a little over 2 MiB, three quarters of it undici (GitHub’s library is a file of its own, which is loaded with `commit-status` alone).';

/** Measures everything side by side and writes it into BENCHMARKS.md; takes about two minutes. */
const missing = ['bash', 'curl', 'jq', 'openssl'].filter(
  (tool) => spawnSync('bash', ['-c', 'command -v "$0"', tool]).status !== 0
);
if (missing.length > 0) {
  console.error(`The benchmark needs ${missing.join(' and ')}: install it and run again.`);
  process.exitCode = 1;
} else {
  const startUp = measureStartUp();
  const traffic = await measureTraffic();
  const nodes = await measureNodes();
  const diagnoses = await measureDiagnoses();
  const memory = await measureMemory();
  const cadences = await compareCadences();
  const redactions = measureRedaction();
  const text = [
    machine(),
    ...['## Goals', goals({ startUp, traffic, memory, cadences }), MISSED],
    ...['## Against a curl loop', trafficText(traffic)],
    ...['## One node and two', nodesText(nodes)],
    ...['## What a diagnosis costs', diagnosesText(diagnoses)],
    ...['## How late the end is noticed', cadenceText(cadences)],
    ...['## Start-up and size', startUpText(startUp)],
    ...['## Memory', memoryText(memory)],
    ...['## Hiding secrets', redactionText(redactions, measureHashes())]
  ].join('\n\n');
  console.log(text);
  replaceSection('bench', text);
}

function machine(): string {
  const [first, ...others] = cpus();
  const curl = spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout.split(' ')[1] ?? '';
  const now = new Date().toISOString().slice(0, 10);
  return `Measured on ${now} with \`npm run bench\` on ${others.length + 1} cores of ${first?.model.trim() ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}; Node ${process.versions.node}, curl ${curl}.`;
}

function trafficText(traffic: readonly Traffic[]): string {
  const rows = traffic.map(
    ({ waiter, scheme, reads, requests, connections, bytesUp, bytesDown, cpuMs }) => [
      `${waiter}, ${scheme.toUpperCase()}`,
      String(reads),
      (requests / reads).toFixed(2),
      (connections / reads).toFixed(2),
      String(Math.round(bytesUp / reads)),
      String(Math.round(bytesDown / reads)),
      String(Math.round((bytesUp + bytesDown) / reads)),
      (cpuMs / reads).toFixed(1)
    ]
  );
  return [
    `The bundle as a process and [bench/curl-loop.sh](bench/curl-loop.sh) wait for the same import of 36 s, each before a simulator of its own, with ${POLL_SECONDS} s between reads and nonces that live ${NONCE_LIFETIME_MS / 1000} s: a tenth of the default interval and of Ops Manager’s nonces. Bytes are TCP payload, counted by a relay in between; over TLS the simulator shows a certificate and its intermediate authority’s, RSA with 2048 bits. CPU is user and system time of the whole process tree, start-up included.`,
    table(
      [
        'waiter',
        'reads',
        'requests per read',
        'connections per read',
        'bytes up per read',
        'bytes down per read',
        'bytes per read',
        'CPU ms per read'
      ],
      rows
    )
  ].join('\n\n');
}

function nodesText(costs: readonly NodeCost[]): string {
  const rows = costs.map(({ nodes, manner, requestsPerRead, repeatedPercent }) => [
    nodes,
    manner === 'old' ? 'stale=true' : 'stale=false',
    requestsPerRead.toFixed(2),
    `${repeatedPercent.toFixed(1)} %`
  ]);
  return [
    '1,000 reads through a balancer without stickiness, 10 s apart by the clock of the nodes. They share no nonces, each of which lives 60 s, and say `stale=true` of a strange one (Jetty before 12.0.36) or `stale=false` (since). A read that meets four challenges is repeated later, as after a 503. With a sticky cookie two nodes are as one. `npm run test:peers` holds the same against real Jetty (12.0.32, and 12.0.36 with MD5 and with SHA-256), 100 reads without pauses: 1.01 requests a read with one node, 1.02 with two and 1.03 with three in turn, at most 1.05 behind haproxy with its cookie, 1.7 to 2.3 at random by three seeds. A wrong key ends a call after four requests.',
    table(
      ['nodes', 'a strange nonce is', 'requests per read', 'reads repeated'],
      rows,
      'left left right right'
    )
  ].join('\n\n');
}

function diagnosesText(costs: readonly DiagnosisCost[]): string {
  const rows = costs.map(({ processes, phase, requests, bytesUp, bytesDown }) => [
    String(processes),
    phase,
    String(requests),
    String(bytesUp),
    String(bytesDown)
  ]);
  return [
    'One diagnosis at the end of a wait, on the connection that the import was read on before, for deployments with one process a host, each of which is behind and reports an error: TCP payload over HTTP. In AWAIT_GOAL_STATE each minute’s look is the first of its two requests. An import that succeeds within a minute pays nothing.',
    table(
      ['processes', 'phase', 'requests', 'bytes up', 'bytes down'],
      rows,
      'right left right right right'
    )
  ].join('\n\n');
}

function cadenceText(costs: readonly CadenceCost[]): string {
  const rows = costs.map(({ trace, cadence, delayMs, worstDelayMs, reads }) => [
    trace,
    cadence,
    (delayMs / 1000).toFixed(2),
    (worstDelayMs / 1000).toFixed(2),
    reads.toFixed(1)
  ]);
  return [
    'The documentation’s sample import, as it is and stretched to 20 s and 5 h: the time from its end to the read that sees it, over 2,000 waits (200 for the long one) that start at random within 30 s after the import, within 10 s after the short one. The action’s own wait on a virtual clock, with its default `poll-interval` of 10 s; fixed pauses on the same imports.',
    table(
      ['import', 'cadence', 'mean delay (s)', 'longest delay (s)', 'reads'],
      rows,
      'left left right right right'
    )
  ].join('\n\n');
}

function startUpText(starts: readonly StartUp[]): string {
  const rows = starts.map(({ program, bytes, elapsedMs, fastestMs, memoryMb }) => [
    program,
    bytes === 0 ? '0' : `${(bytes / 1e6).toFixed(3)} MB (${(bytes / 2 ** 20).toFixed(2)} MiB)`,
    elapsedMs.toFixed(0),
    fastestMs.toFixed(0),
    memoryMb.toFixed(0)
  ]);
  return [
    'From the start of the process to its end, 31 times in turn: an empty program, the post step’s door after a settled main step, and the main step with all its inputs missing, which loads the bundle, says what is wrong and ends. Sizes are those of what is loaded.',
    table(['program', 'size', 'median ms', 'fastest ms', 'highest memory (MiB)'], rows)
  ].join('\n\n');
}

function memoryText(held: readonly Held[]): string {
  const rows = held.map(({ reads, requests, heapMb, rssMb, listeners, resources }) => [
    String(reads),
    String(requests),
    heapMb.toFixed(2),
    rssMb.toFixed(0),
    String(listeners),
    String(resources)
  ]);
  return [
    'One client that reads over HTTP without pauses, in a process started from the sources, after a collection of garbage; 10,000 reads are a wait of 28 hours. Resident memory is also what the allocator keeps for itself: it levels off below 300 MiB after 30,000 reads at this speed.',
    table(
      [
        'reads',
        'requests',
        'heap (MiB)',
        'resident (MiB)',
        'listeners on the signal',
        'open resources'
      ],
      rows
    )
  ].join('\n\n');
}

function redactionText(costs: readonly RedactionCost[], hashes: HashesCost): string {
  const forms = [...new Set(costs.map(({ form }) => form))];
  const rows = forms.map((form) => [
    form,
    ...costs.filter((each) => each.form === form).map(({ cpuMs }) => cpuMs.toFixed(0))
  ]);
  return [
    `Milliseconds of one core to redact a whole text, the least of three times: a password in each kilobyte, written so, and a private key of 4096 bits, with each of its lines, among the secrets. What is shown of a reply is 64 KiB at most. A text of 64 Ki of \`#\`, which the pattern of version 1.1 took ${hashes.before.toFixed(0)} ms for, takes ${hashes.now.toFixed(1)} ms.`,
    table(['form', '64 KiB', '1 MiB', '8 MiB'], rows)
  ].join('\n\n');
}
