import { appendFileSync } from 'node:fs';

/**
 * Which step this process is, and what interrupts it. `index.ts` imports this before everything
 * else, and it imports nothing that takes time to load: a signal or a kill in the first tenth of a
 * second must not make the post step believe that it is the main step.
 */

/** Why the work stops; its message names the signal. */
class Interrupt extends Error {
  constructor(signal: string) {
    super(signal);
    this.name = 'Interrupt';
  }
}

/** Whether this process is the post step: the main step has marked it. */
export const isPostStep = process.env['STATE_step'] === 'post';

const stateFile = process.env['GITHUB_STATE'];
if (!isPostStep && stateFile) appendFileSync(stateFile, 'step=post\n');

const controller = new AbortController();

/** Aborted by the first signal, with an error that names it. */
export const interrupt: AbortSignal = controller.signal;

// On Windows the runner sends CTRL_C and CTRL_BREAK; SIGTERM never arrives there.
for (const name of ['SIGINT', 'SIGTERM', 'SIGBREAK']) {
  process.on(name, () => {
    // The second signal is the runner's last word, and nothing is entered twice.
    if (interrupt.aborted) process.exit(1);
    controller.abort(new Interrupt(name));
  });
}
