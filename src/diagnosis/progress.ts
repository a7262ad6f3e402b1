import type { Finding } from './finding.ts';
import type { GoalCount, News } from './memory.ts';
import { someNames, withFullStop } from './phrases.ts';
import { sentenceOf } from './words.ts';

/** Lines that one answer may add to the log. */
const LONGEST_NEWS = 5;

/** What changed since the answer before, a line each: `rs0_2 reached version 5: 2 of 3`. */
export function newsLines(news: readonly News[]): string[] {
  const shown = news.length > LONGEST_NEWS ? news.slice(0, LONGEST_NEWS - 1) : news;
  const rest = news.length - shown.length;
  return [...shown.map(newsLine), ...(rest > 0 ? [`${rest} more changes`] : [])];
}

/** How far the processes are, and what is worst: for a heartbeat without news. */
export function rolloutLine(count: GoalCount, worst: Finding | undefined): string {
  const { goalVersion } = count;
  const verb = count.total === 1 ? 'process is' : 'processes are';
  const line = `${ofTotal(count)} ${verb} at version ${goalVersion}${scopeOf(count)}.`;
  // That nobody is behind is what the count says.
  return worst && worst.kind !== 'nobody-behind' ? `${line} ${sentenceOf(worst)}` : line;
}

/** A warning, a sentence each, before an import is created whose hosts have no live agent. */
export function agentWarning(findings: readonly Finding[]): readonly string[] {
  return [
    ...findings.map(sentenceOf),
    'The import needs a MongoDB Agent on each required host that runs and reaches Ops Manager.',
    'Where a host has another name there, ignore this.'
  ];
}

function newsLine(news: News): string {
  switch (news.kind) {
    case 'arrived':
      return `${someNames(news.names)} reached version ${news.count.goalVersion}: ${ofTotal(news.count)}${scopeOf(news.count)}`;
    case 'new-goal':
      return `The goal version is now ${news.count.goalVersion}: ${ofTotal(news.count)}${scopeOf(news.count)}`;
    case 'error':
      return `${someNames(news.names)} ${news.names.length === 1 ? 'reports' : 'report'} an error: ${withFullStop(news.error.text)}`;
    case 'error-gone':
      return `${someNames(news.names)} no longer ${news.names.length === 1 ? 'reports' : 'report'} an error`;
  }
}

function ofTotal({ atGoal, total }: GoalCount): string {
  return `${atGoal} of ${total}`;
}

/** Without names to go by, these are all processes of the project. */
function scopeOf({ of }: GoalCount): string {
  return of === 'import' ? '' : ' in the project';
}
