import { goThrough, isNodeTooOld, listen } from "./door.js";
// The door of the post step. It loads nothing when the main step has settled its case.
const saved = process.env['STATE_case'] ?? '';
if (!isSettled(saved) && !isNodeTooOld('warning')) {
    const interrupts = listen();
    await goThrough('warning', async () => {
        const { post } = await import("./action/index.js");
        await post(interrupts, saved);
    });
}
function isSettled(text) {
    try {
        return JSON.parse(text)?.isSettled === true;
    }
    catch {
        // Nothing was saved, or a write was cut: then there is something to look at.
        return false;
    }
}
