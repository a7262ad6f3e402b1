import {
  type Import,
  importDurationMs,
  isInProgress,
  timeline,
  type TimelineEntry
} from '../case/import.ts';
import { commandsFor, GUIDES, phaseToCheck } from './advice.ts';
import { aftermathOf } from './aftermath.ts';
import {
  alertBox,
  code,
  codeBlock,
  escapeMarkdown,
  type Fact,
  factList,
  paragraphs,
  shown
} from './markdown.ts';
import { type ByHand, isReached, isTheOne, phaseOf, type Place, type Report } from './report.ts';
import { signOf, type Stop, timelineChart, timelineTable } from './timeline.ts';
import { wordsOf } from './words.ts';
import { lineOf, titleFor, type WrongInput } from '../inputs/form.ts';
import { lengthInWords } from '../time.ts';
import { inWords } from '../diagnosis/findings.ts';

// GitHub drops a summary of more than 1 MiB whole.
const MAX_SUMMARY_BYTES = 1024 * 1024 - 1024;
// A whole environment variable has 128 KiB.
const MAX_OUTPUT_BYTES = 60 * 1024;
const MAX_OUTAGES = 20;
const MAX_FINDINGS = 50;

/** The job summary as GitHub-flavoured Markdown, below 1 MiB whatever the server sent. */
export function summaryOf(report: Report): string {
  const sections = sectionsOf(report, timelineSection(report));
  return inBytes(MAX_SUMMARY_BYTES, [...sections, trafficFold(report)]);
}

/** The summary without charts and without what stands in folds, for an issue or a message. */
export function reportInMarkdown(report: Report): string {
  const table = isReached(report) ? '' : timelineTable(entriesOf(report), stopOf(report));
  return inBytes(MAX_OUTPUT_BYTES, sectionsOf(report, headed('Timeline', table)));
}

/** The list of what is wrong, as GitHub-flavoured Markdown. */
export function wrongInputsSummary(problems: readonly WrongInput[]): string {
  const items = problems.map((problem) => `- ${escapeMarkdown(lineOf(problem))}`);
  return `## ❌ ${titleFor(problems)}\n\n${items.join('\n')}\n`;
}

/** The summary of the post step as GitHub-flavoured Markdown. */
export function aftermathSummary(report: Report): string {
  const { short, alarm, happened, advice, byHand } = aftermathOf(report);
  const parts = [
    `## After the step: ${shown(short)}`,
    alarm === '' ? '' : alertBox('CAUTION', [shown(alarm)]),
    ...[...happened, ...advice].map(shown),
    ...byHand.map((each) => withCommands(each, report.place)),
    factList(whichImport(report))
  ];
  return `${paragraphs(parts)}\n`;
}

/** As Markdown, with the commands. */
function withCommands(byHand: ByHand, place: Place): string {
  return `${shown(byHand.purpose)}:\n\n${codeBlock('sh', commandsFor(byHand, place).join('\n'))}`;
}

/** What matters most comes first, so what is too much is left out from the end. */
function inBytes(most: number, sections: readonly string[]): string {
  const parts = sections.filter((part) => part !== '');
  while (Buffer.byteLength(paragraphs(parts)) >= most) parts.pop();
  return `${paragraphs(parts)}\n`;
}

function sectionsOf(report: Report, timeline: string): readonly string[] {
  return [
    ...headline(report),
    ...findingsAndFacts(report),
    timeline,
    checksSection(report),
    outagesSection(report)
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
  const { case: c, requested, terms, waitedMs } = report;
  const seedHost = requested?.seedHost;
  const isPast = isReached(report) && c.read !== undefined && c.read.state !== terms.goal;
  return factList([
    ...whichImport(report),
    ['It is in', isPast ? code(c.read.state) : undefined],
    ['Seed host', seedHost === undefined ? undefined : escapeMarkdown(seedHost)],
    ['Required processes', requiredProcesses(requested?.processes ?? [])],
    ['Waited', waitedMs < 1000 ? undefined : lengthInWords(waitedMs)],
    ['Import took', c.read && importTook(c.read)]
  ]);
}

/** The import, where it is known which, and its project, linked to its page, with its Ops Manager. */
function whichImport(report: Report): readonly Fact[] {
  const { id } = report.case;
  const { host, projectId, projectUrl } = report.place;
  return [
    ['Import', id === undefined || !isTheOne(report) ? undefined : code(id)],
    ['Project', `[${code(projectId)}](${projectUrl}) on ${escapeMarkdown(host)}`]
  ];
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
  const [entries, stop] = [entriesOf(report), stopOf(report)];
  const text = paragraphs([timelineChart(entries, stop), timelineTable(entries, stop)]);
  return isReached(report) && text !== '' ? fold('Timeline', text) : headed('Timeline', text);
}

/** Of several imports that may be meant, none is shown as the one. */
function entriesOf(report: Report): readonly TimelineEntry[] {
  const { read } = report.case;
  return read && isTheOne(report) ? timeline(read) : [];
}

function stopOf(report: Report): Stop | undefined {
  if (isReached(report)) return undefined;
  return { phase: phaseOf(report), sign: signOf(report.verdict.outcome) };
}

/** What may be wrong in the phase. */
function checksSection(report: Report): string {
  const phase = phaseToCheck(report);
  if (phase === undefined) return '';
  const { checks, pages } = GUIDES[phase];
  const list = checks.map((check) => `- ${check}`).join('\n');
  return headed(
    `What to check in ${code(phase)}`,
    `${list}\n\nDocumentation: ${pages.join(' · ')}`
  );
}

/** A list: the reasons of outages are too long for a table on a phone. */
function outagesSection({ outages, outageCount = outages.length }: Report): string {
  if (outageCount === 0) return '';
  const listed = outages.slice(-MAX_OUTAGES);
  const items = listed.map(
    ({ startedMs, lengthMs, reason }) =>
      `- **${lengthInWords(lengthMs)}**, ${lengthInWords(startedMs)} into the wait: ${shown(reason)}`
  );
  const left = outageCount - listed.length;
  const which = left > 0 ? `The newest ${listed.length} of ${outageCount}:\n\n` : '';
  return headed('Outages', `${which}${items.join('\n')}`);
}

function headed(heading: string, text: string): string {
  return text === '' ? '' : `### ${heading}\n\n${text}`;
}

/** What is folded away under its title, which is Markdown already, as its text is. */
function fold(title: string, text: string): string {
  return `<details><summary>${title}</summary>\n\n${text}\n\n</details>`;
}

/** What only those want to see who look for a fault. */
function trafficFold({ case: { read }, traffic }: Report): string {
  const { version, requests, retries } = traffic;
  const failed = retries === 0 ? '' : `, ${retries} of them without a usable answer`;
  const calls = `${requests} HTTP ${requests === 1 ? 'request' : 'requests'}${failed}.`;
  const server = version === undefined ? '' : ` Ops Manager ${escapeMarkdown(version)}.`;
  const reply = read ? `\n\nLast reply of Ops Manager:\n\n${codeBlock('json', read.reply)}` : '';
  return fold('Requests and replies', `${calls}${server}${reply}`);
}
