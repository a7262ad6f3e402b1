import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const top = mkdtempSync(join(tmpdir(), 'release-'));
/** At one place for all tests, so that Node has to compile its programs once. */
const folder = join(top, 'project');

beforeEach(() => {
  for (const path of ['.ci/release', 'scripts/release-notes.ts']) {
    cpSync(join(root, path), join(folder, path));
  }
  const versions = ['1.0.0', '1.0.1', '1.1.0', '1.2.0', '2.0.0'];
  const changelog = versions.map((version) => `## [${version}] - 2026-11-24\n\nNotes ${version}\n`);
  writeFileSync(join(folder, 'CHANGELOG.md'), `# Changelog\n\n${changelog.join('\n')}`);
  mkdirSync(join(folder, 'bin'));
  // Keeps a release in a file: its first line says whether it is a draft. An order can fail once.
  const gh = `#!/usr/bin/env bash
    echo "$*" | sed 's/--notes-file [^ ]*/NOTES/' >>calls
    if [ -e fails ] && [[ "$*" == *"$(cat fails)"* ]]; then rm fails; exit 1; fi
    case "$1 $2" in
      'release view') cat release 2>/dev/null ;;
      'release create') [ ! -e release ] || exit 1; echo true >release ;;
      'release edit')
        echo false >release
        cp "$(echo "$*" | sed 's/.*--notes-file //; s/ .*//')" notes ;;
      *) [[ "$*" != *PATCH* ]] || [ -e v1-exists ] ;;
    esac\n`;
  writeFileSync(join(folder, 'bin', 'gh'), gh, { mode: 0o755 });
  git('init', '--quiet');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

afterAll(() => {
  rmSync(top, { recursive: true });
});

function git(...args: readonly string[]): string {
  const who = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
  return execFileSync('git', [...who, ...args], { cwd: folder, encoding: 'utf8' }).trim();
}

/** A commit for each tag, and the release of the last. */
function tags(...names: readonly string[]): void {
  for (const name of names) {
    git('commit', '--quiet', '--allow-empty', '--message', name);
    git('tag', '--no-sign', name);
  }
}

function release(tag: string): { status: number | null; calls: string[]; output: string } {
  rmSync(join(folder, 'calls'), { force: true });
  const path = [join(folder, 'bin'), join(root, 'node_modules', '.bin'), process.env['PATH']];
  const { status, stdout, stderr } = spawnSync('bash', ['.ci/release', tag], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: path.join(delimiter),
      GITHUB_REPOSITORY: 'example/action',
      NODE_COMPILE_CACHE: join(top, 'compiled')
    }
  });
  let calls: string[] = [];
  try {
    calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  } catch {
    // It asked nothing of GitHub.
  }
  const orders = calls.filter((call) => !call.startsWith('release view'));
  return { status, calls: orders, output: stdout + stderr };
}

const CREATE = (tag: string): string =>
  `release create ${tag} --draft --verify-tag --title ${tag} NOTES`;
const PUBLISH = (tag: string, isLatest: boolean): string =>
  `release edit ${tag} NOTES --draft=false --latest=${isLatest ? 'true' : 'false'}`;

describe('a release', () => {
  it('is published with the notes of the changelog, and takes the major tag along', () => {
    tags('v1.0.0', 'v1.1.0');
    writeFileSync(join(folder, 'v1-exists'), '');
    const commit = git('rev-parse', 'v1.1.0');
    const { status, calls } = release('v1.1.0');
    expect(status).toBe(0);
    expect(calls).toEqual([
      CREATE('v1.1.0'),
      PUBLISH('v1.1.0', true),
      `api --silent --method PATCH repos/example/action/git/refs/tags/v1 --field sha=${commit} --field force=true`
    ]);
    expect(readFileSync(join(folder, 'notes'), 'utf8')).toBe('Notes 1.1.0\n');
  });

  it('creates the major tag if it is the first', () => {
    tags('v1.0.0');
    expect(release('v1.0.0').calls.at(-1)).toContain(
      'api --silent --method POST repos/example/action/git/refs --field ref=refs/tags/v1'
    );
  });

  it('of an older version moves nothing back', () => {
    tags('v1.1.0', 'v1.0.1');
    const { status, calls, output } = release('v1.0.1');
    expect(status).toBe(0);
    expect(calls).toEqual([CREATE('v1.0.1'), PUBLISH('v1.0.1', false)]);
    expect(output).toContain('v1 stays where it is: v1.1.0 is newer than v1.0.1.');
  });

  it('of an older major version moves only its own major tag', () => {
    tags('v2.0.0', 'v1.2.0');
    const { calls } = release('v1.2.0');
    expect(calls).toContain(PUBLISH('v1.2.0', false));
    expect(calls.at(-1)).toContain('refs/tags/v1');
  });

  it.each(['release create', 'release edit', 'api'])(
    'can be run again when “%s” failed',
    (order) => {
      tags('v1.0.0');
      writeFileSync(join(folder, 'v1-exists'), '');
      writeFileSync(join(folder, 'fails'), order);
      release('v1.0.0');
      const { status, calls } = release('v1.0.0');
      expect(status).toBe(0);
      expect(calls.filter((call) => call.startsWith(order))).toHaveLength(1);
      expect(readFileSync(join(folder, 'release'), 'utf8')).toBe('false\n');
    }
  );

  it('of a new major version gets a major tag of its own, and leaves that of the old one', () => {
    tags('v1.2.0', 'v2.0.0');
    const commit = git('rev-parse', 'v2.0.0');
    const { status, calls } = release('v2.0.0');
    expect(status).toBe(0);
    expect(calls).toContain(PUBLISH('v2.0.0', true));
    expect(calls.at(-1)).toBe(
      `api --silent --method POST repos/example/action/git/refs --field ref=refs/tags/v2 --field sha=${commit}`
    );
    expect(calls.join('\n')).not.toContain('tags/v1');
  });

  it('of the version of package.json has notes, which begin with what to change', () => {
    cpSync(join(root, 'CHANGELOG.md'), join(folder, 'CHANGELOG.md'));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    tags(`v${version}`);
    expect(release(`v${version}`).status).toBe(0);
    const notes = readFileSync(join(folder, 'notes'), 'utf8');
    if (version.endsWith('.0.0')) expect(notes).toMatch(/^### What to change/);
    expect(notes).not.toMatch(/^\[.*\]: /m);
    // A relative link leads nowhere on the page of a release.
    expect(notes).not.toMatch(/\]\((?!https:)/);
  });

  it('of the oldest version has none of the links at the end of the changelog', () => {
    cpSync(join(root, 'CHANGELOG.md'), join(folder, 'CHANGELOG.md'));
    tags('v1.0.0');
    expect(release('v1.0.0').status).toBe(0);
    expect(readFileSync(join(folder, 'notes'), 'utf8')).not.toContain(']: https:');
  });

  it('that the changelog does not have asks nothing of GitHub', () => {
    tags('v1.3.0');
    const { status, calls, output } = release('v1.3.0');
    expect({ status, calls }).toEqual({ status: 1, calls: [] });
    expect(output).toContain('CHANGELOG.md says nothing of 1.3.0.');
  });
});
