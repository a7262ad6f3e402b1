import { formatDate } from '../date.ts';
import { formatDuration } from '../duration.ts';
import {
  importDurationMs,
  isInProgress,
  timeline,
  type ImportRequest
} from '../import/import-request.ts';
import { guideTo } from '../import/phases.ts';
import type { Outage } from '../wait/patience.ts';
import { code, escapeMarkdown, row } from './markdown.ts';
import { ganttOf } from './gantt.ts';
import { signOf, signOfEntry, timeInState, type Trouble } from './progress.ts';
import { isReached, type Report } from './report.ts';
import { isAboutPhase, phaseOf, wordsOf } from './words.ts';

// GitHub drops a summary of more than 1 MiB whole.
const MAX_BYTES = 1024 * 1024 - 1024;
const MAX_SENTENCE_CHARACTERS = 8 * 1024;
const MAX_ROWS = 100;

/** What a summary tells of beside the result. */
export interface SummaryFacts {
  readonly version: string | undefined;
  readonly requests: number;
  /** How many attempts failed for now. */
  readonly retries: number;
}

/** The job summary as GitHub-flavoured Markdown, below 1 MiB whatever the server sent. */
export function summaryOf(report: Report, facts: SummaryFacts): string {
  const { read } = report.case;
  const parts = [
    headline(report),
    factsTable(report, facts),
    ...(read ? [timelineSection(read, report)] : []),
    ...(isReached(report) ? [] : [checksSection(report)]),
    outagesSection(report.outages),
    ...(read ? [replySection(read)] : [])
  ].filter((part) => part !== '');
  // What matters most comes first, so what is too much is left out from the end.
  while (Buffer.byteLength(parts.join('\n\n')) > MAX_BYTES) parts.pop();
  return `${parts.join('\n\n')}\n`;
}

function headline(report: Report): string {
  const { title, alarm, happened, caveat, advice } = wordsOf(report);
  const shown = (sentence: string): string =>
    escapeMarkdown(sentence.slice(0, MAX_SENTENCE_CHARACTERS));
  return [
    `## ${signOf(report.verdict.outcome)} ${escapeMarkdown(title)}`,
    alarm && `> [!CAUTION]\n> ${shown(alarm)}`,
    ...happened.map(shown),
    caveat && `⚠️ ${shown(caveat)}`,
    ...advice.map((sentence) => `**${shown(sentence)}**`)
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

function factsTable(report: Report, facts: SummaryFacts): string {
  const { case: c, place } = report;
  const named: readonly (readonly [string, string | undefined])[] = [
    ['Import', c.id === undefined ? undefined : code(c.id)],
    ['Project', `[${code(place.projectId)}](${place.projectUrl})`],
    ['Ops Manager', escapeMarkdown(place.host)],
    ['Waited', formatDuration(report.waitedMs)],
    ['Import took', c.read && importTook(c.read)],
    ['Version', facts.version === undefined ? undefined : escapeMarkdown(facts.version)]
  ];
  const cells = named.flatMap(([name, value]) =>
    value === undefined ? [] : [[`**${name}**`, value]]
  );
  // Two facts a row: what comes after the table is then on the first screen.
  const rows = cells.flatMap((cell, index) =>
    index % 2 === 0 ? [row(...cell, ...(cells[index + 1] ?? ['', '']))] : []
  );
  return [rows[0], row(':--', ':--', ':--', ':--'), ...rows.slice(1)].join('\n');
}

function importTook(request: ImportRequest): string | undefined {
  if (isInProgress(request)) return 'not ended';
  const importMs = importDurationMs(request);
  return importMs === undefined ? undefined : formatDuration(importMs);
}

function timelineSection(request: ImportRequest, report: Report): string {
  const entries = timeline(request);
  if (entries.length === 0) return '';
  const shown = entries.slice(-MAX_ROWS);
  const trouble = troubleOf(report);
  const rows = shown.map((entry) =>
    row(
      `${signOfEntry(entry, trouble)} ${code(entry.state)}`,
      formatDate(entry.transitionedAt),
      timeInState(entry)
    )
  );
  const left = entries.length - shown.length;
  const chart = ganttOf(shown, trouble);
  return [
    '### Timeline',
    ...(chart === undefined ? [] : [['```mermaid', chart, '```'].join('\n')]),
    [row('State', 'Entered', 'Time in state'), row(':--', ':--', '--:'), ...rows].join('\n'),
    ...(left > 0 ? [`${left} earlier transitions are in the output \`history\`.`] : [])
  ].join('\n\n');
}

function troubleOf(report: Report): Trouble | undefined {
  if (isReached(report)) return undefined;
  return { phase: phaseOf(report), sign: signOf(report.verdict.outcome) };
}

function checksSection(report: Report): string {
  const phase = phaseOf(report);
  const guide = guideTo(phase);
  if (phase === undefined || !guide || !isAboutPhase(report.verdict.outcome.kind)) return '';
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
  // No line of indented JSON can close the fence: a string in it has no line breaks.
  return [
    '<details><summary>Last reply of Ops Manager</summary>',
    ['````json', reply, '````'].join('\n'),
    '</details>'
  ].join('\n\n');
}
