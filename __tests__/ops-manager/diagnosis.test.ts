import { describe, expect, it } from '@jest/globals';
import { fault } from '../../simulator/faults.ts';
import { PROJECT_ID, type SimulatorOptions } from '../../simulator/ops-manager.ts';
import { timeline, type DiagnosisScript } from '../../simulator/diagnosis-api.ts';
import type { DiagnosisApi } from '../../src/diagnosis/facts.ts';
import type { CallOptions } from '../../src/case/import-api.ts';
import type { OpsManagerClient } from '../../src/ops-manager/client.ts';
import { diagnosisApi } from '../../src/ops-manager/diagnosis.ts';
import { httpGet, TEXT } from '../support/http-get.ts';
import { opsManager } from '../support/ops-manager.ts';

const NOW = Date.parse('2026-11-20T10:15:00Z');
const OPTIONS: CallOptions = { signal: new AbortController().signal };

/** What `ask` is told by an Ops Manager that follows a script, and what it was asked. */
async function told<T>(
  diagnosis: DiagnosisScript,
  ask: (api: DiagnosisApi) => Promise<T>,
  options: SimulatorOptions = {}
): Promise<{ readonly answer: T; readonly paths: readonly string[] }> {
  await using server = await opsManager({ diagnosis, authentication: false, ...options });
  const answer = await ask(diagnosisApi(httpGet(server.url), PROJECT_ID));
  return { answer, paths: server.simulator.calls.map(({ path }) => path) };
}

describe('the processes', () => {
  it('are read in one call', async () => {
    const automation = {
      goalVersion: 5,
      processes: [
        { name: 'rs0_1', hostname: 'a', version: 4, plan: ['Start'], error: {} },
        { name: 'rs0_2', hostname: 'a', version: 5, error: { errorCode: 0, errorString: 'no' } }
      ]
    };
    const { answer, paths } = await told({ automation }, (api) =>
      api.readAutomationStatus(OPTIONS)
    );
    expect(paths).toEqual([`/api/public/v1.0/groups/${PROJECT_ID}/automationStatus`]);
    expect(answer).toEqual({
      goalVersion: 5,
      processes: [
        { name: 'rs0_1', hostname: 'a', achievedVersion: 4, plan: ['Start'], error: undefined },
        {
          name: 'rs0_2',
          hostname: 'a',
          achievedVersion: 5,
          plan: [],
          error: { code: 0, text: 'no' }
        }
      ],
      readAt: expect.any(String),
      isComplete: true
    });
  });

  it('are none where the project has no automation', async () => {
    const { answer } = await told({ automation: 'none' }, (api) =>
      api.readAutomationStatus(OPTIONS)
    );
    expect(answer).toMatchObject({ goalVersion: undefined, processes: [], isComplete: true });
  });

  it('change with time', async () => {
    let now = NOW;
    await using server = await opsManager({
      authentication: false,
      now: () => now,
      diagnosis: {
        automation: {
          goalVersion: timeline(5, [60_000, 6]),
          processes: [{ name: 'rs0_1', hostname: 'a', version: timeline(4, [30_000, 5]) }]
        }
      }
    });
    const api = diagnosisApi(httpGet(server.url), PROJECT_ID);
    const versions: unknown[] = [];
    for (const elapsedMs of [0, 29_999, 30_000, 60_000]) {
      now = NOW + elapsedMs;
      const { goalVersion, processes } = await api.readAutomationStatus(OPTIONS);
      versions.push([goalVersion, processes[0]?.achievedVersion]);
    }
    expect(versions).toEqual([[5, 4], [5, 4], [5, 5], [6, 5]]); // prettier-ignore
  });

  it.each(['403', '404'] as const)('are refused with an HTTP %s of another kind', async (name) => {
    await expect(
      told({}, (api) => api.readAutomationStatus(OPTIONS), { fault: fault(name, () => true) })
    ).rejects.toMatchObject({ kind: 'refused', status: Number(name) });
  });
});

