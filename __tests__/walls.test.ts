import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { preProcessFile } from 'typescript';

/**
 * The walls between the rooms of src/: who may import what, held against the real imports. A line
 * names whom a room may know: another room, one file of it, or a package; `types` where only types
 * may cross, which leave nothing behind when the program runs.
 */
interface Wall {
  readonly may: readonly string[];
  readonly types?: readonly string[];
}

/** Pure files at the top of src/ that every room may use. */
const COMMON = ['redaction.ts', 'time.ts', 'untrusted.ts'];

/** The two steps know all rooms, but speak HTTP through them alone, and do not know each other. */
const STORY: Wall = {
  may: [
    'case',
    'diagnosis',
    'ops-manager',
    'wait',
    'inputs',
    'inputs.ts',
    'report',
    'door.ts',
    'handover.ts',
    '@actions/core'
  ]
};

const WALLS: Readonly<Record<string, Wall>> = {
  case: { may: [] },
  diagnosis: { may: ['case'] },
  http: { may: ['undici', 'node:'] },
  'ops-manager': { may: ['case', 'diagnosis/facts.ts', 'http', 'node:'] },
  wait: { may: ['case', 'p-retry'], types: ['diagnosis'] },
  inputs: { may: ['case', 'http', 'node:', '../package.json'] },
  report: {
    may: ['case', 'diagnosis', 'http', 'inputs/form.ts', '@actions', 'node:'],
    types: ['wait', 'inputs.ts']
  },
  'inputs.ts': { may: ['inputs', 'case', 'http'] },
  'main.ts': STORY,
  'post-step.ts': STORY,
  // What main decided, as data for the post step.
  'handover.ts': { may: ['case', 'inputs', 'node:'], types: ['inputs.ts', 'report'] },
  'action.ts': { may: ['main.ts', 'post-step.ts'] },
  // The doors are plain files that load the rest when there is something to do (scripts/build.ts).
  'index.ts': { may: ['door.ts', 'action.ts', 'node:'] },
  'post.ts': { may: ['door.ts', 'action.ts', 'node:'] },
  'door.ts': { may: ['node:'] },
  'redaction.ts': { may: ['written.ts'] },
  'written.ts': { may: [] },
  'time.ts': { may: ['node:', 'parse-duration', 'pretty-ms'] }
};

/** What is imported where it is needed; anything else the walls and the bundle would not see. */
const DYNAMIC = ['./action.ts', '@actions/github'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
}

const SRC = join(import.meta.dirname, '..', 'src');
const IMPORTS = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => importsOf(file, readFileSync(join(SRC, file), 'utf8')));

function importsOf(from: string, text: string): Import[] {
  return preProcessFile(text).importedFiles.map(({ fileName, pos }) => {
    const statement = text.slice(text.lastIndexOf('\nimport', pos) + 1, pos);
    const to = fileName.startsWith('.')
      ? normalize(join(dirname(from), fileName)).replaceAll('\\', '/')
      : fileName;
    return { from, to, isType: statement.startsWith('import type') };
  });
}

function roomOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function isAllowed({ from, to, isType }: Import): boolean {
  const room = roomOf(from);
  if (roomOf(to) === room && from.includes('/') && !to.startsWith('@')) return true;
  const { may, types = [] } = WALLS[room] ?? { may: [] };
  const isIn = (names: readonly string[]): boolean =>
    names.some((name) => to === name || to.startsWith(name.endsWith(':') ? name : `${name}/`));
  return isIn([...may, ...COMMON]) || (isType && isIn(types));
}

const told = ({ from, to }: Import): string => `${from} → ${to}`;

describe('the walls between the rooms', () => {
  test('no room knows another that it may not know', () => {
    const broken = IMPORTS.filter((each) => !isAllowed(each)).map(told);
    expect(broken).toEqual([]);
  });

  test('no file needs one that needs it', () => {
    const needed = Map.groupBy(IMPORTS, ({ from }) => from);
    const behind = (file: string, seen = new Set<string>()): Set<string> => {
      for (const { to } of needed.get(file) ?? []) if (!seen.has(to)) behind(to, seen.add(to));
      return seen;
    };
    expect([...needed.keys()].filter((file) => behind(file).has(file))).toEqual([]);
  });

  test('every room has a wall', () => {
    const rooms = new Set(IMPORTS.map(({ from }) => roomOf(from)));
    const open = [...rooms].filter((room) => !(room in WALLS) && !COMMON.includes(room));
    expect(open).toEqual([]);
  });

  test('nothing is imported in the middle of a file but what few runs need', () => {
    const dynamic = IMPORTS.map(({ from }) => from)
      .filter((file, index, all) => all.indexOf(file) === index)
      .flatMap((file) =>
        [...readFileSync(join(SRC, file), 'utf8').matchAll(/\bimport\(\s*['"]([^'"]+)/g)].map(
          ([, what = '']) => what
        )
      );
    expect(dynamic.filter((what) => !DYNAMIC.includes(what))).toEqual([]);
  });

  test.each([
    ['case/x.ts', 'ops-manager/errors.ts', false],
    ['case/x.ts', 'diagnosis/facts.ts', true],
    ['case/x.ts', '@actions/core', false],
    ['case/x.ts', '../simulator/runner.ts', false],
    ['diagnosis/x.ts', 'wait/wait.ts', true],
    ['http/x.ts', 'ops-manager/reply.ts', false],
    ['ops-manager/x.ts', 'wait/wait.ts', true],
    ['ops-manager/x.ts', '@actions/core', false],
    ['wait/x.ts', 'ops-manager/client.ts', true],
    ['wait/x.ts', 'diagnosis/diagnosis.ts', false],
    ['wait/x.ts', 'undici', false],
    ['wait/x.ts', '@actions/core', false],
    ['inputs/x.ts', '@actions/core', false],
    ['report/x.ts', 'wait/wait.ts', false],
    ['report/x.ts', 'ops-manager/client.ts', false],
    ['main.ts', 'undici', false],
    ['main.ts', '../simulator/runner.ts', false],
    ['index.ts', 'report/log.ts', false],
    ['door.ts', '@actions/core', false]
  ] as const)('%s may not import %s', (from, to, isType) => {
    expect(isAllowed({ from, to, isType })).toBe(false);
  });

  test.each([
    ['case/x.ts', 'case/states.ts', false],
    ['case/x.ts', 'untrusted.ts', false],
    ['wait/x.ts', 'p-retry', false],
    ['report/x.ts', 'wait/wait.ts', true],
    ['inputs/x.ts', 'http/connection.ts', false],
    ['ops-manager/x.ts', 'diagnosis/facts.ts', true]
  ] as const)('%s may import %s', (from, to, isType) => {
    expect(isAllowed({ from, to, isType })).toBe(true);
  });
});
