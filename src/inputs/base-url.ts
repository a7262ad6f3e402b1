import { InputProblem } from './problem.ts';

/** What comes after Ops Manager's own URL in every call of its API. */
export const API_PATH = '/api/public/v1.0';

const EXPECTED = 'Expected Ops Manager’s URL, such as https://ops-manager.example.com:8443.';
/** What ends a link in Markdown, or begins markup. */
const MARKUP = /[()[\]<>|*!`\\]/;

/**
 * Ops Manager's URL with the API's path once and no trailing slash.
 * @throws InputProblem, without what may be a password.
 */
export function parseBaseUrl(text: string): URL {
  // The URL parser takes tabs and line breaks out without a word.
  if (/[\s\p{C}]/u.test(text)) {
    throw new InputProblem(`it has a blank or an invisible character in it. ${EXPECTED}`);
  }
  if (!/^https?:\/\//i.test(text)) throw new InputProblem(withoutScheme(text));
  if (!URL.canParse(text))
    throw new InputProblem(`it is not a URL: check its host and port. ${EXPECTED}`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw new InputProblem(
      'it must not hold a user name or a password. Give the key as public-key and private-key.'
    );
  }
  rejectPage(url);
  if (/[?#]/.test(text)) {
    throw new InputProblem(
      (given) => `${given} has a query or a fragment (“?” or “#”). Leave it out. ${EXPECTED}`
    );
  }
  if (MARKUP.test(pathOf(text))) {
    throw new InputProblem(
      (given) => `${given} has one of ( ) [ ] < > | * ! \` \\ in its path. ${EXPECTED}`
    );
  }
  url.pathname = contextOf(url) + API_PATH;
  return url;
}

/** The project's page in Ops Manager. */
export function projectUrlOf(apiUrl: URL, projectId: string): string {
  return `${apiUrl.origin}${apiUrl.pathname.slice(0, -API_PATH.length)}/v2/${projectId}`;
}

function withoutScheme(text: string): (given: string) => string {
  const url = `https://${text}`;
  // What has neither a dot nor a port may be a key in the wrong place.
  if (!/^(?!https?:)[^@/]*[.:]/i.test(text) || text.includes('://') || !URL.canParse(url)) {
    return () => `it must start with https:// or http://. ${EXPECTED}`;
  }
  return (given) => `${given} must start with https:// or http://. Write https:// before it.`;
}

/** As it was written: the URL parser escapes some of what is looked for. */
function pathOf(text: string): string {
  return /^https?:\/\/[^/\\?#]*([^?#]*)/i.exec(text)?.[1] ?? '';
}

/** The address of a page, as a browser shows it, is what most people have at hand. */
function rejectPage({ origin, pathname, hash }: URL): void {
  if (!hash.startsWith('#/') && !/\/v2\/[0-9a-f]{24}/i.test(pathname)) return;
  const before = /^(.*?)\/v2(?:\/|$)/i.exec(pathname)?.[1];
  throw new InputProblem(
    before === undefined
      ? `it is the address of a page in the browser. Give Ops Manager’s own: ${origin}`
      : `it is the address of a page in the browser. Give what stands before /v2: ${origin}${before}`
  );
}

/** The path before the API's, which may stand there already, and twice. @throws InputProblem */
function contextOf({ origin, pathname }: URL): string {
  let path = withoutSlash(pathname);
  while (path.endsWith(API_PATH)) path = withoutSlash(path.slice(0, -API_PATH.length));
  const at = /\/api\/(?:public|atlas)(?:\/|$)/.exec(path)?.index;
  if (at === undefined) return path;
  throw new InputProblem(
    (given) =>
      `${given} is the address of a call. Give what stands before /api: ${origin}${path.slice(0, at)}`
  );
}

function withoutSlash(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}