describe('the agents', () => {
  it('have their last calls', async () => {
    const agents = [{ hostname: 'a' }, { hostname: 'b', silentFromMs: -840_000 }];
    const { answer } = await told({ agents }, (api) => api.listAgents(OPTIONS), { now: () => NOW });
    expect(answer.agents).toEqual([
      { hostname: 'a', lastConf: '2026-11-20T10:14:59.000Z' },
      { hostname: 'b', lastConf: '2026-11-20T10:01:00.000Z' }
    ]);
    expect(answer.isComplete).toBe(true);
  });
});

describe('the hosts', () => {
  const hosts = (count: number): DiagnosisScript => ({
    hosts: Array.from({ length: count }, (_, n) => ({ hostname: `h${n}` }))
  });

  it.each([
    { count: 0, pages: 1 },
    { count: 3, pages: 1 },
    { count: 500, pages: 1 },
    { count: 501, pages: 2 },
    { count: 1600, pages: 4 }
  ])('of which there are $count come in $pages pages', async ({ count, pages }) => {
    const { answer, paths } = await told(hosts(count), (api) => api.listHosts(OPTIONS));
    expect(new Set(answer.hosts.map(({ hostname }) => hostname)).size).toBe(count);
    expect(answer.isComplete).toBe(true);
    expect(paths).toEqual(
      Array.from(
        { length: pages },
        (_, n) => `/api/public/v1.0/groups/${PROJECT_ID}/hosts?itemsPerPage=500&pageNum=${n + 1}`
      )
    );
  });

  it('are not read for ever', async () => {
    const { answer, paths } = await told(hosts(2600), (api) => api.listHosts(OPTIONS));
    expect(paths).toHaveLength(4);
    expect(answer).toMatchObject({ isComplete: false });
    expect(answer.hosts).toHaveLength(2000);
  });
});

describe('all pages together', () => {
  /** A server whose pages each take a time, and never end. */
  function slowly(pageMs: number) {
    let elapsedMs = 0;
    const limits: (number | undefined)[] = [];
    const get: OpsManagerClient['get'] = (_path, _maxBytes, { limitMs }, read) => {
      limits.push(limitMs);
      elapsedMs += pageMs;
      const json = { results: [{ hostname: 'a', port: 1 }], links: [{ rel: 'next' }] };
      return Promise.resolve(read({ json, readAt: undefined }, TEXT));
    };
    return { limits, api: diagnosisApi(get, PROJECT_ID, () => elapsedMs) };
  }

  it('have the one limit of the call', async () => {
    const { limits, api } = slowly(950);
    const { hosts, isComplete } = await api.listHosts({ ...OPTIONS, limitMs: 2_000 });
    expect(limits).toEqual([2_000, 1_050, 100]);
    expect({ count: hosts.length, isComplete }).toEqual({ count: 3, isComplete: false });
  });

  it('need no limit', async () => {
    const { limits, api } = slowly(950);
    await api.listAgents(OPTIONS);
    expect(limits).toEqual([undefined, undefined, undefined, undefined]);
  });
});

it('what a total says is still to come is not taken for absent', async () => {
  const get: OpsManagerClient['get'] = (_path, _maxBytes, _options, read) =>
    Promise.resolve(read({ json: { results: [], totalCount: 7 }, readAt: undefined }, TEXT));
  const { isComplete } = await diagnosisApi(get, PROJECT_ID).listHosts(OPTIONS);
  expect(isComplete).toBe(false);
});

it('an empty page is the last one', async () => {
  let pages = 0;
  const get: OpsManagerClient['get'] = (_path, _maxBytes, _options, read) => {
    pages += 1;
    const json = { results: [], links: [{ rel: 'next' }] };
    return Promise.resolve(read({ json, readAt: undefined }, TEXT));
  };
  await diagnosisApi(get, PROJECT_ID).listAgents(OPTIONS);
  expect(pages).toBe(1);
});
