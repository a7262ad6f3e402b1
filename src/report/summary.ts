import * as core from '@actions/core';
import { formatDuration } from '../duration.ts';
import {
  importDurationMs,
  isInProgress,
  timeline,
  type ImportRequest
} from '../import/import-request.ts';
import { guideTo } from '../import/phases.ts';
import { describe, isReached, phaseOf, type Outage, type Result } from '../outcome.ts';
import { code, escapeMarkdown, factList, row } from './markdown.ts';
import { signOf, type Trouble } from './progress.ts';
import { timelineSection } from './timeline.ts';
import { logWarning } from './log.ts';

// GitHub drops a summary of more than 1 MiB whole.
const MAX_BYTES = 1024 * 1024 - 1024;
const MAX_REPLY_CHARACTERS = 64 * 1024;
const MAX_SENTENCE_CHARACTERS = 8 * 1024;
const MAX_ROWS = 100;

/** What a summary tells of beside the result. */
export interface SummaryFacts {
  readonly projectId: string | undefined;
  /** The project's page in Ops Manager. */
  readonly projectUrl: string | undefined;
  readonly version: string | undefined;
  readonly requests: number;
  /** How many attempts failed for now. */
  readonly retries: number;
}

/** The job summary as GitHub-flavoured Markdown, below 1 MiB whatever the server sent. */
export function summaryOf(result: Result, facts: SummaryFacts): string {
  const parts = [
    headline(result),
    factsSection(result, facts),
    ...(result.request ? [timelineSection(timeline(result.request), troubleOf(result))] : []),
    ...(isReached(result) ? [] : [checksSection(result)]),
    outagesSection(result.outages),
    ...(result.request ? [replySection(result.request)] : [])
  ].filter((part) => part !== '');
  // What matters most comes first, so what is too much is left out from the end.
  while (Buffer.byteLength(parts.join('\n\n')) > MAX_BYTES) parts.pop();
  return `${parts.join('\n\n')}\n`;
}

/** Appends to the job summary; where there is none, nothing happens. */
export async function writeSummary(markdown: string): Promise<void> {
  if (!process.env['GITHUB_STEP_SUMMARY']) return;
  try {
    await core.summary.addRaw(markdown, true).write();
  } catch (error) {
    logWarning(
      `The job summary could not be written: ${String(error)}. The outcome is not affected.`
    );
  }
}

function headline(result: Result): string {
  const { title, happened, caveat, advice } = describe(result);
  const [inWords, beside, toDo] = [happened, caveat, advice].map((text) =>
    escapeMarkdown(text.slice(0, MAX_SENTENCE_CHARACTERS))
  );
  const heading = `## ${signOf(result.outcome)} ${escapeMarkdown(title)}`;
  const paragraphs = [heading, inWords, beside && `⚠️ ${beside}`, toDo && `**${toDo}**`];
  return paragraphs.filter((text) => text).join('\n\n');
}

function factsSection(result: Result, facts: SummaryFacts): string {
  const { request, requestId } = result;
  const project = facts.projectId === undefined ? undefined : code(facts.projectId);
  const named: readonly (readonly [string, string | undefined])[] = [
    ['Import', requestId === undefined ? undefined : code(requestId)],
    ['Goal', code(result.goal)],
    ['Project', project && facts.projectUrl ? `[${project}](${facts.projectUrl})` : project],
    ['Last state', request ? code(request.state) : 'none was read'],
    ['Waited', formatDuration(result.waitedMs)],
    ['Import took', request && importTook(request)],
    ['Cancellation', result.cancellation.kind],
    ['Clean-up', result.cleanup.kind],
    ['Ops Manager', facts.version === undefined ? undefined : escapeMarkdown(facts.version)],
    [
      'HTTP requests',
      `${facts.requests}${facts.retries === 0 ? '' : `, of which ${facts.retries} failed`}`
    ]
  ];
  return factList(named);
}

function troubleOf(result: Result): Trouble | undefined {
  return isReached(result) ? undefined : { phase: phaseOf(result), sign: signOf(result.outcome) };
}

function importTook(request: ImportRequest): string | undefined {
  if (isInProgress(request)) return 'not ended';
  const importMs = importDurationMs(request);
  return importMs === undefined ? undefined : formatDuration(importMs);
}

function checksSection(result: Result): string {
  const phase = phaseOf(result);
  const guide = guideTo(phase);
  // After the others it is not the phase that wants to be looked at.
  const isAboutPhase = ['failed', 'timed-out', 'stalled', 'interrupted'].includes(
    result.outcome.kind
  );
  if (phase === undefined || !guide || !isAboutPhase) return '';
  const pages = guide.pages.map(({ title, url }) => `[${title}](${url})`).join(' · ');
  return [
    `### What to check in ${code(phase)}`,
    guide.checks.map((check) => `- ${check}`).join('\n'),
    `Documentation: ${pages}`
  ].join('\n\n');
}

function outagesSection(outages: readonly Outage[]): string {
  if (outages.length === 0) return '';
  const shown = outages.slice(0, MAX_ROWS);
  const rows = shown.map(({ startedMs, lengthMs, reason }) =>
    row(formatDuration(startedMs), formatDuration(lengthMs), escapeMarkdown(reason))
  );
  const left = outages.length - shown.length;
  return [
    '### Outages',
    [row('Began&nbsp;after', 'Length', 'Reason'), row('--:', '--:', ':--'), ...rows].join('\n'),
    ...(left > 0 ? [`${left} more outages followed.`] : [])
  ].join('\n\n');
}

function replySection({ reply }: ImportRequest): string {
  // JSON escapes most control characters, but not these.
  const json = JSON.stringify(reply, undefined, 2).replace(
    /[\u007f-\u009f\u2028\u2029\p{Cf}]/gu,
    ' '
  );
  const shown =
    json.length > MAX_REPLY_CHARACTERS ? `${json.slice(0, MAX_REPLY_CHARACTERS)}\n…` : json;
  // No line of indented JSON can close the fence: a string in it has no line breaks.
  return [
    '<details><summary>Last reply of Ops Manager</summary>',
    ['````json', shown, '````'].join('\n'),
    '</details>'
  ].join('\n\n');
}
