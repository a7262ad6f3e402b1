import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

/** Runs the tests, those of its arguments or all, and says which took longest. */

const SHOWN = 20;

interface TestFile {
  readonly name: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly duration?: number | null;
  }[];
}

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'slowest-'));
const report = join(folder, 'report.json');
const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
const { status } = spawnSync(
  process.execPath,
  [...jest, '--json', '--outputFile', report, ...process.argv.slice(2)],
  { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }
);
const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
  readonly testResults: readonly TestFile[];
};
rmSync(folder, { recursive: true });

print(
  'files',
  testResults.map((file) => [file.endTime - file.startTime, nameOf(file)])
);
print(
  'tests',
  testResults.flatMap((file) =>
    file.assertionResults.map(
      ({ fullName, duration }) => [duration ?? 0, `${nameOf(file)}: ${fullName}`] as const
    )
  )
);
process.exitCode = status ?? 1;

function nameOf({ name }: TestFile): string {
  return relative(join(root, '__tests__'), name);
}

function print(what: string, timed: readonly (readonly [ms: number, name: string])[]): void {
  console.log(`\nThe slowest ${what}`);
  const slowest = [...timed].sort(([one], [other]) => other - one).slice(0, SHOWN);
  for (const [ms, name] of slowest) {
    console.log(`${(ms / 1000).toFixed(1).padStart(7)} s  ${name.slice(0, 120)}`);
  }
}
