import { describe, expect, it } from '@jest/globals';
import { guideTo } from '../../src/import/phases.ts';
import { isPhase, PIPELINE } from '../../src/import/states.ts';

const PHASES = PIPELINE.filter(isPhase);

describe('the guide to a phase', () => {
  it.each(PHASES)('says of %s what happens in it and what to look at first', (phase) => {
    const { activity, advice } = guideTo(phase) ?? {};
    expect(activity).toMatch(/^[a-z].*[a-z]$/);
    expect(advice).toMatch(/^[A-Z].{20,}\.$/);
  });

  it.each(PHASES)('has checks for %s, each a sentence of its own', (phase) => {
    const checks = guideTo(phase)?.checks ?? [];
    expect(checks.length).toBeGreaterThanOrEqual(3);
    for (const check of checks) expect(check).toMatch(/^[A-Z`].{20,}\.$/);
    expect(new Set(checks).size).toBe(checks.length);
  });

  it.each(PHASES)('leads from %s to pages of Ops Manager’s documentation', (phase) => {
    const pages = guideTo(phase)?.pages ?? [];
    expect(pages.length).toBeGreaterThan(0);
    for (const { title, url } of pages) {
      expect(title).toMatch(/^[A-Z].{5,}/);
      expect(url).toMatch(
        /^https:\/\/www\.mongodb\.com\/docs\/ops-manager\/current\/(reference|tutorial)\/[\w/-]+$/
      );
    }
  });

  it.each([
    ['AWAIT_SEED_HOST_CONNECTED', 'timeouts.seedHostConnectionSec'],
    ['AWAIT_HOSTS_DISCOVERED', 'timeouts.processesDiscoverySec'],
    ['AWAIT_AUTOMATION_IMPORTED', 'timeouts.automationImported'],
    ['AWAIT_GOAL_STATE', 'timeouts.goalStateSec']
  ])('names for %s the field %s that limits it', (phase, field) => {
    expect(guideTo(phase)?.checks.join(' ')).toContain(`\`${field}\``);
  });

  it.each([undefined, 'SUCCESS', 'FAILED', 'CANCELLED', 'AWAIT_TEA', 'toString', ''])(
    'is not there for %s',
    (state) => {
      expect(guideTo(state)).toBeUndefined();
    }
  );
});
