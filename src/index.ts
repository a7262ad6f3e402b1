import { isNodeTooOld, listen } from './door.ts';

// The door of the main step.
if (isNodeTooOld('error')) {
  process.exitCode = 1;
} else {
  const interrupts = listen();
  const { main } = await import('./action.ts');
  await main(interrupts);
}
