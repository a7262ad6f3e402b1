import { IMPORT_ID, PRIVATE_KEY, PROJECT_ID, PUBLIC_KEY } from '../../simulator/ops-manager.ts';
import { ApiError } from '../../src/case/import-api.ts';
import { connect, type OpsManagerClient } from '../../src/ops-manager/client.ts';
import { type ConnectionSettings, proxyAt } from '../../src/http/settings.ts';

export interface ClientOptions extends Omit<ConnectionSettings, 'proxy'> {
  /** The URL of one in between. */
  readonly proxy?: string;
  readonly privateKey?: string;
  readonly requestTimeoutMs?: number;
  readonly pollIntervalMs?: number;
  readonly secrets?: readonly string[];
  readonly wasAuthenticated?: boolean;
}

export const USER_AGENT = 'await-ops-manager-import/test (+https://example.com/run)';

/** A client in front of a server, with the debug lines that it wrote; closed at the scope's end. */
export class ClientInFront {
  readonly client: OpsManagerClient;
  readonly debugLines: string[] = [];

  constructor(url: string, options: ClientOptions = {}) {
    const { caCertificate, clientCertificate, proxy } = options;
    this.client = connect(
      {
        apiUrl: new URL(`${url}/api/public/v1.0`),
        projectId: PROJECT_ID,
        credentials: { publicKey: PUBLIC_KEY, privateKey: options.privateKey ?? PRIVATE_KEY },
        requestTimeoutMs: options.requestTimeoutMs ?? 20_000,
        pollIntervalMs: options.pollIntervalMs ?? 10_000,
        secrets: options.secrets ?? [],
        wasAuthenticated: options.wasAuthenticated,
        userAgent: USER_AGENT,
        connection: {
          caCertificate,
          clientCertificate,
          proxy: proxy === undefined ? undefined : proxyAt(proxy)
        }
      },
      (line) => this.debugLines.push(line)
    );
  }

  /** Reads the import; the state is all that most tests want to know. */
  async read(signal = new AbortController().signal): Promise<string> {
    return (await this.client.readImport(IMPORT_ID, { signal })).state;
  }

  /** The error that a read ends with. @throws when it does not. */
  async failure(signal?: AbortSignal): Promise<ApiError> {
    return failureOf(this.read(signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

/** The error that a call ends with. @throws when it ends well, or with an error of another kind. */
export async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('The call ended well.');
}
