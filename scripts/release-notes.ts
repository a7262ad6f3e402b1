import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Prints what CHANGELOG.md says of a version, `node scripts/release-notes.ts 1.2.3`; else it fails. */
const [version = ''] = process.argv.slice(2);
const changelog = readFileSync(join(import.meta.dirname, '../CHANGELOG.md'), 'utf8');
const section = changelog
  .split(/^(?=## )/m)
  .find((text) => text.startsWith(`## [${version}]`) || text.startsWith(`## ${version} `));
// Without the heading, and without the links at the end of the file.
const notes =
  section
    ?.replace(/^.*\n/, '')
    .replace(/^\[[^\]]+\]: .*$/gm, '')
    .trim() ?? '';

if (notes === '') {
  console.error(`CHANGELOG.md says nothing of ${version}.`);
  process.exitCode = 1;
} else {
  console.log(notes);
}
