import { formatDuration } from '../duration.ts';
import { importDurationMs, isInProgress, timeline, type Import } from '../case/import.ts';
import { guideTo } from './phases.ts';
import type { Outage } from '../wait/patience.ts';
import { findingTable, type FindingRow } from './finding-table.ts';
import { alertBox, breakable, code, escapeMarkdown, factList, row } from './markdown.ts';
import { signOf, type Trouble } from './signs.ts';
import { isReached, type Report } from './report.ts';
import { timelineSection } from './timeline.ts';
import { isAboutPhase, isKnownWhich, phaseInQuestion, phaseOf } from './subject.ts';
import { wordsOf, type Sentence } from './words.ts';

// GitHub drops a summary of more than 1 MiB whole.
const MAX_BYTES = 1024 * 1024 - 1024;
const MAX_SENTENCE_CHARACTERS = 8 * 1024;
const MAX_ROWS = 100;

const COLUMNS = [
  { key: 'process', heading: 'Process' },
  { key: 'host', heading: 'Host' },
  { key: 'version', heading: 'Version' },
  { key: 'agent', heading: 'Agent' },
  { key: 'says', heading: 'What it says' }
] as const satisfies readonly { key: keyof FindingRow; heading: string }[];

/** What a summary tells of the calls. */
export interface SummaryFacts {
  /** Ops Manager's. */
  readonly version: string | undefined;
  readonly requests: number;
  /** How many attempts failed for now. */
  readonly retries: number;
}

/** The job summary as GitHub-flavoured Markdown, below 1 MiB whatever the server sent. */
export function summaryOf(report: Report, facts: SummaryFacts): string {
  // Of several imports that may be meant, none is shown as the one.
  const read = isKnownWhich(report) ? report.case.read : undefined;
  const parts = [
    headline(report),
    findingsSection(report),
    factsSection(report),
    ...(read ? [timelineSection(timeline(read), troubleOf(report))] : []),
    checksSection(report),
    outagesSection(report.outages),
    fold(report, facts)
  ].filter((part) => part !== '');
  // What matters most comes first, so what is too much is left out from the end.
  while (Buffer.byteLength(parts.join('\n\n')) > MAX_BYTES) parts.pop();
  return `${parts.join('\n\n')}\n`;
}

function headline(report: Report): string {
  const { title, sentences, caveats } = wordsOf(report);
  return [
    `## ${signOf(report.verdict.outcome)} ${breakable(escapeMarkdown(title))}`,
    ...sentences.filter(({ kind }) => kind !== 'advice').map(paragraph),
    ...(caveats.length > 0 ? [`⚠️ ${caveats.map(shown).join(' ')}`] : []),
    ...sentences.filter(({ kind }) => kind === 'advice').map(paragraph)
  ].join('\n\n');
}

function paragraph({ kind, text }: Sentence): string {
  switch (kind) {
    case 'alarm':
      return alertBox('CAUTION', [text]);
    case 'happened':
      return shown(text);
    case 'finding':
      return `🔎 ${shown(text)}`;
    case 'advice':
      return `**${shown(text)}**`;
  }
}

function shown(sentence: string): string {
  return breakable(escapeMarkdown(sentence.slice(0, MAX_SENTENCE_CHARACTERS)));
}

/** All findings, worst first; one that is about no process or host is in the headline already. */
function findingsSection({ findings }: Report): string {
  const { rows, leftOut } = findingTable(findings);
  // What applies to none of them would only push the rest off a phone.
  const columns = COLUMNS.filter(({ key }) => rows.some((each) => each[key] !== ''));
  if (rows.length < 2 && columns.length < 2) return '';
  const cells = rows.map((each) =>
    row(...columns.map(({ key }) => breakableNames(escapeMarkdown(each[key]))))
  );
  return [
    '### What holds the import up',
    [
      row(...columns.map(({ heading }) => heading)),
      row(...columns.map(() => ':--')),
      ...cells
    ].join('\n'),
    ...(leftOut > 0 ? [`${leftOut} more are not shown.`] : [])
  ].join('\n\n');
}

