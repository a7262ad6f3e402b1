import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Authority } from '../support/certificates.ts';
import { LocalServer } from '../support/local-server.ts';

/** An issue as it was asked for. */
export interface SentIssue {
  readonly authorization: string | undefined;
  readonly repository: string;
  readonly title: string;
  readonly body: string;
}

interface GraphQl {
  readonly variables: {
    readonly owner?: string;
    readonly name?: string;
    readonly input?: {
      readonly repositoryId: string;
      readonly title: string;
      readonly body: string;
    };
  };
}

const HOST = 'api.github.com';

/**
 * The part of GitHub's GraphQL API that `gh issue create` uses, as api.github.com over TLS behind a
 * proxy: `HTTPS_PROXY` and `SSL_CERT_FILE` are all that the real gh needs to be told.
 */
export class GitHubForGh {
  readonly issues: SentIssue[] = [];
  readonly #authority = new Authority('Example Authority');
  #api: LocalServer | undefined;
  #proxy: LocalServer | undefined;

  static async start(): Promise<GitHubForGh> {
    const github = new GitHubForGh();
    const names = [{ type: 'dns', value: HOST }] as const;
    const api = await LocalServer.http(
      (request, response) => {
        github.#receive(request, response);
      },
      github.#authority.issue({ commonName: HOST, names })
    );
    github.#api = api;
    github.#proxy = await LocalServer.tcp((socket) => {
      socket.once('data', (head: Buffer) => {
        if (head.toString().startsWith(`CONNECT ${HOST}:443 `)) tunnel(socket, api.port);
        else socket.destroy();
      });
    });
    return github;
  }

  /** Where its proxy listens. */
  get proxyUrl(): string {
    return this.#proxy?.url ?? '';
  }

  /** The certificate of the authority that it is to be believed by, as PEM text. */
  get certificate(): string {
    return this.#authority.certificate;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy?.[Symbol.asyncDispose]();
    await this.#api?.[Symbol.asyncDispose]();
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const { variables } = JSON.parse(text) as GraphQl;
      const data = variables.input
        ? this.#create(variables.input, request.headers.authorization)
        : { repository: repository(`${variables.owner ?? ''}/${variables.name ?? ''}`) };
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ data }));
    });
  }

  #create(
    { repositoryId, title, body }: NonNullable<GraphQl['variables']['input']>,
    authorization: string | undefined
  ): unknown {
    this.issues.push({ authorization, repository: repositoryId, title, body });
    const url = `https://github.com/${repositoryId}/issues/${this.issues.length}`;
    return { createIssue: { issue: { id: `I_${this.issues.length}`, url } } };
  }
}

/** Any repository is there; its name serves as its id. */
function repository(name: string): unknown {
  return {
    id: name,
    name: name.split('/')[1],
    owner: { login: name.split('/')[0] },
    hasIssuesEnabled: true,
    viewerPermission: 'WRITE'
  };
}

function tunnel(socket: Socket, port: number): void {
  const upstream = connect(port, '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    upstream.pipe(socket);
    socket.pipe(upstream);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('close', () => upstream.destroy());
}
