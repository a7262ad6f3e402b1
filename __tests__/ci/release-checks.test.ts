import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

interface Workflow {
  readonly jobs: { readonly check: { readonly steps: readonly { readonly run?: string }[] } };
}

const root = join(import.meta.dirname, '..', '..');
const release = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8');
// All that the release workflow asks before it runs what takes minutes.
const CHECKS = (parse(release) as Workflow).jobs.check.steps.flatMap(({ run }) =>
  run === undefined || run === '.ci/run' ? [] : [run]
);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
};
const TAG = `v${version}`;

const top = mkdtempSync(join(tmpdir(), 'release-checks-'));
/** Copied for each test, to one place, so that Node has to compile its programs once. */
const original = join(top, 'original');
const project = join(top, 'project');
let clone = original;

/** The project as it is published, with what a checkout knows of its remote. */
beforeAll(() => {
  mkdirSync(clone);
  git('init', '--quiet');
  for (const path of ['README.md', 'CHANGELOG.md', 'package.json', 'scripts', '.github', 'docs']) {
    cpSync(join(root, path), join(clone, path), { recursive: true });
  }
  git('checkout', '--quiet', '-B', 'main');
  git('add', '.');
  execFileSync(process.execPath, ['scripts/owner.ts', 'some-team'], { cwd: clone });
});

beforeEach(() => {
  cpSync(original, project, { recursive: true });
  clone = project;
});

afterAll(() => {
  rmSync(top, { recursive: true });
});

afterEach(() => {
  rmSync(project, { recursive: true });
});

function git(...args: readonly string[]): string {
  const who = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
  return execFileSync('git', [...who, ...args], { cwd: clone, encoding: 'utf8' }).trim();
}

/** Commits what is there, gets it into the remote's main, and tags it. */
function publish(tag: string): void {
  git('add', '.');
  git('commit', '--quiet', '--message', tag);
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  git('tag', '--no-sign', tag);
}

/** The first check that fails for a tag. */
function refusal(tag: string): string | undefined {
  return CHECKS.find((script) => {
    const path = [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
    const kept = { PATH: path, NODE_COMPILE_CACHE: join(top, 'compiled') };
    const env = { ...kept, GITHUB_REF_NAME: tag, GITHUB_SHA: git('rev-parse', tag) };
    return spawnSync('bash', ['-e', '-c', script], { cwd: clone, env }).status !== 0;
  });
}

describe('the release workflow', () => {
  it('lets the version of package.json pass, on main, with its account and its notes', () => {
    publish(TAG);
    expect(CHECKS).toHaveLength(4);
    expect(refusal(TAG)).toBeUndefined();
  });

  it('refuses a tag that is not on main', () => {
    git('commit', '--quiet', '--all', '--message', 'main');
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    git('commit', '--quiet', '--allow-empty', '--message', 'beside it');
    git('tag', '--no-sign', TAG);
    expect(refusal(TAG)).toContain('origin/main');
  });

  it('refuses a tag that is not the version', () => {
    publish('v99.0.0');
    expect(refusal('v99.0.0')).toContain('package.json');
  });

  it('refuses documents that name no account', () => {
    const page = join(clone, 'README.md');
    writeFileSync(
      page,
      readFileSync(page, 'utf8').replace(/[\w-]+(?=\/await-ops-manager-import)/g, 'OWNER')
    );
    publish(TAG);
    expect(refusal(TAG)).toContain('owner.ts');
  });

  it('refuses a version of which the changelog says nothing', () => {
    writeFileSync(join(clone, 'CHANGELOG.md'), '# Changelog\n');
    publish(TAG);
    expect(refusal(TAG)).toContain('release-notes.ts');
  });
});
