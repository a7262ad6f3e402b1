/** A challenge of `WWW-Authenticate`, its scheme and parameter names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

const LIST_GAP = /[\s,]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~\w]+/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
const TOKEN68 = /[ \t]+[\w\-.~+/]+=*[ \t]*(?=,|$)/y;
const TO_NEXT_COMMA = /[^,]*/y;

/**
 * Reads challenges from one or many `WWW-Authenticate` headers. Never throws: what is not a
 * challenge is passed over. RFC 9110, section 11.6.1.
 */
export function parseChallenges(header: string | readonly string[] | undefined): Challenge[] {
  const headers = typeof header === 'string' ? [header] : (header ?? []);
  return headers.flatMap(parseHeader);
}

function parseHeader(text: string): Challenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match) position = pattern.lastIndex;
    return match ?? undefined;
  };
  while (position < text.length) {
    take(LIST_GAP);
    const name = take(TOKEN)?.[0].toLowerCase();
    if (name === undefined) {
      take(TO_NEXT_COMMA);
    } else if (challenges.length > 0 && take(EQUALS)) {
      const quoted = take(QUOTED)?.[1]?.replace(/\\(.)/gs, '$1');
      const value = quoted ?? take(TOKEN)?.[0];
      const params = challenges.at(-1)?.params;
      if (value !== undefined && params && !params.has(name)) params.set(name, value);
      if (value === undefined) take(TO_NEXT_COMMA);
    } else {
      challenges.push({ scheme: name, params: new Map() });
      take(TOKEN68);
    }
  }
  return challenges;
}

/** The parameters of `Authentication-Info`, which has no scheme. RFC 7616, section 3.5. */
export function parseAuthenticationInfo(header: string): ReadonlyMap<string, string> {
  return parseHeader(`info ${header}`)[0]?.params ?? new Map<string, string>();
}
