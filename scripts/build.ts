import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ModuleKind, preProcessFile, ScriptTarget, transpileModule } from 'typescript';
import { bundledLicenses, STATISTICS } from './bundled-packages.ts';

/**
 * Builds dist/ from src/: the doors that action.yml names, as plain files that any Node can read,
 * and beside them, in dist/action/, the bundle that they load when there is something to do.
 */
const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
/** Becomes dist/ when all of it has been built: a build that fails leaves the old one. */
const built = join(root, 'node_modules', '.cache', 'dist');
const TYPE_MODULE = `${JSON.stringify({ type: 'module' }, null, 2)}\n`;

rmSync(built, { recursive: true, force: true });
buildBundle();
writeBuilt('package.json', TYPE_MODULE);
const doors = buildDoors(['index.ts', 'post.ts']);
rmSync(dist, { recursive: true, force: true });
renameSync(built, dist);
console.log(`dist/ has the bundle and ${doors.join(', ')}.`);

/** One bundle with `main` and `post`, and GitHub’s library in a chunk that is loaded when it is needed. */
function buildBundle(): void {
  const ncc = join(root, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js');
  const bundle = join(built, 'action');
  execFileSync(
    process.execPath,
    [ncc, 'build', 'src/action.ts', '--out', bundle, '--stats-out', STATISTICS, '--quiet'],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      // Where ncc finds a package, if not where Node does: it looks into the paths of this file.
      env: { ...process.env, TS_NODE_PROJECT: join(import.meta.dirname, 'undici-paths.json') }
    }
  );
  for (const name of readdirSync(bundle).filter((each) => each.endsWith('.js'))) {
    const file = join(bundle, name);
    writeFileSync(file, inAscii(readFileSync(file, 'utf8')));
  }
  writeBuilt('action/package.json', TYPE_MODULE);
  writeBuilt(
    'licenses.txt',
    bundledLicenses()
      .map(({ name, text }) => `${name}\n${text}\n`)
      .join('\n')
  );
}

/** With one letter beyond ASCII, V8 holds all of the text in two bytes a letter, and reads it slower. */
function inAscii(text: string): string {
  return text.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  );
}

/** The doors and the files of src/ that they import at once, without their types. */
function buildDoors(entries: readonly string[]): readonly string[] {
  const files = new Set(entries);
  // A file that is added on the way is visited, too.
  for (const file of files) {
    const text = withoutTypes(file);
    writeBuilt(file.replace(/\.ts$/, '.js'), text);
    for (const { fileName } of preProcessFile(text).importedFiles) {
      if (fileName === './action/index.js' || fileName.startsWith('node:')) continue;
      if (!/^\.\/[\w-]+\.js$/.test(fileName)) {
        throw new Error(
          `A door may not import ${fileName}, as src/${file} does: it must be plain.`
        );
      }
      files.add(fileName.slice('./'.length).replace(/\.js$/, '.ts'));
    }
  }
  return [...files].map((file) => file.replace(/\.ts$/, '.js'));
}

function withoutTypes(file: string): string {
  const { outputText } = transpileModule(readFileSync(join(root, 'src', file), 'utf8'), {
    fileName: file,
    compilerOptions: {
      // An old Node must be able to read a door, so that the door can say what is too old.
      target: ScriptTarget.ES2020,
      module: ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true
    }
  });
  return outputText.replaceAll(/(['"])\.\/action\.js\1/g, '$1./action/index.js$1');
}

function writeBuilt(path: string, text: string): void {
  const target = join(built, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}
