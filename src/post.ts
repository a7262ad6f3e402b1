import { goThrough, isNodeTooOld, listen } from './door.ts';

// The door of the post step. It loads nothing when the main step has settled its case.
const saved = process.env['STATE_case'] ?? '';
if (!isSettled(saved) && !isNodeTooOld('warning')) {
  const interrupts = listen();
  await goThrough('warning', async () => {
    const { post } = await import('./action.ts');
    await post(interrupts, saved);
  });
}

function isSettled(text: string): boolean {
  try {
    return (JSON.parse(text) as { isSettled?: unknown } | null)?.isSettled === true;
  } catch {
    // Nothing was saved, or a write was cut: then there is something to look at.
    return false;
  }
}
