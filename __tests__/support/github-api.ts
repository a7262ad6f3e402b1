import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A commit status as it was sent. */
export interface SentStatus {
  readonly path: string;
  readonly token: string | undefined;
  readonly state: string;
  readonly context: string;
  readonly description: string;
  readonly target_url?: string;
}

/** How GitHub's API answers a commit status: with this HTTP status, perhaps with headers, or never. */
export type Answer =
  number | 'hang' | { readonly status: number; readonly headers: Readonly<Record<string, string>> };

/** The part of GitHub's API that takes commit statuses, as on a GitHub Enterprise Server. */
export class GitHubApi {
  readonly statuses: SentStatus[] = [];
  readonly #server: Server;
  readonly #answerTo: (nth: number) => Answer;

  private constructor(answerTo: (nth: number) => Answer) {
    this.#answerTo = answerTo;
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const { authorization } = request.headers;
        const sent = JSON.parse(body) as Omit<SentStatus, 'path' | 'token'>;
        this.statuses.push({ path: request.url ?? '', token: authorization, ...sent });
        const answer = this.#answerTo(this.statuses.length);
        if (answer === 'hang') return;
        const { status, headers } =
          typeof answer === 'number' ? { status: answer, headers: {} } : answer;
        response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
        response.end(JSON.stringify(status < 300 ? sent : { message: `Answer ${status}` }));
      });
    });
  }

  /** Listens on 127.0.0.1; `answerTo` is asked for each status, from 1. */
  static async start(answerTo: (nth: number) => Answer = () => 201): Promise<GitHubApi> {
    const api = new GitHubApi(answerTo);
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v3`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
