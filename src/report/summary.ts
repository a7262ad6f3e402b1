import { formatDuration } from '../duration.ts';
import { importDurationMs, isInProgress, timeline, type Import } from '../case/import.ts';
import { inWords } from '../diagnosis/words.ts';
import { guideTo } from './phases.ts';
import type { Outage } from '../wait/patience.ts';
import { alertBox, breakable, code, escapeMarkdown, factList } from './markdown.ts';
import { signOf, type Trouble } from './signs.ts';
import { isReached, type Report } from './report.ts';
import { timelineSection } from './timeline.ts';
import { isKnownWhich } from '../case/verdict.ts';
import { isAboutPhase, phaseInQuestion, phaseOf } from './subject.ts';
import { wordsOf, type Sentence } from './words.ts';

// GitHub drops a summary of more than 1 MiB whole.
const MAX_BYTES = 1024 * 1024 - 1024;
const MAX_SENTENCE_CHARACTERS = 8 * 1024;
const MAX_ROWS = 100;
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
  // Of several imports that may be meant, none is shown as the one.
  const read = isKnownWhich(report.case) ? report.case.read : undefined;
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

/** All findings, worst first; where there is one, the headline has it. */
function findingsSection({ findings }: Report): string {
  if (findings.length < 2) return '';
  const items = inWords(findings).slice(0, MAX_FINDINGS);
  const leftOut = findings.length - items.length;
  return [
    '### What holds the import up',
    items.map(({ item }) => `- ${shown(item)}`).join('\n'),
    ...(leftOut > 0 ? [`${leftOut} more are not shown.`] : [])
  ].join('\n\n');
}

/** The facts that matter in this outcome, in words. */
function factsSection(report: Report): string {
  const { case: c, place, request } = report;
  return factList([
    ['Import', c.id === undefined || !isKnownWhich(report.case) ? undefined : code(c.id)],
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
