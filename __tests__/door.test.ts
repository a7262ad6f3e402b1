import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { isNodeTooOld, listen } from '../src/door.ts';
import { logOf } from './support/captured-log.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;

function messageOf({ reason }: AbortSignal): string {
  return (reason as Error).message;
}

describe('the door', () => {
  let exit: jest.SpiedFunction<typeof process.exit>;
  let nowMs = 0;

  beforeEach(() => {
    nowMs = 0;
    exit = jest.spyOn(process, 'exit');
    exit.mockImplementation((() => undefined) as unknown as typeof process.exit);
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    for (const signal of SIGNALS) process.removeAllListeners(signal);
    for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error');
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
