import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Checks that dist/licenses.txt has the licence of every package that is in the bundle. It takes
 * the path of the statistics that ncc wrote with the bundle: the bundle itself names few packages.
 */
const [statsPath = ''] = process.argv.slice(2);
const root = join(import.meta.dirname, '..');
const licenses = readFileSync(join(root, 'dist/licenses.txt'), 'utf8');
const bundled = packagesIn(readFileSync(statsPath, 'utf8'));
const missing = [...bundled].filter((name) => !hasLicense(name));

if (bundled.size === 0) {
  console.error(`${statsPath} names no package: is it what ncc --stats-out wrote?`);
  process.exitCode = 1;
} else if (missing.length > 0) {
  console.error(`dist/licenses.txt lacks the licence of ${missing.join(', ')}.`);
  process.exitCode = 1;
} else {
  console.log(`dist/licenses.txt has the licences of all ${bundled.size} bundled packages.`);
}

function packagesIn(stats: string): ReadonlySet<string> {
  const names = stats.matchAll(/"[^"]*\/node_modules\/((?:@[^/"]+\/)?[^/"]+)\/[^"]*"/g);
  const found = Array.from(names, ([, name = '']) => name);
  // ncc's own loaders are in the statistics, but not in the bundle.
  return new Set(found.filter((name) => !name.startsWith('@vercel/')));
}

/** A package's section is its name, the licence's SPDX name, and the text. */
function hasLicense(name: string): boolean {
  const [, section = ''] = `\n${licenses}`.split(`\n${name}\n`);
  const [, spdxName, beginning = ''] = /^([A-Za-z0-9.\-() ]+)\n(.{200})/s.exec(section) ?? [];
  return spdxName !== undefined && /copyright|licen[cs]e/i.test(beginning);
}
