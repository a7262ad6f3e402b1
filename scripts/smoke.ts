import { execFileSync } from 'node:child_process';
import {
  IMPORT_ID,
  PRIVATE_KEY,
  PROJECT_ID,
  PUBLIC_KEY,
  Simulator
} from '../simulator/ops-manager.ts';
import { runPostStep, runStep, type StepResult } from '../simulator/runner.ts';

/**
 * Runs the bundle's two steps on other Nodes against the simulator, each argument the path of one:
 * a Node that is new enough reaches the goal and has nothing left to do in the post step; an older
 * one says in one line that it is too old.
 */

/** The oldest that undici loads on. */
const OLDEST = [22, 19] as const;

for (const node of process.argv.slice(2)) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
  const isSupported = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  const [main, post] = await bothSteps(node);
  const problems = isSupported
    ? problemsOfRun(main, post)
    : [main, post].flatMap(problemsOfRefusal);
  console.log(
    `Node ${version}: ${problems.length === 0 ? 'as it should be' : 'NOT as it should be'}`
  );
  for (const problem of problems) console.log(problem.replace(/^/gm, '    '));
  if (problems.length > 0) process.exitCode = 1;
}

async function bothSteps(node: string): Promise<readonly [StepResult, StepResult]> {
  const simulator = await Simulator.start({
    imports: [
      {
        id: IMPORT_ID,
        steps: [
          ['PENDING', 0],
          ['SUCCESS', 500]
        ]
      }
    ]
  });
  const inputs = {
    'base-url': simulator.url,
    'project-id': PROJECT_ID,
    'request-id': IMPORT_ID,
    'public-key': PUBLIC_KEY,
    'private-key': PRIVATE_KEY,
    timeout: '30s'
  };
  const main = await runStep({ inputs, node });
  const post = await runPostStep({ inputs, node }, main);
  await simulator.close();
  return [main, post];
}

function problemsOfRun(main: StepResult, post: StepResult): readonly string[] {
  return [
    ...(main.code === 0 && main.outputs['outcome'] === 'reached'
      ? []
      : [`The step ended with ${main.code ?? 'a signal'}:\n${main.raw}`]),
    ...(post.code === 0 && post.raw === ''
      ? []
      : [`The post step had something to say:\n${post.raw}`])
  ];
}

/** One line that a person can read, and no stack trace. */
function problemsOfRefusal({ code, raw }: StepResult): readonly string[] {
  const lines = raw.trimEnd().split('\n');
  const isReadable = lines.length === 1 && /^::(?:error|warning)\b.*Node.*22\.19/.test(raw);
  return isReadable && code !== null ? [] : [`It should say in one line what is too old:\n${raw}`];
}
