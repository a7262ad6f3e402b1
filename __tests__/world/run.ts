import { parseArgs } from 'node:util';
import { planOf } from './plan.ts';
import { shrunk } from './shrink.ts';
import { live } from './world.ts';

/**
 * `npm run world -- --minutes 10`, `--worlds 1000000`, `--seed N` (replays one, with its story),
 * `--from N` (the first seed).
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    worlds: { type: 'string' },
    seed: { type: 'string' },
    from: { type: 'string' },
    findings: { type: 'string', default: '1' },
    whole: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false }
  }
});

if (values.seed !== undefined) await replay(Number(values.seed));
else await roam();

async function replay(seed: number): Promise<void> {
  const plan = planOf(seed);
  const { finding } = await live(plan);
  const small = finding && !values.whole ? await shrunk(plan, finding) : plan;
  const { story, finding: found } = await live(small, { tells: true, isChecked: true });
  console.log(JSON.stringify(small, undefined, 1).replace(/\n\s{3,}/g, ' '));
  console.log(story.join('\n'));
  console.log(found ? `Found: ${found.rule}: ${found.what}` : 'Nothing was found.');
}

async function roam(): Promise<void> {
  const first =
    values.from === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.from);
  const until = performance.now() + Number(values.minutes ?? (values.worlds ? 1e6 : 1)) * 60_000;
  const most = Number(values.worlds ?? Infinity);
  const startedAt = performance.now();
  const counts = new Map<string, number>();
  const found = new Map<string, number[]>();
  let worlds = 0;
  for (; worlds < most && performance.now() < until; worlds += 1) {
    const seed = first + worlds;
    const result = await live(planOf(seed), { isChecked: worlds % 500 === 0 });
    for (const [what, count] of result.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    if (!result.finding) continue;
    const key = `${result.finding.rule}: ${result.finding.what.replaceAll(/[0-9a-f]{24}|\d+/g, 'N')}`;
    const seeds = found.get(key) ?? [];
    found.set(key, [...seeds, seed]);
    const all = [...found.values()].reduce((sum, each) => sum + each.length, 0);
    if (all >= Number(values.findings)) break;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  if (!values.quiet) {
    const sorted = [...counts].toSorted(([a], [b]) => a.localeCompare(b));
    for (const [what, count] of sorted) console.log(`${String(count).padStart(10)}  ${what}`);
  }
  console.log(
    `${worlds} worlds from seed ${first} in ${seconds.toFixed(0)} s (${(worlds / seconds).toFixed(0)} a second).`
  );
  for (const [key, seeds] of found)
    console.log(
      `FOUND ${seeds.length}×: ${key}\n   npm run world -- --seed ${seeds.slice(0, 3).join(', ')}`
    );
  process.exitCode = found.size > 0 ? 1 : 0;
}
