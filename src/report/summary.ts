import { importDurationMs, isInProgress, timeline, type Import } from '../case/import.ts';
import { isKnownWhich } from '../case/verdict.ts';
import { inWords } from '../diagnosis/words.ts';
import type { Outage } from '../wait/patience.ts';
import { commandsFor, type ByHand } from './by-hand.ts';
import {
  alertBox,
  breakable,
  code,
  codeBlock,
  escapeMarkdown,
  factList,
  fold
} from './markdown.ts';
import { adviceFor } from './outcome.ts';
import { guideTo } from './phases.ts';
import { isReached, type Report } from './report.ts';
import { lengthInWords, signOf, type Stop } from './signs.ts';
import { phaseInQuestion, phaseOf } from './subject.ts';
import { timelineChart, timelineTable } from './timeline.ts';
import { wordsOf } from './words.ts';

// GitHub drops a summary of more than 1 MiB whole.
const MAX_SUMMARY_BYTES = 1024 * 1024 - 1024;
// A whole environment variable has 128 KiB.
const MAX_OUTPUT_BYTES = 60 * 1024;
const MAX_SENTENCE_CHARACTERS = 8 * 1024;
const MAX_OUTAGES = 20;
const MAX_FINDINGS = 50;

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
  return inBytes(MAX_SUMMARY_BYTES, [
    ...sectionsOf(report, timelineSection(report)),
    callsFold(report, facts)
  ]);
}

/** The summary without charts and without what stands in folds, for an issue or a message. */
export function reportInMarkdown(report: Report): string {
  const { read } = report.case;
  const isShown = read && isKnownWhich(report.case) && !isReached(report);
  const table = isShown ? timelineTable(timeline(read), stopOf(report)) : '';
  return inBytes(MAX_OUTPUT_BYTES, sectionsOf(report, headed('Timeline', table)));
}

/** What matters most comes first, so what is too much is left out from the end. */
function inBytes(most: number, sections: readonly string[]): string {
  const parts = sections.filter((part) => part !== '');
  while (Buffer.byteLength(parts.join('\n\n')) >= most) parts.pop();
  return `${parts.join('\n\n')}\n`;
}

function sectionsOf(report: Report, timeline: string): readonly string[] {
  return [
    ...headline(report),
    ...findingsAndFacts(report),
    timeline,
    checksSection(report),
    outagesSection(report.outages)
  ];
}

/** What is dangerous, then the cause, each in a box; then what to do. */
function headline(report: Report): readonly string[] {
  const { title, alarm, cause, standing, happened, caveats, advice, byHand } = wordsOf(report);
  return [
    `## ${signOf(report.verdict.outcome)} ${shown(title)}`,
    alarm === '' ? '' : alertBox('CAUTION', [shown(alarm)]),
    cause === '' ? '' : alertBox('WARNING', [`**${shown(cause)}**`, shown(standing)]),
    ...happened.map(shown),
    ...caveats.map((caveat) => `⚠️ ${shown(caveat)}`),
    ...advice.map(shown),
    ...byHand.map((each) => withCommands(each, report.place))
  ];
}

/** What can be done by hand, with its commands. */
export function withCommands(byHand: ByHand, place: Report['place']): string {
  return `${shown(byHand.purpose)}:\n\n${codeBlock('sh', commandsFor(byHand, place).join('\n'))}`;
}

/** A sentence as Markdown that a phone may break at underscores. */
export function shown(sentence: string): string {
  return breakable(escapeMarkdown(sentence.slice(0, MAX_SENTENCE_CHARACTERS)));
}

/** All findings, worst first, a line each; where there is only one, the box and the error have it. */
export function findingLines({ findings }: Report): readonly string[] {
  if (findings.length < 2) return [];
  const left = findings.length - MAX_FINDINGS;
  const items = inWords(findings.slice(0, MAX_FINDINGS)).map(({ item }) => item);
  return left > 0 ? [...items, `${left} more are not shown.`] : items;
}

/** Two lists without a heading between them would be one. */
function findingsAndFacts(report: Report): readonly string[] {
  const lines = findingLines(report).map((line) => `- ${shown(line)}`);
  const facts = factsSection(report);
  return lines.length === 0
    ? [facts]
    : [headed('What holds the import up', lines.join('\n')), headed('The import', facts)];
}

