import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_MS = 15_000;
// Servers that find themselves root want to become someone else: they start as no one.
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** How a server that others wrote is started, in a folder of its own. */
interface PeerPlan {
  readonly program: string;
  readonly args: (folder: string, port: number) => readonly string[];
  /** The files in its folder, by their names. */
  readonly files: (folder: string, port: number) => Readonly<Record<string, string>>;
}

/** A server that others wrote, in the foreground on a free port; ended by its own handle. */
export class Peer {
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<string>;

  private constructor(plan: PeerPlan, port: number) {
    this.port = port;
    this.#folder = mkdtempSync(join(tmpdir(), 'peer-'));
    for (const [name, text] of Object.entries(plan.files(this.#folder, port))) {
      writeFileSync(join(this.#folder, name), text);
    }
    if (NOBODY.uid !== undefined) chownSync(this.#folder, NOBODY.uid, NOBODY.gid);
    chmodSync(this.#folder, 0o755);
    this.#process = spawn(plan.program, plan.args(this.#folder, port), {
      ...NOBODY,
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }
    });
    let said = '';
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
    }
    this.#ended = new Promise((resolve) => {
      this.#process.on('error', (error) => {
        resolve(`${error.message}. Run .ci/install-peers first.`);
      });
      this.#process.on('close', (code) => {
        resolve(`it ended with exit code ${String(code)}: ${said}`);
      });
    });
  }

  /** @throws when it is not installed or does not start. */
  static async start(plan: PeerPlan): Promise<Peer> {
    const peer = new Peer(plan, await freePort());
    const failed = peer.#ended.then((why) => {
      throw new Error(`${plan.program} does not run: ${why}`);
    });
    const giveUp = AbortSignal.timeout(START_MS);
    failed.catch(() => undefined);
    try {
      await Promise.race([failed, peer.#listening(giveUp)]);
    } catch (error) {
      await peer[Symbol.asyncDispose]();
      throw error;
    }
    return peer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A file that it wrote. */
  read(name: string): string {
    return readFileSync(join(this.#folder, name), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGTERM');
    await this.#ended;
    rmSync(this.#folder, { recursive: true });
  }

  async #listening(giveUp: AbortSignal): Promise<void> {
    while (!(await answers(this.port))) await sleep(50, undefined, { signal: giveUp });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
}
