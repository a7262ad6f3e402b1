import { describe, expect, it } from '@jest/globals';
import { IMPORT_ID, PROJECT_ID, Simulator } from '../simulator/ops-manager.ts';
import { DIAGNOSIS_SCENARIOS } from '../simulator/scenarios-diagnosis.ts';
import type { Import } from '../src/case/import.ts';
import { parseImportBody } from '../src/inputs/import-body.ts';
import { diagnosisApi } from '../src/ops-manager/diagnosis.ts';
import { Diagnosis } from '../src/diagnosis/diagnosis.ts';
import { parseDuration } from '../src/time.ts';
import { sentenceOf } from '../src/diagnosis/findings.ts';
import { eventually } from './support/eventually.ts';
import { httpGet } from './support/http-get.ts';
import { importIn } from './support/imports.ts';

const START = Date.parse('2026-11-20T10:00:00Z');
const STEP_MS = 500;
const { signal } = new AbortController();

/** What a scenario gives: what is asked for beside the wait, and a diagnosis in the end. */
async function played(name: string, endsAtMs: number) {
  const { script, inputs, diagnosis } = DIAGNOSIS_SCENARIOS[name] ?? {};
  let elapsedMs = 0;
  const simulator = await Simulator.start({
    authentication: false,
    now: () => START + elapsedMs,
    imports: [{ id: IMPORT_ID, steps: [], ...script }],
    ...(diagnosis && { diagnosis })
  });
  const log: string[] = [];
  let progressed = 0;
  const clock = { now: () => elapsedMs };
  const body = inputs?.['import-request'];
  const requested = body === undefined ? {} : parseImportBody(body, () => undefined).requested;
  const api = diagnosisApi(httpGet(simulator.url), PROJECT_ID, clock.now);
  const diagnosing = new Diagnosis(api, {
    clock,
    stallTimeoutMs: parseDuration(inputs?.['stall-timeout'] ?? ''),
    requested,
    onNews: (news) => {
      log.push(...news);
    }
  });
  const readImport = (): Import => ({ ...importIn(simulator.state() ?? ''), id: IMPORT_ID });
  for (; elapsedMs < endsAtMs; elapsedMs += STEP_MS) {
    const request = readImport();
    diagnosing.follow(request, signal);
    if (request.state === 'AWAIT_GOAL_STATE')
      await eventually('an answer', () => diagnosing.dueAt < Infinity);
    if (diagnosing.takeProgress()) progressed += 1;
  }
  await diagnosing.ask(readImport(), signal);
  await simulator.close();
  return { said: diagnosing.findings.map(sentenceOf), log, progressed };
}

describe('the scenario', () => {
  it('of a node that is behind names it, and who waits for it', async () => {
    const { said, log } = await played('node-behind', 8_000);
    expect(said).toEqual([
      'rs0_3 on mongodb3.example.com has no version yet (goal 5) and reports an error since at least 10:00 UTC (4s): File Permissions Error (open /data/0/mongod.lock: permission denied). Look at the agent’s log there.',
      'rs0_1 on mongodb1.example.com is at version 4 of 5; its plan: WaitAllRsMembersUp (wait until all members of its replica set are up). It waits for the others.'
    ]);
    expect(log).toEqual([
      'rs0_3 reports an error: File Permissions Error (open /data/0/mongod.lock: permission denied).',
      'rs0_2 reached version 5: 1 of 3 in the project'
    ]);
  });

  it('of an error that comes and goes still tells it', async () => {
    const { said, log } = await played('error-comes-and-goes', 9_500);
    expect(said).toEqual([
      'rs0_3 on mongodb3.example.com has no version yet (goal 5) since at least 10:00 UTC (5s); its plan: Start (start the process), WaitAllRsMembersUp (wait until all members of its replica set are up). Look at the agent’s log there.',
      'rs0_3 on mongodb3.example.com reported an error at 10:00 UTC that it no longer reports: File Permissions Error (open /data/0/mongod.lock: permission denied). Look at the agent’s log there.'
    ]);
    expect(log.at(-1)).toBe('rs0_3 no longer reports an error');
  });

  it('of a dead agent names its host first', async () => {
    const { said } = await played('dead-agent', 8_000);
    expect(said).toEqual([
      'The agent on mongodb2.example.com last called in 14m ago; rs0_2 there is at version 4 of 5.',
      'rs0_1 on mongodb1.example.com and rs0_3 on mongodb3.example.com are at version 4 of 5; their plan: WaitAllRsMembersUp (wait until all members of its replica set are up). They wait for the others.'
    ]);
  });

  it('of a host that is never discovered names it', async () => {
    const { said } = await played('host-never-discovered', 8_000);
    expect(said).toEqual([
      'No agent calls in under the host name mongodb3.example.com; look at that host.',
      'mongodb2.example.com:27017 is known to Ops Manager, but its monitoring has never reached it. Look at that host.',
      'mongodb3.example.com:27017 is not known to Ops Manager: it has not been discovered.',
      'Ops Manager knows 2 of 3 required processes.'
    ]);
  });

  it('of a slow rollout is one of progress', async () => {
    const { log, progressed } = await played('slow-rollout', 12_500);
    expect(log).toEqual([
      'rs0_1 reached version 5: 1 of 3 in the project',
      'rs0_2 reached version 5: 2 of 3 in the project',
      'rs0_3 reached version 5: 3 of 3 in the project'
    ]);
    expect(progressed).toBe(3);
  });
});
