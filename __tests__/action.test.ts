import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Inputs, readInputs } from '../src/inputs.ts';
import { InputError } from '../src/inputs/form.ts';
import { outputsWithoutCase } from '../src/report/outputs.ts';

interface Input {
  readonly description: string;
  readonly required: boolean;
  readonly default?: string;
}

interface Action {
  readonly name: string;
  readonly description: string;
  readonly author: string;
  readonly branding: { readonly icon: string; readonly color: string };
  readonly inputs: Readonly<Record<string, Input>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
  readonly runs: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '..');
const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as Action;

const REQUIRED = {
  'base-url': 'https://ops-manager.example.com:8443',
  'project-id': '507f1f77bcf86cd799439012',
  'public-key': 'key',
  'private-key': 'secret'
};
/** Which import it is for, has to be said beside it. */
const ENOUGH = { ...REQUIRED, 'request-id': 'in-progress' };

function inputsOf(given: Readonly<Record<string, string>>): Inputs {
  return readInputs({ get: (name) => given[name] ?? '', mask: () => undefined, env: {} });
}

/** The names of all inputs that the code asks for. */
function inputsAskedFor(): string[] {
  const names = new Set<string>();
  const get = (name: string): string => {
    names.add(name);
    return '';
  };
  expect(() => readInputs({ get, mask: () => undefined, env: {} })).toThrow(InputError);
  return [...names].sort();
}

describe('action.yml', () => {
  it('declares the inputs that the code reads, and no others', () => {
    expect(Object.keys(action.inputs).sort()).toEqual(inputsAskedFor());
  });

  it('requires what the code requires', () => {
    const required = Object.keys(action.inputs).filter((name) => action.inputs[name]?.required);
    expect(required.sort()).toEqual(Object.keys(REQUIRED).sort());
    for (const name of required) {
      expect(() => inputsOf({ ...REQUIRED, [name]: '' })).toThrow(`${name}: it is required`);
    }
  });

  it('has the defaults that are promised', () => {
    const defaults = Object.entries(action.inputs).flatMap(([name, input]) =>
      input.default === undefined ? [] : [[name, input.default]]
    );
    expect(Object.fromEntries(defaults)).toEqual({
      'goal-state': 'SUCCESS',
      timeout: '1h',
      'poll-interval': '10s',
      'request-timeout': '30s',
      'max-outage': '10m',
      'cancel-on-timeout': 'true',
      'cancel-on-interrupt': 'true',
      'delete-failed': 'false',
      'github-token': '${{ github.token }}',
      'job-summary': 'true',
      'if-in-progress': 'create',
      diagnose: 'true'
    });
  });

  it('has the defaults that the code falls back to', () => {
    const defaults = Object.fromEntries(
      Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? ''])
    );
    // The code has no token to fall back to; GitHub fills it in.
    const given = { ...defaults, ...ENOUGH, 'github-token': '' };
    expect(inputsOf(given)).toEqual(inputsOf(ENOUGH));
  });

  it('declares the outputs that the code writes, and no others', () => {
    const written = outputsWithoutCase('', [], '');
    expect(Object.keys(action.outputs).sort()).toEqual(Object.keys(written).sort());
  });

  it('describes every input and output', () => {
    const described = [...Object.values(action.inputs), ...Object.values(action.outputs)];
    for (const { description } of described) expect(description).toMatch(/^\S.{20,}\.$/);
  });

  it('meets what the Marketplace asks for', () => {
    const colors = ['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple'];
    expect(action.name).toMatch(/^\S.*\S$/);
    expect(action.author).toMatch(/^\S.*\S$/);
    expect(action.description).toMatch(/^\S.{20,}\.$/);
    expect(action.description.length).toBeLessThan(125);
    expect([...colors, 'gray-dark']).toContain(action.branding.color);
    // One of the Feather icons that GitHub takes; there is no list here to look it up in.
    expect(action.branding.icon).toBe('database');
  });

  it('has a door of its own for each step, on Node 24', () => {
    const { using, main = '', post = '', 'post-if': postIf } = action.runs;
    expect({ using, postIf }).toEqual({ using: 'node24', postIf: 'always()' });
    expect(post).not.toBe(main);
    expect([main, post].filter((door) => !existsSync(join(root, door)))).toEqual([]);
  });

  it('tells Ops Manager the version of package.json', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const { version } = manifest as { readonly version: string };
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(inputsOf(ENOUGH).userAgent).toBe(`await-ops-manager-import/${version}`);
  });
});
