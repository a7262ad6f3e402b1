import { describe, expect, it } from '@jest/globals';
import type { Finding } from '../../src/diagnosis/finding.ts';
import { findingsOf, type Evidence } from '../../src/diagnosis/findings.ts';
import { diagnosisJson, findingTable } from '../../src/report/finding-table.ts';
import { briefOf, sentenceOf } from '../../src/report/findings.ts';
import {
  agentsOn,
  at,
  hostOf,
  hostsOf,
  processOf,
  required,
  statusOf
} from '../support/diagnosis.ts';
import { importIn } from '../support/imports.ts';

const PERMISSION = { code: 100, text: 'Permission denied' };

const processes = [
  processOf(1, { achievedVersion: 4, plan: ['WaitAllRsMembersUp'] }),
  processOf(2, { achievedVersion: 4 }),
  processOf(3, { achievedVersion: -1, plan: ['Start'], error: PERMISSION }),
  processOf(4, { achievedVersion: 4, plan: ['Download'] }),
  processOf(5, { achievedVersion: 4, error: PERMISSION })
];
const evidence: Evidence = {
  request: importIn('AWAIT_GOAL_STATE'),
  facts: {
    status: statusOf(processes),
    agents: agentsOn([1, 3, 4, 5], [{ hostname: hostOf(2), lastConf: at('10:22') }])
  },
  notAsked: [{ call: 'hosts', reason: 'HTTP 403' }]
};
const findings = findingsOf(evidence);

describe('the table', () => {
  it('has a row for each finding, worst first, without saying anything twice', () => {
    expect(findingTable(findings)).toEqual({
      rows: [
        {
          process: 'rs0_3 and rs0_5',
          host: 'mongodb3.example.com and mongodb5.example.com',
          version: '-1 to 4 of 5',
          agent: '',
          says: 'error: Permission denied'
        },
        {
          process: 'rs0_2',
          host: 'mongodb2.example.com',
          version: '4 of 5',
          agent: 'last called in 14m ago',
          says: ''
        },
        {
          process: 'rs0_4',
          host: 'mongodb4.example.com',
          version: '4 of 5',
          agent: 'last called in 2s ago',
          says: 'plan: Download (download MongoDB’s binaries)'
        },
        {
          process: 'rs0_1',
          host: 'mongodb1.example.com',
          version: '4 of 5',
          agent: 'last called in 2s ago',
          says: 'plan: WaitAllRsMembersUp (wait until all members of its replica set are up); waits for the others'
        },
        {
          process: '',
          host: '',
          version: '',
          agent: '',
          says: 'Could not ask for the hosts: HTTP 403.'
        }
      ],
      leftOut: 0
    });
  });

  it('has hosts where there are no processes', () => {
    const { rows } = findingTable(
      findingsOf({
        request: importIn('AWAIT_HOSTS_DISCOVERED'),
        requested: { processes: required(1, 2) },
        facts: { hosts: hostsOf([{ typeName: 'NO_DATA' }]), agents: agentsOn([1]) }
      })
    );
    expect(rows.map(({ host, agent, says }) => [host, agent, says])).toEqual([
      ['mongodb2.example.com', 'none under this name', ''],
      ['mongodb1.example.com:27017', '', 'known, but never reached'],
      ['mongodb2.example.com:27017', '', 'not known to Ops Manager'],
      ['', '', 'Ops Manager knows 1 of 2 required processes.']
    ]);
  });

  it('says what is not of now', () => {
    const [finding] = findings;
    const says = (rest: Partial<Finding>): string | undefined =>
      findingTable([{ ...finding, ...rest } as Finding]).rows[0]?.says;
    expect(says({ isAfterFailure: true })).toBe('after the failure: error: Permission denied');
    expect(says({ asOf: at('10:30') })).toBe('as of 10:30: error: Permission denied');
  });

  it('shows 50 rows and counts the rest', () => {
    const status = statusOf(
      Array.from({ length: 73 }, (_, n) => processOf(n, { achievedVersion: 4 }))
    );
    const { rows, leftOut } = findingTable(
      findingsOf({ request: importIn('AWAIT_GOAL_STATE'), facts: { status } })
    );
    expect({ rows: rows.length, leftOut }).toEqual({ rows: 50, leftOut: 23 });
  });
});

describe('the output', () => {
  it('is a list, worst first, without what does not apply', () => {
    const sentences = findings.map(sentenceOf);
    expect(JSON.parse(diagnosisJson(findings))).toEqual([
      { finding: sentences[0], kind: 'error', since: at('10:36'), goalVersion: 5 },
      {
        finding: sentences[1],
        kind: 'silent-agent',
        process: 'rs0_2',
        host: 'mongodb2.example.com',
        since: at('10:22'),
        agentSilentSeconds: 840,
        version: 4,
        goalVersion: 5
      },
      {
        finding: sentences[2],
        kind: 'behind',
        process: 'rs0_4',
        host: 'mongodb4.example.com',
        since: at('10:36'),
        agentSilentSeconds: 2,
        version: 4,
        goalVersion: 5,
        plan: ['Download']
      },
      {
        finding: sentences[3],
        kind: 'waiting',
        process: 'rs0_1',
        host: 'mongodb1.example.com',
        since: at('10:36'),
        agentSilentSeconds: 2,
        version: 4,
        goalVersion: 5,
        plan: ['WaitAllRsMembersUp']
      },
      { finding: sentences[4], kind: 'not-asked' }
    ]);
  });

  it('is empty without findings, and bounded with many', () => {
    expect(diagnosisJson([])).toBe('[]');
    const moves = Array.from({ length: 50 }, () => 'x'.repeat(100));
    const name = 'n'.repeat(255);
    const status = statusOf(
      Array.from({ length: 2000 }, (_, n) => ({
        name,
        hostname: `${n}${name}`,
        achievedVersion: 4,
        plan: moves,
        error: { code: 1, text: `${n}${'e'.repeat(296)}` }
      }))
    );
    const all = findingsOf({ request: importIn('AWAIT_GOAL_STATE'), facts: { status } });
    const json = diagnosisJson(all);
    expect(JSON.parse(json)).toHaveLength(50);
    expect(json.length).toBeLessThan(256 * 1024);
  });
});

it.each(findings.map((finding) => ({ kind: finding.kind, finding })))(
  'a finding of kind $kind has a few words for a title',
  ({ finding }) => {
    expect(briefOf(finding)).not.toMatch(/\.$/);
    expect(briefOf(finding).length).toBeLessThan(90);
  }
);
