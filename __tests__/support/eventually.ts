import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 120_000;

/** Waits until something is so. @throws when it is not so after two minutes, which no machine needs. */
export async function eventually(what: string, isSo: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + LIMIT_MS;
  while (!isSo()) {
    if (performance.now() > giveUpAt) throw new Error(`It never came to this: ${what}.`);
    await sleep(20);
  }
}
