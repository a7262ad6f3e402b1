import * as core from '@actions/core';
import { logError } from './log.ts';
import { escapeMarkdown } from './markdown.ts';
import { outputsWithoutCase } from './outputs.ts';
import { succeeds } from './publication.ts';
import { writeOutputs, writeSummary } from './runner-files.ts';

/** The whole report on inputs that are wrong: one line each, and nothing else. */
export function refuseInputs(problems: readonly string[], wantsSummary: boolean): void {
  const title = titleFor(problems);
  process.exitCode = core.ExitCode.Failure;
  succeeds(() => {
    writeOutputs(outputsWithoutCase(title, `${title}. ${problems.join(' ')}`));
  });
  logError(title, ...problems);
  if (!wantsSummary) return;
  succeeds(() => {
    writeSummary(wrongInputsSummary(problems));
  });
}

/** The list of what is wrong, as GitHub-flavoured Markdown. */
export function wrongInputsSummary(problems: readonly string[]): string {
  const items = problems.map((problem) => `- ${escapeMarkdown(problem)}`);
  return `## ❌ ${titleFor(problems)}\n\n${items.join('\n')}\n`;
}

function titleFor({ length }: readonly string[]): string {
  return length === 1 ? '1 input is wrong' : `${length} inputs are wrong`;
}
