import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  hasReached,
  isGoalState,
  isKnown,
  isPhase,
  isState,
  isTerminal,
  PIPELINE,
  pipelineRank,
  placeOf
} from '../../src/case/states.ts';

const goals = fc.constantFrom(...PIPELINE);

describe('the states', () => {
  it('are passed through in the order of the documentation', () => {
    expect(PIPELINE).toEqual([
      'PENDING',
      'AWAIT_SEED_HOST_CONNECTED',
      'AWAIT_HOSTS_DISCOVERED',
      'AWAIT_AUTOMATION_IMPORTED',
      'AWAIT_GOAL_STATE',
      'SUCCESS'
    ]);
  });

  it.each([
    { state: 'PENDING', goal: true, phase: true, terminal: false, known: true },
    { state: 'AWAIT_GOAL_STATE', goal: true, phase: true, terminal: false, known: true },
    { state: 'SUCCESS', goal: true, phase: false, terminal: true, known: true },
    { state: 'FAILED', goal: false, phase: false, terminal: true, known: true },
    { state: 'CANCELLED', goal: false, phase: false, terminal: true, known: true },
    { state: 'AWAIT_COFFEE', goal: false, phase: false, terminal: false, known: false },
    { state: 'success', goal: false, phase: false, terminal: false, known: false }
  ])('$state is told apart', ({ state, goal, phase, terminal, known }) => {
    expect({
      goal: isGoalState(state),
      phase: isPhase(state),
      terminal: isTerminal(state),
      known: isKnown(state)
    }).toEqual({ goal, phase, terminal, known });
  });

  it.each([
    { text: 'A', want: true },
    { text: 'AWAIT_2', want: true },
    { text: `A${'_'.repeat(63)}`, want: true },
    { text: `A${'_'.repeat(64)}`, want: false },
    { text: '', want: false },
    { text: 'pending', want: false },
    { text: '_PENDING', want: false },
    { text: '2PENDING', want: false },
    { text: 'PENDING ', want: false },
    { text: 'PENDING\n', want: false },
    { text: '::error::', want: false },
    { text: 'PENDING]##[', want: false }
  ])('the form of a state: $text is $want', ({ text, want }) => {
    expect(isState(text)).toBe(want);
  });
});

describe('the place of a state', () => {
  it('is that in the pipeline, with the three ends last', () => {
    expect(PIPELINE.slice(0, -1).map(placeOf)).toEqual([0, 1, 2, 3, 4]);
    expect(['SUCCESS', 'FAILED', 'CANCELLED'].map(placeOf)).toEqual([6, 6, 6]);
    expect(placeOf('AWAIT_COFFEE')).toBeUndefined();
  });

  it('outside the pipeline counts as after its phases, and before its ends', () => {
    expect(pipelineRank('AWAIT_COFFEE')).toBeGreaterThan(pipelineRank('AWAIT_GOAL_STATE'));
    expect(pipelineRank('AWAIT_COFFEE')).toBeLessThan(pipelineRank('FAILED'));
  });
});

describe('a goal', () => {
  it('is reached in its state and in every later one of the pipeline, and in no earlier one', () => {
    for (const [goalAt, goal] of PIPELINE.entries()) {
      const reached = PIPELINE.filter((state) => hasReached(goal, state));
      expect(reached).toEqual(PIPELINE.slice(goalAt));
    }
  });

  it('is never reached by an import that failed or was cancelled, whatever it passed', () => {
    fc.assert(
      fc.property(goals, fc.constantFrom('FAILED', 'CANCELLED'), (goal, state) => {
        expect(hasReached(goal, state)).toBe(false);
      })
    );
  });

  it('is never reached by a state that is not in the pipeline', () => {
    const unknown = fc
      .stringMatching(/^[A-Z][A-Z0-9_]{0,63}$/)
      .filter((state) => !(PIPELINE as readonly string[]).includes(state));
    fc.assert(
      fc.property(goals, unknown, (goal, state) => {
        expect(hasReached(goal, state)).toBe(false);
      })
    );
  });
});
