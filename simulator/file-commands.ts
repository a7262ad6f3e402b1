/** What a file such as `GITHUB_OUTPUT` holds. */
interface FileCommands {
  readonly values: Readonly<Record<string, string>>;
  /** Why the runner fails the step; the values before that place count. */
  readonly problem: string | undefined;
}

/**
 * Reads `name=value` and `name<<delimiter`, lines, `delimiter`, as strictly as GitHub's runner does
 * (`FileCommandManager`). Of several values with one name the last counts.
 */
export function parseFileCommands(text: string): FileCommands {
  const values: Record<string, string> = {};
  // Elsewhere a CR belongs to the value.
  const lines = text.split(process.platform === 'win32' ? /\r?\n/ : '\n');
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const [, name = '', sign, rest = ''] = /^(.*?)(=|<<)(.*)$/s.exec(line) ?? [];
    if (sign === undefined || (sign === '<<' && (name === '' || rest === ''))) {
      return { values, problem: `Invalid format '${line}'` };
    }
    if (sign === '=') {
      values[name] = rest;
      continue;
    }
    const end = lines.indexOf(rest, index + 1);
    if (end < 0) {
      return { values, problem: `Invalid value. Matching delimiter not found '${rest}'` };
    }
    values[name] = lines.slice(index + 1, end).join('\n');
    index = end;
  }
  return { values, problem: undefined };
}
