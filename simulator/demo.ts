import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { DiagnosisScript } from './diagnosis-api.ts';
import {
  IMPORT_ID,
  PRIVATE_KEY,
  PROJECT_ID,
  PUBLIC_KEY,
  Simulator,
  type SimulatorOptions
} from './ops-manager.ts';
import { runPostStep, startStep } from './runner.ts';
import { DIAGNOSIS_SCENARIOS } from './scenarios-diagnosis.ts';
import { sampleSteps, type Script } from './scripted-import.ts';
import { htmlPage, plainText } from './shown-summary.ts';

/** The documentation's sample import, 200 times as fast: it ends after four and a half seconds. */
const SCALE = 1 / 200;

const DEFAULT = 'reached';

interface Scenario {
  readonly about: string;
  readonly script: Partial<Script>;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly interruptAfterMs?: number;
  readonly diagnosis?: DiagnosisScript;
  /** Whether the step creates the import that goes as the script says. */
  readonly isCreated?: boolean;
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  reached: { about: 'the import succeeds', script: { steps: sampleSteps('SUCCESS', SCALE) } },
  failed: {
    about: 'the import fails while hosts are discovered',
    script: {
      steps: [...sampleSteps(undefined, SCALE).slice(0, 3), ['FAILED', 2500]]
    },
    inputs: { 'delete-failed': 'true' }
  },
  cancelled: {
    about: 'someone cancels the import in Ops Manager',
    script: { steps: [...sampleSteps(undefined, SCALE).slice(0, 2), ['CANCELLED', 1500]] }
  },
  timeout: {
    about: 'the import takes longer than the timeout and is cancelled',
    script: { steps: sampleSteps(undefined, SCALE), cancelTakesMs: 500 },
    inputs: { timeout: '5s' }
  },
  stalled: {
    about: 'the import stands still',
    script: { steps: sampleSteps(undefined, SCALE).slice(0, 3) },
    inputs: { 'stall-timeout': '2s' }
  },
  interrupted: {
    about: 'the workflow is cancelled',
    script: { steps: sampleSteps(undefined, SCALE) },
    interruptAfterMs: 3000
  },
  error: {
    about: 'the private key is wrong',
    script: { steps: sampleSteps('SUCCESS', SCALE) },
    inputs: { 'private-key': 'not-the-key-of-the-simulator' }
  },
  ...DIAGNOSIS_SCENARIOS
};

const scenarios = Object.entries(SCENARIOS).map(
  ([name, { about }]) => `  ${name.padEnd(22)} ${about}`
);
const HELP = `Shows the step in front of a simulated Ops Manager.

npm start -- <scenario>

The scenarios (${DEFAULT} unless another is named):
${scenarios.join('\n')}`;

const { values, positionals } = parseArgs({
  options: {
    scenario: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false }
  },
  allowPositionals: true,
  // An argument that is not known is answered with the help, not with a stack trace.
  strict: false
});
const problem = problemWith();
const [name = String(values.scenario ?? DEFAULT)] = positionals;
const scenario = SCENARIOS[name];
if (values.help === true) {
  console.log(HELP);
} else if (problem !== undefined || !scenario) {
  console.error(`${problem ?? `There is no scenario “${name}”.`}\n\n${HELP}`);
  process.exitCode = 2;
} else {
  await show(name, scenario);
}

function problemWith(): string | undefined {
  const unknown = Object.keys(values).filter((option) => !['scenario', 'help'].includes(option));
  if (unknown.length > 0) return `There is no option --${unknown.join(', --')}.`;
  const named = positionals.length + (values.scenario === undefined ? 0 : 1);
  return named > 1 ? 'Name one scenario.' : undefined;
}

/** What the simulator is told of a scenario. */
function sceneOf({ script, diagnosis, isCreated }: Scenario): SimulatorOptions {
  const whole: Script = { steps: [], ...script };
  const imports = isCreated
    ? { imports: [], create: () => whole }
    : { imports: [{ id: IMPORT_ID, ...whole }] };
  return { ...imports, ...(diagnosis && { diagnosis }) };
}

async function show(name: string, scenario: Scenario): Promise<void> {
  const { about, inputs, interruptAfterMs } = scenario;
  const simulator = await Simulator.start(sceneOf(scenario));
  console.log(`Ops Manager is simulated at ${simulator.url}: ${about}.`);
  const options = {
    inputs: {
      'base-url': simulator.url,
      'project-id': PROJECT_ID,
      ...(scenario.isCreated ? {} : { 'request-id': IMPORT_ID }),
      'public-key': PUBLIC_KEY,
      'private-key': PRIVATE_KEY,
      'poll-interval': '1s',
      ...inputs
    },
    onLine: (line: string) => {
      console.log(indented(line));
    }
  };
  console.log('\n▼ The log of the step\n');
  const step = startStep(options);
  const timer =
    interruptAfterMs === undefined
      ? undefined
      : setTimeout(() => step.process.kill('SIGINT'), interruptAfterMs);
  const result = await step.result;
  clearTimeout(timer);
  console.log('\n▼ The log of its post step\n');
  await runPostStep(options, result);
  console.log('\n▼ Its outputs\n');
  for (const [output, value] of Object.entries(result.outputs)) {
    const isMarkdown = output === 'report';
    const shown = isMarkdown ? `the summary below in ${value.length} characters` : value;
    console.log(indented(`${output.padEnd(14)} ${shown}`));
  }
  console.log(`\n▼ Its job summary\n\n${indented(plainText(result.summary))}\n`);
  console.log(`As GitHub shows it: ${await writePage(name, result.summary)}`);
  console.log(
    `The step ended with exit code ${result.code ?? 'none'} after ${simulator.calls.length} HTTP requests.`
  );
  await simulator.close();
  process.exitCode = result.code ?? 1;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** Gives the address of the page. */
async function writePage(name: string, summary: string): Promise<string> {
  const folder = join(import.meta.dirname, '..', 'summaries');
  await mkdir(folder, { recursive: true });
  const path = join(folder, `demo-${name}.html`);
  await writeFile(path, htmlPage(name, summary));
  return pathToFileURL(path).href;
}