/** The facts that matter in this outcome, in words. */
function factsSection(report: Report): string {
  const { case: c, place, requested, terms } = report;
  const isPast = isReached(report) && c.read !== undefined && c.read.state !== terms.goal;
  return factList([
    ['Import', c.id === undefined || !isKnownWhich(report.case) ? undefined : code(c.id)],
    ['Project', projectLink(place)],
    ['It is in', isPast ? code(c.read.state) : undefined],
    [
      'Seed host',
      requested?.seedHost === undefined ? undefined : escapeMarkdown(requested.seedHost)
    ],
    ['Required processes', requiredProcesses(requested?.processes ?? [])],
    ['Waited', report.waitedMs < 1000 ? undefined : lengthInWords(report.waitedMs)],
    ['Import took', c.read && importTook(c.read)]
  ]);
}

/** The project by its id, linked to its page, and its Ops Manager. */
export function projectLink({ host, projectId, projectUrl }: Report['place']): string {
  return `[${code(projectId)}](${projectUrl}) on ${escapeMarkdown(host)}`;
}

function requiredProcesses(processes: readonly string[]): string | undefined {
  if (processes.length === 0) return undefined;
  const named = processes.slice(0, 10).map(escapeMarkdown);
  const more = processes.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function importTook(read: Import): string | undefined {
  if (isInProgress(read)) return undefined;
  const importMs = importDurationMs(read);
  return importMs === undefined ? undefined : lengthInWords(importMs);
}

/** The chart and the table; in a fold where all is well. */
function timelineSection(report: Report): string {
  const { read } = report.case;
  // Of several imports that may be meant, none is shown as the one.
  if (!read || !isKnownWhich(report.case)) return '';
  const [entries, stop] = [timeline(read), stopOf(report)];
  const parts = [timelineChart(entries, stop), timelineTable(entries, stop)];
  const shownParts = parts.filter((part) => part !== '').join('\n\n');
  if (shownParts === '') return '';
  return isReached(report) ? fold('Timeline', shownParts) : headed('Timeline', shownParts);
}

function stopOf(report: Report): Stop | undefined {
  if (isReached(report)) return undefined;
  return { phase: phaseOf(report), sign: signOf(report.verdict.outcome) };
}

/** What may be wrong in the phase, where nothing was found and nobody stopped the step. */
export function phaseToCheck(report: Report): string | undefined {
  const { outcome } = report.verdict;
  const isAboutPhase =
    outcome.kind === 'failed' ||
    outcome.kind === 'stalled' ||
    (outcome.kind === 'timed-out' && outcome.trouble === undefined);
  return isAboutPhase && adviceFor(report.findings) === undefined
    ? phaseInQuestion(report)
    : undefined;
}

function checksSection(report: Report): string {
  const phase = phaseToCheck(report);
  const guide = guideTo(phase);
  if (phase === undefined || !guide) return '';
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
  const listed = outages.slice(0, MAX_OUTAGES);
  const items = listed.map(
    ({ startedMs, lengthMs, reason }) =>
      `- **${lengthInWords(lengthMs)}**, ${lengthInWords(startedMs)} into the wait: ${shown(reason)}`
  );
  const left = outages.length - listed.length;
  const rest = left > 0 ? `\n\n${left} more outages followed.` : '';
  return headed('Outages', `${items.join('\n')}${rest}`);
}

function headed(heading: string, text: string): string {
  return text === '' ? '' : `### ${heading}\n\n${text}`;
}

/** What only those want to see who look for a fault. */
function callsFold(
  { case: { read } }: Report,
  { version, requests, retries }: SummaryFacts
): string {
  const failed = retries === 0 ? '' : `, ${retries} of them without a usable answer`;
  const calls = `${requests} HTTP ${requests === 1 ? 'request' : 'requests'}${failed}.`;
  const server = version === undefined ? '' : ` Ops Manager ${escapeMarkdown(version)}.`;
  const reply = read ? `\n\nLast reply of Ops Manager:\n\n${codeBlock('json', read.reply)}` : '';
  return fold('Requests and replies', `${calls}${server}${reply}`);
}
