import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { goThrough, isNodeTooOld, listen } from '../src/door.ts';
import { logOf } from './support/captured-log.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;

function messageOf({ reason }: AbortSignal): string {
  return (reason as Error).message;
}

describe('the door', () => {
  let exit: jest.SpiedFunction<typeof process.exit>;
  let nowMs = 0;
  let listenedBefore = 0;
  const uncaught = () => process.listeners('uncaughtException');

  beforeEach(() => {
    nowMs = 0;
    listenedBefore = uncaught().length;
    exit = jest.spyOn(process, 'exit');
    exit.mockImplementation((() => undefined) as unknown as typeof process.exit);
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    for (const signal of SIGNALS) process.removeAllListeners(signal);
    for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error');
    uncaught()
      .slice(listenedBefore)
      .forEach((listener) => {
        process.removeListener('uncaughtException', listener);
      });
  });

  it.each(SIGNALS)('hears %s: it interrupts, and is a signal', (name) => {
    const { any, signalled } = listen();
    expect([any.aborted, signalled.aborted]).toEqual([false, false]);
    process.emit(name);
    expect([any.aborted, signalled.aborted]).toEqual([true, true]);
    expect(messageOf(any)).toBe(`The signal ${name}`);
    expect(exit).not.toHaveBeenCalled();
  });

  it.each(['stdout', 'stderr'] as const)('hears that nobody reads %s: no signal', (name) => {
    const { any, signalled } = listen();
    process[name].emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect([any.aborted, signalled.aborted]).toEqual([true, false]);
    expect(messageOf(any)).toBe('A log that nobody reads any more');
  });

  it('takes the first real signal after a dead log for the first one', () => {
    const { any, signalled } = listen();
    process.stdout.emit('error', new Error('write EPIPE'));
    nowMs = 10_000;
    process.emit('SIGTERM');
    expect(signalled.aborted).toBe(true);
    expect(messageOf(any)).toBe('A log that nobody reads any more');
    expect(exit).not.toHaveBeenCalled();
  });

  it.each([
    { afterMs: 0, exits: false },
    { afterMs: 499, exits: false },
    { afterMs: 501, exits: true },
    { afterMs: 7_500, exits: true }
  ])('ends at once at a second signal, unless it is the first one again: $afterMs ms', (row) => {
    listen();
    process.emit('SIGINT');
    nowMs = row.afterMs;
    process.emit('SIGINT');
    expect(exit.mock.calls).toEqual(row.exits ? [[1]] : []);
  });

  /** As Node does with an exception that nobody catches; Jest listens, too, and is not told. */
  function throwBesideEverybody(error: Error): void {
    for (const listener of uncaught().slice(listenedBefore)) listener(error, 'uncaughtException');
  }

  it('hears what nobody catches: it interrupts, and is neither a signal nor an interrupt', () => {
    const { any, signalled } = listen();
    const error = new TypeError('tls.connect failed');
    throwBesideEverybody(error);
    expect([any.aborted, signalled.aborted]).toEqual([true, false]);
    expect(any.reason).toBe(error);
  });

  it('tells of each exception, and keeps what interrupted first', () => {
    const { any, onDefect } = listen();
    const told: unknown[] = [];
    onDefect((error) => told.push(error));
    process.emit('SIGTERM');
    const errors = [new Error('one'), new Error('two')];
    errors.forEach(throwBesideEverybody);
    expect(told).toEqual(errors);
    expect(messageOf(any)).toBe('The signal SIGTERM');
  });

  it.each(['error', 'warning'] as const)(
    'ends with an annotation and never with a stack: %s',
    async (level) => {
      const spoken = jest.spyOn(console, 'log').mockImplementation(() => undefined);
      const code = process.exitCode;
      await goThrough(level, () => Promise.reject(new Error('no bundle\r\n::error::x')));
      const lines = spoken.mock.calls.flat().map(String);
      expect(process.exitCode).toBe(level === 'error' ? 1 : code);
      process.exitCode = code;
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(
        new RegExp(`^::${level} title=Defect of this action::.*no bundle%0D%0A::error::x`)
      );
      expect(lines[0]).not.toMatch(/[\r\n]/);
    }
  );

  it('lets a log die again and again', () => {
    const { any } = listen();
    process.stdout.emit('error', new Error('write EPIPE'));
    process.stdout.emit('error', new Error('write EPIPE'));
    expect(any.aborted).toBe(true);
  });
});

describe('an old Node', () => {
  const { node } = process.versions;
  afterEach(() => {
    Object.defineProperty(process.versions, 'node', { value: node, configurable: true });
  });

  it.each([
    { version: '24.4.0', isOld: false },
    { version: '22.19.0', isOld: false },
    { version: '22.18.9', isOld: true },
    { version: '20.20.0', isOld: true },
    { version: '26.0.0', isOld: false }
  ])('is told in one line: $version is $isOld', async ({ version, isOld }) => {
    Object.defineProperty(process.versions, 'node', { value: version, configurable: true });
    const spoken = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    const log = await logOf(() => {
      expect(isNodeTooOld('error')).toBe(isOld);
    });
    const lines = spoken.mock.calls.flat();
    spoken.mockRestore();
    expect(lines).toHaveLength(isOld ? 1 : 0);
    expect(log.lines).toEqual([]);
    if (isOld)
      expect(lines[0]).toMatch(
        new RegExp(`^::error title=.*Node ${version.replaceAll('.', '\\.')}`)
      );
  });
});
