import { goThrough, isNodeTooOld, listen } from "./door.js";
// The door of the main step.
if (isNodeTooOld('error')) {
    process.exitCode = 1;
}
else {
    const interrupts = listen();
    await goThrough('error', async () => {
        const { main } = await import("./action/index.js");
        await main(interrupts);
    });
}
