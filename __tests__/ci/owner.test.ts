import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const top = mkdtempSync(join(tmpdir(), 'owner-'));
/** At one place for all tests, so that Node has to compile its programs once. */
const copy = join(top, 'project');

/** The files that git has, as they are in the working tree. */
beforeEach(() => {
  mkdirSync(copy);
  const files = [
    'README.md',
    'SUPPORT.md',
    'SECURITY.md',
    'CHANGELOG.md',
    'docs',
    '.github',
    'scripts/owner.ts'
  ];
  execFileSync('cp', ['-r', '--parents', ...files, 'package.json', copy], { cwd: ROOT });
  asBeforePublication();
  execFileSync('git', ['init', '--quiet'], { cwd: copy });
  execFileSync('git', ['add', '.'], { cwd: copy });
});

afterEach(() => {
  rmSync(copy, { recursive: true });
});

afterAll(() => {
  rmSync(top, { recursive: true });
});

/** The account that has been put in, if any, is taken out again: this holds after it, too. */
function asBeforePublication(): void {
  const { repository } = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8')) as {
    repository: string;
  };
  const [, account = ''] = /^github:(.*)\//.exec(repository) ?? [];
  const named = new RegExp(`(?<![\\w-])${account}(?=/await-ops-manager-import|$)`, 'gm');
  for (const name of readdirSync(copy, { recursive: true, encoding: 'utf8' })) {
    const path = join(copy, name);
    if (!/\.(?:md|ya?ml|json)$|CODEOWNERS$/.test(name)) continue;
    writeFileSync(path, readFileSync(path, 'utf8').replace(named, 'OWNER'));
  }
}

function owner(argument: string) {
  return spawnSync(process.execPath, ['scripts/owner.ts', argument], {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NODE_COMPILE_CACHE: join(top, 'compiled') }
  });
}

describe('the owner of the project', () => {
  it('is a placeholder until it is published, which the check tells', () => {
    const { status, stderr } = owner('--check');
    expect(status).toBe(1);
    expect(stderr).toContain('README.md still says OWNER.');
    expect(stderr).toContain('.github/CODEOWNERS still says OWNER.');
  });

  it('is put in everywhere at once', () => {
    expect(owner('some-team')).toMatchObject({ status: 0 });
    expect(owner('--check')).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(join(copy, 'README.md'), 'utf8')).toContain(
      'uses: some-team/await-ops-manager-import@'
    );
    expect(readFileSync(join(copy, '.github/CODEOWNERS'), 'utf8')).toContain('* @some-team\n');
  });

  it.each(['', '-a', `a${'b'.repeat(39)}`])('is no account of GitHub’s: “%s”', (name) => {
    expect(owner(name)).toMatchObject({ status: 1 });
    expect(readFileSync(join(copy, 'README.md'), 'utf8')).toContain('uses: OWNER/');
  });
});
