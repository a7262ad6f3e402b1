import * as core from '@actions/core';
import { logError } from './log.ts';
import { escapeMarkdown } from './markdown.ts';
import { outputsWithoutCase } from './outputs.ts';
import { succeeds } from './publication.ts';
import { writeOutputs, writeSummary } from './runner-files.ts';

/** The whole report on inputs that are wrong: one line each, and nothing else. */
export function refuseInputs(problems: readonly string[], wantsSummary: boolean): void {
  const title = problems.length === 1 ? '1 input is wrong' : `${problems.length} inputs are wrong`;
  process.exitCode = core.ExitCode.Failure;
  succeeds(() => {
    writeOutputs(outputsWithoutCase(title, `${title}. ${problems.join(' ')}`));
  });
  logError(title, ...problems);
  if (!wantsSummary) return;
  const items = problems.map((problem) => `- ${escapeMarkdown(problem)}`);
  succeeds(() => {
    writeSummary(`## ❌ ${title}\n\n${items.join('\n')}\n`);
  });
}