/** Escaped text whose states and host names a phone may break; they are copied as they are. */
function breakableNames(markdown: string): string {
  return breakable(markdown).replace(/\\\.(?=\w)/g, '$&<wbr>');
}

/** The facts that matter in this outcome, in words. */
function factsSection(report: Report): string {
  const { case: c, place, request } = report;
  return factList([
    ['Import', c.id === undefined || !isKnownWhich(report) ? undefined : code(c.id)],
    ['Project', projectLink(place)],
    ['Seed host', request?.seedHost === undefined ? undefined : escapeMarkdown(request.seedHost)],
    ['Required processes', requiredProcesses(request?.processes ?? [])],
    ['Waited', report.waitedMs < 1000 ? undefined : formatDuration(report.waitedMs)],
    ['Import took', c.read && importTook(c.read)]
  ]);
}

/** The project by its id, linked to its page, and its Ops Manager. */
export function projectLink({ host, projectId, projectUrl }: Report['place']): string {
  return `[${code(projectId)}](${projectUrl}) on ${escapeMarkdown(host)}`;
}

function requiredProcesses(processes: readonly string[]): string | undefined {
  if (processes.length === 0) return undefined;
  const shown = processes.slice(0, 10).map(escapeMarkdown);
  const more = processes.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function importTook(request: Import): string | undefined {
  if (isInProgress(request)) return undefined;
  const importMs = importDurationMs(request);
  return importMs === undefined ? undefined : formatDuration(importMs);
}

function troubleOf(report: Report): Trouble | undefined {
  if (isReached(report)) return undefined;
  return { phase: phaseOf(report), sign: signOf(report.verdict.outcome) };
}

function checksSection(report: Report): string {
  const phase = phaseInQuestion(report);
  const guide = guideTo(phase);
  if (phase === undefined || !guide || !isAboutPhase(report.verdict.outcome.kind)) return '';
  const pages = guide.pages.map(({ title, url }) => `[${title}](${url})`).join(' · ');
  return [
    `### What to check in ${code(phase)}`,
    guide.checks.map((check) => `- ${check}`).join('\n'),
    `Documentation: ${pages}`
  ].join('\n\n');
}

/** A list: the reasons of outages are too long for a table on a phone. */
function outagesSection(outages: readonly Outage[]): string {
  if (outages.length === 0) return '';
  const shownOutages = outages.slice(0, MAX_ROWS);
  const items = shownOutages.map(({ startedMs, lengthMs, reason }) => {
    const length = lengthMs < 1000 ? 'under 1s' : formatDuration(lengthMs);
    return `- **${length}**, ${formatDuration(startedMs)} into the wait: ${shown(reason)}`;
  });
  const left = outages.length - shownOutages.length;
  return [
    '### Outages',
    items.join('\n'),
    ...(left > 0 ? [`${left} more outages followed.`] : [])
  ].join('\n\n');
}

/** What only those want to see who look for a fault. */
function fold({ case: { read } }: Report, { version, requests, retries }: SummaryFacts): string {
  const failed = retries === 0 ? '' : `, ${retries} of them without a usable answer`;
  const calls = `${requests} HTTP ${requests === 1 ? 'request' : 'requests'}${failed}.`;
  const server = version === undefined ? '' : ` Ops Manager ${escapeMarkdown(version)}.`;
  // No line of indented JSON can close the fence: a string in it has no line breaks.
  const reply = read ? ['Last reply of Ops Manager:', `\`\`\`\`json\n${read.reply}\n\`\`\`\``] : [];
  return [
    '<details><summary>Requests and replies</summary>',
    `${calls}${server}`,
    ...reply,
    '</details>'
  ].join('\n\n');
}
