import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Until the project is published, its documents say OWNER where the account stands that has it.
 * `npm run owner -- NAME` puts the name in, once, everywhere; with `--check` it fails where one is
 * left, which is what a release asks.
 */
const PLACEHOLDER = 'OWNER';
/** An account or an organization of GitHub's. */
const ACCOUNT = /^[a-z\d](?:-?[a-z\d]){0,38}$/i;
/** As a name of its own, so that no word that ends in it is touched. */
const placeholders = new RegExp(`(?<![\\w-])${PLACEHOLDER}(?=/await-ops-manager-import|$)`, 'gm');

const [given = ''] = process.argv.slice(2);
const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' })
  .split('\0')
  .filter((file) => /\.(?:md|ya?ml|json)$|CODEOWNERS$/.test(file));
const left = files.filter((file) => readFileSync(file, 'utf8').search(placeholders) >= 0);

if (given === '--check') {
  for (const file of left) console.error(`${file} still says ${PLACEHOLDER}.`);
  process.exitCode = left.length === 0 ? 0 : 1;
} else if (ACCOUNT.test(given)) {
  for (const file of left)
    writeFileSync(file, readFileSync(file, 'utf8').replace(placeholders, given));
  console.log(`${given} now stands in ${left.length} files.`);
} else {
  console.error('Say whose it is: npm run owner -- NAME, with the name of a GitHub account.');
  process.exitCode = 1;
}
