import { parseCookie } from 'undici';
import { parseHttpDate } from '../time.ts';

const MOST_CHARACTERS = 4 * 1024;

interface Kept {
  readonly name: string;
  readonly path: string;
  readonly value: string;
  readonly isSecure: boolean;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/**
 * The cookies of one host, the newest 4 KiB of them: that is how many load balancers keep a client
 * at one node. They are returned to that host alone. RFC 6265, section 5.
 */
export class Cookies {
  readonly #url: URL;
  readonly #now: () => number;
  /** Newest first. */
  #kept: readonly Kept[] = [];

  /** `now` gives milliseconds since 1970. */
  constructor(url: URL, now: () => number = Date.now) {
    this.#url = url;
    this.#now = now;
  }

  /** Takes the `Set-Cookie` headers of a reply. */
  take(headers: string | readonly string[] | undefined): void {
    for (const header of [headers ?? []].flat()) this.#takeOne(header);
  }

  /** The `Cookie` header for a path; undefined without one. */
  headerFor(path: string): string | undefined {
    const isSecure = this.#url.protocol === 'https:';
    this.#kept = this.#kept.filter(({ endsAt }) => endsAt > this.#now());
    const sent = this.#kept.filter(
      (each) => isBelow(path, each.path) && (isSecure || !each.isSecure)
    );
    return sent.map(pairOf).join('; ') || undefined;
  }

  #takeOne(header: string): void {
    const cookie = parseCookie(header);
    if (!cookie || !this.#isOfHost(cookie.domain)) return;
    const { name, value, maxAge, secure: isSecure = false } = cookie;
    const path = cookie.path?.startsWith('/') ? cookie.path : '/';
    const endsAt = maxAge === undefined ? expiryIn(header) : this.#now() + maxAge * 1000;
    const others = this.#kept.filter((each) => each.name !== name || each.path !== path);
    const kept = endsAt > this.#now() ? [{ name, path, value, isSecure, endsAt }] : [];
    let characters = 0;
    this.#kept = [...kept, ...others].filter((each) => {
      characters += pairOf(each).length + '; '.length;
      return characters <= MOST_CHARACTERS;
    });
  }

  #isOfHost(domain: string | undefined): boolean {
    const name = (domain ?? '').replace(/^\./, '').toLowerCase();
    const { hostname } = this.#url;
    // A part of an IP address is no domain above it.
    const isName = !/^\[|^[\d.]+$/.test(hostname);
    return name === '' || hostname === name || (isName && hostname.endsWith(`.${name}`));
  }
}

/** What is no date is no end, though undici takes `0` and `-1` for one. RFC 6265, section 5.2.1. */
function expiryIn(header: string): number {
  const [, text = ''] = /;\s*expires=([^;]*)/i.exec(header) ?? [];
  const endsAt = parseHttpDate(text.trim());
  return Number.isNaN(endsAt) ? Infinity : endsAt;
}

function pairOf({ name, value }: Pick<Kept, 'name' | 'value'>): string {
  return name === '' ? value : `${name}=${value}`;
}

function isBelow(path: string, above: string): boolean {
  const [plain = ''] = path.split('?');
  return plain === above || plain.startsWith(above.endsWith('/') ? above : `${above}/`);
}
