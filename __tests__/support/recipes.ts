import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A step of a workflow, as far as the README's recipes use it. */
export interface RecipeStep {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
}

/** A job of a workflow, as far as the README's recipes use it. */
export interface RecipeJob {
  readonly needs?: string;
  readonly if?: string;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly strategy?: {
    readonly matrix: { readonly include: readonly Readonly<Record<string, string>>[] };
  };
  readonly steps: readonly RecipeStep[];
}

/** What expressions can refer to, by dotted names such as `steps.import.outputs.state`. */
export type Context = Readonly<Record<string, string>>;

const README = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');

/** The names of the README's recipes in their order. */
export const recipeNames: readonly string[] = Array.from(
  README.matchAll(/<!-- recipe: (\w+) -->/g),
  ([, name = '']) => name
);

/** The jobs of a recipe; one that lists steps alone is one job named `job`. */
export function recipe(name: string): Readonly<Record<string, RecipeJob>> {
  const text = README.split(`<!-- recipe: ${name} -->`)[1]?.split('```yaml\n')[1]?.split('```')[0];
  if (text === undefined) throw new Error(`The README has no recipe ${name}`);
  const yaml = parse(text) as RecipeStep[] | { jobs: Record<string, RecipeJob> };
  return Array.isArray(yaml) ? { job: { steps: yaml } } : yaml.jobs;
}

/** Texts with their `${{ … }}` replaced, as GitHub does it before a step starts. */
export function evaluateAll(
  values: Readonly<Record<string, unknown>> | undefined,
  context: Context
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).map(([name, value]) => [
      name,
      evaluateText(String(value), context)
    ])
  );
}

export function evaluateText(text: string, context: Context): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const [, name] = /^toJSON\((.*)\)$/.exec(expression) ?? [];
    return name === undefined ? lookUp(expression, context) : JSON.stringify(lookUp(name, context));
  });
}

/** Whether an `if:` holds: comparisons with a text, `failure()`, joined by `&&`. */
export function evaluateCondition(condition: string, context: Context): boolean {
  return condition.split('&&').every((part) => {
    if (part.trim() === 'failure()') return lookUp('job.status', context) === 'failure';
    const [, name = '', sign, text] = /^\s*([\w.-]+)\s*(==|!=)\s*'(.*)'\s*$/.exec(part) ?? [];
    if (sign === undefined) throw new Error(`This condition is not understood: ${part}`);
    return (lookUp(name, context) === text) === (sign === '==');
  });
}

/** GitHub takes an unknown name for empty; here it is a slip in the README. */
function lookUp(name: string, context: Context): string {
  const value = context[name];
  if (value === undefined) throw new Error(`Nothing is called ${name}`);
  return value;
}
