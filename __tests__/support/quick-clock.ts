/**
 * A clock that runs `speed` times as fast as the machine’s, for the process of a step and for the
 * simulator in front of it alike: of spans that are the point of a test, such as the half minute in
 * which a list may be late, it takes a second or two, and the bundle stays as it is.
 */
interface QuickClock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Node’s option that makes it the clock of a process. */
  readonly nodeOption: string;
}

/** The machine’s clock, from now on so many times as fast. */
export function quickClock(speed: number): QuickClock {
  const since = Date.now();
  const program = `(${hasten.toString()})(${speed}, ${since})`;
  return {
    now: () => since + (Date.now() - since) * speed,
    nodeOption: `--import=data:text/javascript,${encodeURIComponent(program)}`
  };
}

/** Runs in the step’s process, before the action’s door is loaded. */
function hasten(speed: number, since: number): void {
  const { Date: RealDate, AbortSignal: Signals, performance: watch } = globalThis;
  const realNow = watch.now.bind(watch);
  const now = (): number => since + (RealDate.now() - since) * speed;
  // A timer counts whole milliseconds, and must not ring before its time.
  const shorter = (ms = 0): number => Math.ceil(ms / speed);
  const sooner = (name: 'setTimeout' | 'setInterval'): void => {
    const start = globalThis[name];
    const started = (callback: () => void, ms?: number, ...given: []): NodeJS.Timeout =>
      start(callback, shorter(ms), ...given);
    Object.assign(globalThis, { [name]: Object.assign(started, start) });
  };

  globalThis.Date = class extends RealDate {
    constructor(...given: readonly unknown[]) {
      super(...((given.length > 0 ? given : [now()]) as [number]));
    }
    static override now = now;
  } as DateConstructor;
  watch.now = () => realNow() * speed;
  sooner('setTimeout');
  sooner('setInterval');
  const timeout = Signals.timeout.bind(Signals);
  Signals.timeout = (ms) => timeout(shorter(ms));
  const promises = process.getBuiltinModule('node:timers/promises');
  const sleep = promises.setTimeout;
  promises.setTimeout = async (ms, ...given) => sleep(shorter(ms), ...given);
}
