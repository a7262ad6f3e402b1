import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledPackages, STATISTICS } from './bundled-packages.ts';

/** Checks that dist/licenses.txt has the licence of every package that the last build bundled. */
const licenses = readFileSync(join(import.meta.dirname, '../dist/licenses.txt'), 'utf8');
const bundled = new Set(bundledPackages().map(({ name }) => name));
const missing = [...bundled].filter((name) => !hasLicense(name));

if (bundled.size === 0) {
  console.error(`${STATISTICS} names no package: is it what ncc --stats-out wrote?`);
  process.exitCode = 1;
} else if (missing.length > 0) {
  console.error(`dist/licenses.txt lacks the licence of ${missing.join(', ')}.`);
  process.exitCode = 1;
} else {
  console.log(`dist/licenses.txt has the licences of all ${bundled.size} bundled packages.`);
}

/** A package's section is its name, the licence's SPDX name, and the text. */
function hasLicense(name: string): boolean {
  const [, section = ''] = `\n${licenses}`.split(`\n${name}\n`);
  const [, spdxName, beginning = ''] = /^([A-Za-z0-9.\-() ]+)\n(.{200})/s.exec(section) ?? [];
  return spdxName !== undefined && /copyright|licen[cs]e/i.test(beginning);
}
