import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A step of a workflow, as far as the recipes use it. */
export interface RecipeStep {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly parallel?: readonly RecipeStep[];
}

/** A job of a workflow, as far as the recipes use it. */
export interface RecipeJob {
  readonly needs?: string;
  readonly if?: string;
  readonly concurrency?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly strategy?: {
    readonly matrix: { readonly include: readonly Readonly<Record<string, string>>[] };
  };
  readonly steps: readonly RecipeStep[];
}

/** A workflow, as far as the recipes use it. */
interface RecipeWorkflow {
  readonly on?: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: string;
  readonly jobs: Readonly<Record<string, RecipeJob>>;
}

/** What expressions can refer to, by dotted names such as `steps.import.outputs.state`. */
export type Context = Readonly<Record<string, string>>;

const root = join(import.meta.dirname, '..', '..');
const PAGES = ['README.md', 'docs/recipes.md'].map((path) =>
  readFileSync(join(root, path), 'utf8')
);
const RECIPES: ReadonlyMap<string, string> = new Map(
  PAGES.flatMap((page) =>
    Array.from(
      page.matchAll(/<!-- recipe: (\w+) -->\s+```yaml\n(.*?)```/gs),
      ([, name = '', text = '']) => [name, text] as const
    )
  )
);

/** The names of all recipes, in their order. */
export const recipeNames: readonly string[] = [...RECIPES.keys()];

/** A recipe as it stands there, for whoever pastes it. */
export function recipeText(name: string): string {
  const text = RECIPES.get(name);
  if (text === undefined) throw new Error(`There is no recipe ${name}`);
  return text;
}

export function recipeYaml(name: string): unknown {
  return parse(recipeText(name)) as unknown;
}

/** A recipe as a workflow. */
export function workflow(name: string): RecipeWorkflow {
  return recipeYaml(name) as RecipeWorkflow;
}

/** The jobs of a recipe. */
export function recipe(name: string): Readonly<Record<string, RecipeJob>> {
  return workflow(name).jobs;
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
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) =>
    evaluateExpression(expression, context)
  );
}

/** A name, `toJSON(name)`, or `fromJSON(name)[0].key` with an empty text for what is not there. */
function evaluateExpression(expression: string, context: Context): string {
  const [, quoted] = /^toJSON\((.*)\)$/.exec(expression) ?? [];
  if (quoted !== undefined) return JSON.stringify(lookUp(quoted, context));
  const [, list, index, key = ''] = /^fromJSON\(([^)]*)\)\[(\d+)\]\.(\w+)$/.exec(expression) ?? [];
  if (list === undefined) return lookUp(expression, context);
  const items = JSON.parse(lookUp(list, context)) as Readonly<Record<string, unknown>>[];
  const value = items[Number(index)]?.[key] ?? '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Whether an `if:` holds: comparisons with a text, `startsWith`, `failure()`, joined by `&&`. */
export function evaluateCondition(condition: string, context: Context): boolean {
  return condition.split('&&').every((part) => {
    if (part.trim() === 'failure()') return lookUp('job.status', context) === 'failure';
    const [, of, start = ''] = /^\s*startsWith\(([\w.-]+), '(.*)'\)\s*$/.exec(part) ?? [];
    if (of !== undefined) return lookUp(of, context).startsWith(start);
    const [, name = '', sign, text] = /^\s*([\w.-]+)\s*(==|!=)\s*'(.*)'\s*$/.exec(part) ?? [];
    if (sign === undefined) throw new Error(`This condition is not understood: ${part}`);
    return (lookUp(name, context) === text) === (sign === '==');
  });
}

/** GitHub takes an unknown name for empty; here it is a slip in a recipe. */
function lookUp(name: string, context: Context): string {
  const value = context[name];
  if (value === undefined) throw new Error(`Nothing is called ${name}`);
  return value;
}
