import type { Report } from '../../src/report/report.ts';
import type { Rule } from './judge.ts';

/** What a step publishes at a change of its case. */
export interface Published {
  readonly text: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly report: Report;
}

/** The runner hands a saved case over in one environment variable. */
const SAVED_BYTES = 16 * 1024;
const LONGEST_TITLE = 100;
/** Each call is announced and answered; the rest is the beginning and the end. */
const PER_CALL = 2;
const AT_ENDS = 8;

/** What must hold of each publication. */
export const RULES_ON_PUBLICATION: Readonly<Record<string, Rule<Published>>> = {
  'saves no more than fits': (_world, _step, { text }) =>
    text.length > SAVED_BYTES || Buffer.byteLength(text) > SAVED_BYTES
      ? `it saves ${text.length} characters`
      : undefined,

  'publishes outputs of one safe line each': (_world, _step, { outputs }) => {
    const unsafe = Object.entries(outputs).find(
      ([name, value]) => name !== 'report' && /[\p{Cc}\u2028\u2029]|##\[|^\s*::/u.test(value)
    );
    if (unsafe) return `${unsafe[0]} is “${unsafe[1]}”`;
    const { title = '', message = '' } = outputs;
    if (message === '' || title === '') return 'it says nothing';
    return title.length > LONGEST_TITLE ? `the title has ${title.length} characters` : undefined;
  },

  'publishes what its verdict says': (_world, _step, { outputs, report: { verdict, case: c } }) => {
    const { outcome, cancellation, cleanup } = verdict;
    const due: Readonly<Record<string, string>> = {
      outcome: outcome.kind,
      'goal-reached': String(outcome.kind === 'reached'),
      cancellation: cancellation.kind,
      cleanup: cleanup.kind,
      state: c.read?.state ?? '',
      'request-id': c.id ?? ''
    };
    const wrong = Object.keys(due).find((name) => due[name] !== outputs[name]);
    return wrong === undefined ? undefined : `${wrong} is “${outputs[wrong] ?? ''}”`;
  },

  'publishes no more than happens': (_world, { publications, calls }) =>
    publications > PER_CALL * calls.length + AT_ENDS
      ? `${publications} publications, and ${calls.length} calls`
      : undefined
};
