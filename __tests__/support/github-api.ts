import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A commit status as it was sent. */
interface SentStatus {
  readonly path: string;
  readonly token: string | undefined;
  readonly state: string;
  readonly context: string;
  readonly description: string;
  readonly target_url?: string;
}

/** How GitHub's API answers a commit status: with this HTTP status, perhaps with headers, or never. */
export type Answer =
  | number
  | 'hang'
  | {
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** In place of GitHub’s own; `endless` goes on and on. */
      readonly body?: string;
    };

/** The part of GitHub's API that takes commit statuses, as on a GitHub Enterprise Server. */
export class GitHubApi {
  readonly statuses: SentStatus[] = [];
  readonly #server: Server;
  readonly #answerTo: (nth: number) => Answer;

  readonly #scheme: string;

  private constructor(answerTo: (nth: number) => Answer, tls: ServerOptions | undefined) {
    this.#answerTo = answerTo;
    this.#scheme = tls ? 'https' : 'http';
    const listener: RequestListener = (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const { authorization } = request.headers;
        const sent = JSON.parse(body) as Omit<SentStatus, 'path' | 'token'>;
        this.statuses.push({ path: request.url ?? '', token: authorization, ...sent });
        const answer = this.#answerTo(this.statuses.length);
        if (answer === 'hang') return;
        const {
          status,
          headers,
          body: page
        } = typeof answer === 'number' ? { status: answer, headers: {}, body: undefined } : answer;
        response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
        if (page === 'endless') {
          const more = (): void => {
            if (!response.destroyed) response.write('x'.repeat(64 * 1024), more);
          };
          more();
          return;
        }
        response.end(page ?? JSON.stringify(status < 300 ? sent : { message: `Answer ${status}` }));
      });
    };
    this.#server = tls ? createTlsServer(tls, listener) : createServer(listener);
  }

  /** Listens on 127.0.0.1; `answerTo` is asked for each status, from 1. */
  static async start(
    answerTo: (nth: number) => Answer = () => 201,
    tls?: ServerOptions
  ): Promise<GitHubApi> {
    const api = new GitHubApi(answerTo, tls);
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v3`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
