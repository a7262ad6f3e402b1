import { jest } from '@jest/globals';
import { LogReader } from '../../simulator/log-reader.ts';

/** What `act` writes to the log, as GitHub shows it. */
export async function logOf(act: () => void | Promise<void>): Promise<LogReader> {
  const log = new LogReader(undefined);
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    log.write(String(text));
    return true;
  });
  try {
    await act();
  } finally {
    write.mockRestore();
  }
  log.end();
  return log;
}
