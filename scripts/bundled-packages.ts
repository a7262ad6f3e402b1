import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where ncc writes what it has bundled; dist/ itself names few of the packages in it. */
export const STATISTICS = join(import.meta.dirname, '../node_modules/bundle-statistics.json');

/** A licence of what is in the bundle. */
export interface BundledLicense {
  /** The package’s name, and its folder where it is that of a part which others have made. */
  readonly name: string;
  /** Its name, where it is a package’s, and its text; empty for one that is missing. */
  readonly text: string;
}

/** Parts that come without their makers’ licence, and the file here that has it. */
const LICENSES_HERE: Readonly<Record<string, string>> = { 'undici/lib/llhttp': 'llhttp.txt' };

/** The licences of all that ncc's last run put into the bundle, in the order of their folders. */
export function bundledLicenses(): readonly BundledLicense[] {
  const folders = new Set(bundledFiles().flatMap(foldersOf));
  return [...folders].sort().flatMap(licenseOf);
}

function bundledFiles(): readonly string[] {
  const statistics = readFileSync(STATISTICS, 'utf8');
  const paths = Array.from(
    statistics.matchAll(/"([^"]*\/node_modules\/[^"]*)"/g),
    ([, path]) => path
  );
  // The loaders that a file went through stand before it, each with a “!”.
  const files = paths.map((path) => path?.split('!').pop() ?? '');
  // ncc's own loaders are in the statistics, but not in the bundle.
  return files.filter((file) => !file.includes('/node_modules/@vercel/'));
}

/** The folder of a file’s package, and each in it that leads to the file. */
function foldersOf(file: string): readonly string[] {
  const [root] = /^\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file) ?? [];
  const folders: string[] = [];
  for (let at = dirname(file); root !== undefined && at.startsWith(root); at = dirname(at)) {
    folders.push(at);
  }
  return folders;
}

/** A package has a licence; a folder in it has one if somebody else made what it holds. */
function licenseOf(folder: string): readonly BundledLicense[] {
  const name = folder.split('/node_modules/').pop() ?? '';
  const here = LICENSES_HERE[name];
  const file =
    here === undefined ? licenseFileIn(folder) : join(import.meta.dirname, 'licenses', here);
  const text = file === undefined ? '' : readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim();
  if (/^(?:@[^/]+\/)?[^/]+$/.test(name)) {
    return [{ name, text: text && `${licenseNameOf(folder)}\n${text}` }];
  }
  return text === '' ? [] : [{ name, text }];
}

function licenseFileIn(folder: string): string | undefined {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const name = names.find((each) => /^(?:licen[cs]e|copying|notice)\b/i.test(each));
  return name === undefined ? undefined : join(folder, name);
}

function licenseNameOf(folder: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return (manifest as { readonly license?: string }).license ?? '';
}
