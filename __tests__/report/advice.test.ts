import { describe, expect, it } from '@jest/globals';
import { LIMIT_NAMES } from '../../src/case/import.ts';
import { isPhase, PIPELINE } from '../../src/case/states.ts';
import { GUIDES, phaseInWords } from '../../src/report/advice.ts';

const PHASES = PIPELINE.filter(isPhase);

describe('the guide to a phase', () => {
  it.each(PHASES)('says of %s what happens in it and what to look at first', (phase) => {
    const { activity, advice } = GUIDES[phase];
    expect(activity).toMatch(/^[a-z].*[a-z]$/);
    expect(advice).toMatch(/^[A-Z].{20,}\.$/);
  });

  it.each(PHASES)('has checks for %s, each a sentence of its own', (phase) => {
    const checks = GUIDES[phase].checks;
    expect(checks.length).toBeGreaterThanOrEqual(3);
    for (const check of checks) expect(check).toMatch(/^[A-Z`].{20,}\.$/);
    expect(new Set(checks).size).toBe(checks.length);
  });

  it.each(PHASES)('leads from %s to pages of Ops Manager’s documentation', (phase) => {
    const pages = GUIDES[phase].pages;
    expect(pages.length).toBeGreaterThan(0);
    for (const page of pages)
      expect(page).toMatch(
        /^\[[A-Z].{5,}\]\(https:\/\/www\.mongodb\.com\/docs\/ops-manager\/current\/(reference|tutorial)\/[\w/-]+\)$/
      );
  });

  it.each(PHASES)('names for %s the field that limits it, if there is one', (phase) => {
    const named = /`timeouts\.(\w+)`/.exec(GUIDES[phase].checks.join(' '))?.[1];
    expect(named).toBe(LIMIT_NAMES[phase]);
  });

  it.each(['SUCCESS', 'FAILED', 'CANCELLED', 'AWAIT_TEA', 'toString', ''])(
    'is not there for %s',
    (state) => {
      expect(phaseInWords(state)).toBe(state);
    }
  );
});
