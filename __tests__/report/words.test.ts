import { describe, expect, it } from '@jest/globals';
import { describe as wordsFor, messageOf } from '../../src/outcome.ts';
import { guideTo } from '../../src/import/phases.ts';
import { PIPELINE } from '../../src/import/states.ts';
import { logResult } from '../../src/report/log.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import { summaryOf } from '../../src/report/summary.ts';
import { logOf } from '../support/captured-log.ts';
import { textOf } from '../support/rendered-text.ts';
import { runSample, SAMPLES } from '../support/sample-results.ts';

const NAMES = Object.keys(SAMPLES) as (keyof typeof SAMPLES)[];

describe('the words for a result', () => {
  it.each(NAMES)('are the same in log, annotation, summary and outputs: %s', async (name) => {
    const { result, facts } = await runSample(SAMPLES[name]);
    const { title, happened, caveat, advice } = wordsFor(result);
    const message = messageOf(result);
    const { lines, annotations } = await logOf(() => {
      logResult(result);
    });
    expect(message).toBe([happened, caveat, advice].filter((text) => text !== '').join(' '));
    expect(outputsOf(result)['message']).toBe(message);
    const summary = textOf(summaryOf(result, facts));
    expect(summary).toContain(title);
    // What a hostile server wrote is defused for the log.
    const inLog = `${happened} ${advice}`.trim().replaceAll('##[', '# [');
    expect(lines.join('\n')).toContain(inLog);
    expect(lines.join('\n')).toContain(caveat);
    expect(summary).toContain(caveat);
    expect(summary).toContain(happened.replaceAll('##[', '# ['));
    expect(summary).toContain(advice);
    for (const annotation of annotations.filter(({ message: text }) => text !== caveat))
      expect(annotation).toMatchObject({ title, message: inLog });
  });

  it.each(NAMES)(
    'are one line, say each sentence once, and end with a full stop: %s',
    async (name) => {
      const { result } = await runSample(SAMPLES[name]);
      const message = messageOf(result);
      expect(message).not.toMatch(/[\n\r]|undefined|NaN|\[object/);
      expect(message).toMatch(/\.$/);
      if (name === 'hostile server') return;
      const sentences = message.split(/(?<=\.) /);
      expect(new Set(sentences).size).toBe(sentences.length);
    }
  );

  it.each(NAMES)('name the phase, since when, and what became of the import: %s', async (name) => {
    const { result } = await runSample(SAMPLES[name]);
    if (result.outcome.kind === 'reached' || result.request === undefined) return;
    const { title, happened } = wordsFor(result);
    const phase = outputsOf(result)['last-phase'] ?? '';
    if (result.outcome.kind !== 'unreachable') expect(title).toContain(` in ${phase}`);
    expect(happened).toMatch(
      new RegExp(
        `; it was in ${phase}( \\(.+?\\))? for [\\dhms ]+, since 2025-10-2\\d [\\d:]{8} UTC`
      )
    );
    const fates = {
      'not-needed': '',
      skipped: 'was left running, as cancel-on-',
      confirmed: 'The import was cancelled, and Ops Manager confirmed it.',
      requested: 'accepted the cancellation of the import, but had not yet confirmed it',
      refused: 'may still be running: Ops Manager refused to cancel it.',
      failed: 'may still be running: it could not be cancelled.'
    };
    expect(happened).toContain(fates[result.cancellation.kind]);
    const isLeftToThePostStep = ['requested', 'refused', 'failed'].includes(
      result.cancellation.kind
    );
    expect(happened.includes('The post step looks after it once more.')).toBe(isLeftToThePostStep);
  });

  it.each(NAMES)('say what to do when the step failed: %s', async (name) => {
    const { result } = await runSample(SAMPLES[name]);
    if (result.outcome.kind === 'reached') return;
    expect(messageOf(result)).toMatch(/ (Check|Look|Ask|Run|Add|Raise) /);
  });

  it.each(PIPELINE.slice(0, 5))('have a guide to %s with documentation of Ops Manager', (phase) => {
    const guide = guideTo(phase);
    expect(guide?.checks.length).toBeGreaterThanOrEqual(3);
    expect(guide?.advice).toMatch(/^(Check|Look) .*\.$/);
    expect(guide?.pages.length).toBeGreaterThan(0);
    for (const { url } of guide?.pages ?? [])
      expect(url).toMatch(/^https:\/\/www\.mongodb\.com\/docs\/ops-manager\/current\/[a-z/-]+$/);
  });
});
