/**
 * What both doors do before anything that takes time to load: they say when this Node is too old,
 * and listen for what interrupts a step, or goes wrong where nobody catches it. Plain enough for any
 * Node.
 */
/** Why the work stops, if that is no defect; its message is the subject of a sentence. */
class Interrupt extends Error {
    constructor(what) {
        super(what);
        this.name = 'Interrupt';
    }
}
// The limit of undici 8, which speaks HTTP here.
const OLDEST_NODE = [22, 19];
// One Ctrl-C can arrive twice: from the terminal, and from a parent that passes it on.
const SAME_SIGNAL_MS = 500;
/** Says so in one line, as an annotation, when this Node is too old; gives whether it is. */
export function isNodeTooOld(level) {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const [oldestMajor, oldestMinor] = OLDEST_NODE;
    if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor))
        return false;
    console.log(`::${level} title=Node is too old::This action needs Node 24 (at least ${oldestMajor}.${oldestMinor}), and this runner started it with Node ${process.versions.node}. Update the runner to 2.327.1 or newer, or the Node on its PATH.`);
    return true;
}
/**
 * Loads what a door opens to, and goes through. What ends it all the same is an annotation and a
 * failed step, never a bare stack.
 */
export async function goThrough(level, step) {
    try {
        await step();
    }
    catch (error) {
        if (level === 'error')
            process.exitCode = 1;
        const what = String(error).replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
        console.log(`::${level} title=Defect of this action::This action failed in a way it should not: ${what}.%0AIf its import is still wanted, look whether it runs. Please report this with the log of a run with debug logging.`);
    }
}
/** Listens for signals, for a log that nobody reads, and for what nobody catches, from now on. */
export function listen() {
    const any = new AbortController();
    const signalled = new AbortController();
    let firstAt = 0;
    let tell = (error) => any.abort(error);
    // On Windows the runner sends CTRL_C and CTRL_BREAK; SIGTERM never arrives there.
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK']) {
        process.on(name, () => {
            if (!signalled.signal.aborted) {
                firstAt = performance.now();
                const interrupt = new Interrupt(`The signal ${name}`);
                any.abort(interrupt);
                signalled.abort(interrupt);
            }
            else if (performance.now() - firstAt > SAME_SIGNAL_MS) {
                // The second signal is the runner's last word.
                process.exit(1);
            }
        });
    }
    for (const stream of [process.stdout, process.stderr]) {
        stream.on('error', () => any.abort(new Interrupt('A log that nobody reads any more')));
    }
    // Also what a promise was rejected with that nobody waits for.
    process.on('uncaughtException', (error) => tell(error));
    return {
        any: any.signal,
        signalled: signalled.signal,
        onDefect: (listener) => {
            tell = (error) => {
                any.abort(error);
                listener(error);
            };
        }
    };
}
