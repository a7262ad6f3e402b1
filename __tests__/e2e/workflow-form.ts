/**
 * The form of workflows as GitHub's reference of their syntax has it, as far as the recipes use it:
 * each key in its place, with what it may hold. For keys that act and actionlint do not know yet:
 * `background`, `wait`, `wait-all`, `cancel`, `parallel` and `queue`.
 */
type Check = (value: unknown, path: string) => readonly string[];
type Known = Readonly<Record<string, Check>>;

const text: Check = (value, path) => (typeof value === 'string' ? [] : [`${path} is no text`]);
const flag: Check = (value, path) => (typeof value === 'boolean' ? [] : [`${path} is no flag`]);
const nothing: Check = (value, path) => (value === null ? [] : [`${path} takes no value`]);
const scalar: Check = (value, path) =>
  ['string', 'number', 'boolean'].includes(typeof value) ? [] : [`${path} is no single value`];

function listOf(check: Check): Check {
  return (value, path) =>
    Array.isArray(value) && value.length > 0
      ? value.flatMap((item, index) => check(item, `${path}[${index}]`))
      : [`${path} is no list`];
}

function mapOf(check: Check): Check {
  return (value, path) =>
    isMap(value)
      ? Object.entries(value).flatMap(([key, each]) => check(each, `${path}.${key}`))
      : [`${path} is no map`];
}

function keys(known: Known, ...required: readonly string[]): Check {
  return (value, path) => {
    if (!isMap(value)) return [`${path} is no map`];
    const missing = required.filter((key) => !Object.hasOwn(value, key));
    return [
      ...missing.map((key) => `${path} has no ${key}`),
      ...Object.entries(value).flatMap(
        ([key, each]) => known[key]?.(each, `${path}.${key}`) ?? [`${path} has an unknown ${key}`]
      )
    ];
  };
}

/** A text, or what `other` takes. */
function textOr(other: Check): Check {
  return (value, path) => (typeof value === 'string' ? [] : other(value, path));
}

function oneOf(...values: readonly string[]): Check {
  return (value, path) =>
    values.includes(String(value)) ? [] : [`${path} is none of ${values.join()}`];
}

const COMMON: Known = {
  id: text,
  name: text,
  if: text,
  env: mapOf(scalar),
  'continue-on-error': flag,
  'timeout-minutes': scalar
};
const WORK: Readonly<Record<string, Check>> = {
  uses: keys({ ...COMMON, uses: text, with: mapOf(scalar) }, 'uses'),
  run: keys({ ...COMMON, run: text, shell: text, 'working-directory': text }, 'run')
};
const IN_BACKGROUND: Readonly<Record<string, Check>> = {
  uses: keys({ ...COMMON, uses: text, with: mapOf(scalar), background: flag }, 'uses'),
  run: keys(
    { ...COMMON, run: text, shell: text, 'working-directory': text, background: flag },
    'run'
  )
};
const STEPS: Readonly<Record<string, Check>> = {
  ...IN_BACKGROUND,
  wait: keys({ name: text, if: text, wait: textOr(listOf(text)) }, 'wait'),
  'wait-all': keys({ name: text, if: text, 'wait-all': nothing }, 'wait-all'),
  cancel: keys({ name: text, if: text, cancel: text }, 'cancel'),
  parallel: keys({ name: text, parallel: listOf(stepOf(WORK)) }, 'parallel')
};

/** What a step does is told by the one key of these that it has. */
function stepOf(kinds: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    const [kind, ...others] = Object.keys(kinds).filter((key) => isMap(value) && key in value);
    const check = kind === undefined ? undefined : kinds[kind];
    if (!check || others.length > 0) return [`${path} is not one of ${Object.keys(kinds).join()}`];
    return check(value, path);
  };
}

const concurrency: Check = (value, path) => {
  const form = textOr(
    keys({ group: text, 'cancel-in-progress': flag, queue: oneOf('single', 'max') }, 'group')
  );
  const { queue, 'cancel-in-progress': cancels } = isMap(value) ? value : {};
  const isBoth = queue === 'max' && cancels === true;
  return [...form(value, path), ...(isBoth ? [`${path} cannot both queue and cancel`] : [])];
};

const steps: Check = (value, path) => {
  const problems = listOf(stepOf(STEPS))(value, path);
  return problems.length > 0 ? problems : waitsIn(value as readonly StepKeys[], path);
};

interface StepKeys {
  readonly id?: string;
  readonly background?: boolean;
  readonly wait?: string | readonly string[];
  readonly cancel?: string;
}

/** What waits or cancels names a step before it that runs in the background. */
function waitsIn(all: readonly StepKeys[], path: string): readonly string[] {
  return all.flatMap(({ wait = [], cancel = [] }, index) => {
    const before = all.slice(0, index).filter(({ background }) => background === true);
    const known = before.map(({ id }) => id);
    return [wait, cancel]
      .flat()
      .filter((id) => !known.includes(id))
      .map((id) => `${path}[${index}] names ${id}, which is not in the background`);
  });
}

const job = keys(
  {
    name: text,
    needs: textOr(listOf(text)),
    if: text,
    'runs-on': textOr(listOf(text)),
    permissions: mapOf(oneOf('read', 'write', 'none')),
    environment: textOr(keys({ name: text, url: text }, 'name')),
    concurrency,
    outputs: mapOf(text),
    env: mapOf(scalar),
    strategy: keys(
      {
        matrix: keys({ include: listOf(mapOf(scalar)) }),
        'fail-fast': flag,
        'max-parallel': scalar
      },
      'matrix'
    ),
    'timeout-minutes': scalar,
    steps
  },
  'runs-on',
  'steps'
);

const input = keys({ description: text, required: flag, default: scalar });
const triggers = keys({ workflow_dispatch: keys({ inputs: mapOf(input) }, 'inputs') });

/** A workflow, or what of one a recipe shows. */
const part = keys({
  name: text,
  on: textOr(triggers),
  permissions: mapOf(oneOf('read', 'write', 'none')),
  concurrency,
  jobs: mapOf(job)
});

/** What is not as GitHub wants it in a workflow, in a part of one, or in a list of steps. */
export function problemsOfForm(yaml: unknown): readonly string[] {
  return Array.isArray(yaml) ? steps(yaml, 'steps') : part(yaml, 'workflow');
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
