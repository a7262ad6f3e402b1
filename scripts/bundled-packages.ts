import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where ncc writes what it has bundled; dist/ itself names few of the packages in it. */
export const STATISTICS = join(import.meta.dirname, '../node_modules/bundle-statistics.json');

/** A package that is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly folder: string;
}

/** The packages that ncc's last run put into the bundle, in the order of their folders. */
export function bundledPackages(): readonly BundledPackage[] {
  const folders = new Set<string>();
  const statistics = readFileSync(STATISTICS, 'utf8');
  for (const [, path = ''] of statistics.matchAll(/"([^"]*\/node_modules\/[^"]*)"/g)) {
    // The loaders that a file went through stand before it, each with a “!”.
    const file = path.split('!').pop() ?? '';
    const [folder] = /^\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  return (
    [...folders]
      .sort()
      .map((folder) => ({ name: folder.split('/node_modules/').pop() ?? '', folder }))
      // ncc's own loaders are in the statistics, but not in the bundle.
      .filter(({ name }) => !name.startsWith('@vercel/'))
  );
}

/** Its name, the SPDX name of its licence, and the text. Throws if the package has no such text. */
export function licenseSection({ name, folder }: BundledPackage): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly license?: string;
  };
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)\b/i.test(entry));
  if (file === undefined || manifest.license === undefined) {
    throw new Error(`${folder} has no licence that could go with the bundle.`);
  }
  const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
  return `${name}\n${manifest.license}\n${text}\n`;
}
