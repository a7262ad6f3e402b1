import { describe, expect, it } from '@jest/globals';
import { agentsBefore } from '../../src/diagnosis/findings.ts';
import type { GoalCount, News } from '../../src/diagnosis/memory.ts';
import { agentWarning, newsLines, rolloutLine } from '../../src/diagnosis/words.ts';
import { agentsOn, at, hostOf, required } from '../support/diagnosis.ts';

const count: GoalCount = { goalVersion: 5, atGoal: 2, total: 3, of: 'import' };

describe('a line of news', () => {
  it.each<{ news: News; line: string }>([
    { news: { kind: 'arrived', names: ['rs0_2'], count }, line: 'rs0_2 reached version 5: 2 of 3' },
    {
      news: {
        kind: 'arrived',
        names: ['a', 'b', 'c', 'd', 'e'],
        count: { ...count, of: 'project' }
      },
      line: 'a, b, c and 2 more reached version 5: 2 of 3 in the project'
    },
    { news: { kind: 'new-goal', count }, line: 'The goal version is now 5: 2 of 3' },
    {
      news: { kind: 'error', names: ['rs0_3'], error: { code: 1, text: 'Out of disk' } },
      line: 'rs0_3 reports an error: Out of disk.'
    },
    { news: { kind: 'error-gone', names: ['a', 'b'] }, line: 'a and b no longer report an error' }
  ])('$line', ({ news, line }) => {
    expect(newsLines([news])).toEqual([line]);
  });

  it('is one of five at most', () => {
    const news: News[] = Array.from({ length: 9 }, (_, n) => ({
      kind: 'error',
      names: [`rs0_${n}`],
      error: { code: 1, text: `E${n}` }
    }));
    expect(newsLines(news.slice(0, 5))).toHaveLength(5);
    expect(newsLines(news)).toHaveLength(5);
    expect(newsLines(news).at(-1)).toBe('5 more changes');
  });
});

describe('a heartbeat', () => {
  it('is the count and the worst', () => {
    const worst = { kind: 'host-unknown', hosts: [{ host: 'a', port: 27_017 }] } as const;
    expect(rolloutLine(count, undefined)).toBe('2 of 3 processes are at version 5.');
    expect(rolloutLine({ ...count, total: 1, atGoal: 0, of: 'project' }, worst)).toBe(
      '0 of 1 process is at version 5 in the project. a:27017 is not known to Ops Manager: it has not been discovered.'
    );
  });
});

it('a heartbeat does not say twice that nobody is behind', () => {
  const worst = { kind: 'nobody-behind', total: 3, goalVersion: 5, isAll: true } as const;
  expect(rolloutLine({ ...count, atGoal: 3 }, worst)).toBe('3 of 3 processes are at version 5.');
});

describe('before an import is created', () => {
  it('hosts without a live agent are named', () => {
    const agents = agentsOn(
      [1],
      [
        { hostname: hostOf(2).toUpperCase(), lastConf: at('10:22') },
        { hostname: hostOf(3), lastConf: undefined }
      ]
    );
    const found = agentsBefore({ agents }, [...required(1, 2, 3, 4), `${hostOf(4)}:27018`]);
    expect(agentWarning(found)).toEqual([
      'The agent on mongodb2.example.com last called in 14m ago; look at that host.',
      'No agent calls in under the host name mongodb4.example.com; look at that host.',
      'The import needs a MongoDB Agent on each required host that runs and reaches Ops Manager.',
      'Where a host has another name there, ignore this.'
    ]);
  });

  it.each([
    { name: 'all are alive', agents: agentsOn([1, 2]) },
    { name: 'a host has two agents of which one lives', agents: agentsOn([1, 2], [{ hostname: hostOf(2), lastConf: at('10:00') }]) }, // prettier-ignore
    { name: 'the list has a hole', agents: agentsOn([1], [], { isComplete: false }) },
    { name: 'Ops Manager’s clock is not known', agents: agentsOn([], [{ hostname: hostOf(1), lastConf: at('01:00') }, { hostname: hostOf(2) }], { readAt: undefined }) } // prettier-ignore
  ])('nothing is said when $name', ({ agents }) => {
    expect(agentsBefore({ agents }, required(1, 2))).toEqual([]);
  });
});
