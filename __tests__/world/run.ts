import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { putBackDefects } from './defects-found.ts';
import { planOf } from './draw.ts';
import { record } from './record.ts';
import { shrunk } from './shrink.ts';
import { inWords, roam, sum, type Tally } from './tally.ts';
import { live } from './world.ts';

/**
 * `npm run world -- --minutes 10 --workers 2`: that long, with new worlds each time;
 * `--worlds N`: so many; `--from N`: from this seed on; `--findings N`: until so many are found;
 * `--only TEXT`: findings, or defects, with that in their words;
 * `--seed N`: replays one world, shrunk unless `--whole`, with its story;
 * `--record`: writes what happened into BENCHMARKS.md;
 * `--defects`: puts old defects back into a copy of the code and tells how soon each is found.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    worlds: { type: 'string' },
    workers: { type: 'string', default: '1' },
    from: { type: 'string' },
    findings: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    seed: { type: 'string' },
    whole: { type: 'boolean', default: false },
    defects: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false }
  },
  allowPositionals: true
});

const MINUTE_SECONDS = 60;
const SEEDS_PER_WORKER = 100_000_000;

if (values.defects) putBackDefects(values.only);
else if (values.seed !== undefined) await replay(Number(values.seed));
else await many();

async function replay(seed: number): Promise<void> {
  const plan = planOf(seed);
  const { finding } = await live(plan);
  const told = finding && !values.whole ? await shrunk(plan, finding) : plan;
  const { story, finding: found } = await live(told, {
    tells: true,
    isChecked: true
  });
  console.log(JSON.stringify(told, undefined, 1).replaceAll(/\n\s{3,}/g, ' '));
  console.log(story.join('\n'));
  console.log(found ? `Found: ${found.rule}: ${found.what}` : 'Nothing was found.');
}

async function many(): Promise<void> {
  const worlds = Number(values.worlds ?? Infinity);
  const minutes = Number(values.minutes ?? (values.worlds === undefined ? 1 : Infinity));
  const from = Number(values.from ?? Math.floor(Math.random() * SEEDS_PER_WORKER));
  const workers = Number(values.workers);
  const options = {
    from,
    worlds,
    seconds: minutes * MINUTE_SECONDS,
    findings: Number(values.findings),
    only: values.only
  };
  const tally = workers > 1 ? await inWorkers(workers, from) : await roam(options);
  if (values.record) record(tally, from);
  console.log(values.json ? JSON.stringify(tally) : inWords(tally, from));
  if (Object.keys(tally.found).length > 0 && !values.json) process.exitCode = 1;
}

async function inWorkers(workers: number, from: number): Promise<Tally> {
  const worlds =
    values.worlds === undefined
      ? []
      : ['--worlds', String(Math.ceil(Number(values.worlds) / workers))];
  const minutes = values.minutes === undefined ? [] : ['--minutes', values.minutes];
  const tallies = Array.from({ length: workers }, (_, index) =>
    childTally([
      '--from',
      String(from + index * SEEDS_PER_WORKER),
      '--findings',
      values.findings,
      ...worlds,
      ...minutes
    ])
  );
  return sum(await Promise.all(tallies));
}

async function childTally(args: readonly string[]): Promise<Tally> {
  const child = spawn(process.execPath, [import.meta.filename, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit']
  });
  const chunks: string[] = [];
  child.stdout.setEncoding('utf8');
  for await (const chunk of child.stdout) chunks.push(String(chunk));
  return JSON.parse(chunks.join('')) as Tally;
}
