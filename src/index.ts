import { main } from './main.ts';
import { post } from './post.ts';
import { isPostStep, markPostStep } from './report/saved-state.ts';

/** Why the wait stops; its message names the signal. */
class Interrupt extends Error {
  constructor(signal: string) {
    super(signal);
    this.name = 'Interrupt';
  }
}

const interrupt = new AbortController();

// On Windows the runner sends CTRL_C and CTRL_BREAK; SIGTERM never arrives there.
for (const name of ['SIGINT', 'SIGTERM', 'SIGBREAK']) {
  process.on(name, () => {
    // The second signal is the runner's last word, and nothing is entered twice.
    if (interrupt.signal.aborted) process.exit(1);
    interrupt.abort(new Interrupt(name));
  });
}

if (isPostStep()) {
  await post(interrupt.signal);
} else {
  markPostStep();
  await main(interrupt.signal);
}
