import { expect, it } from '@jest/globals';
import { IMPORT_ID, PROJECT_ID, type Call } from '../../simulator/ops-manager.ts';
import type { DiagnosisApi } from '../../src/diagnosis/facts.ts';
import type { CallOptions, ImportApi } from '../../src/case/import-api.ts';
import { diagnosisApi } from '../../src/ops-manager/diagnosis.ts';
import { ClientInFront, failureOf } from '../support/client.ts';
import { opsManager } from '../support/ops-manager.ts';
import { facing } from '../support/replies.ts';

type Ports = ImportApi & DiagnosisApi;

interface Sent {
  readonly call: (api: Ports, options: CallOptions) => Promise<unknown>;
  /** The request, below `/api/public/v1.0`. */
  readonly sends: string;
  /** What the simulator takes it for: a call that it does not know is tried nowhere. */
  readonly kind: Exclude<Call['kind'], undefined>;
  /** What Ops Manager says of it where it does not do it for an import that has not failed. */
  readonly refusedWith?: number;
}

const IMPORTS = `/automation/importDeployment/${PROJECT_ID}`;
const GROUP = `/groups/${PROJECT_ID}`;
const BODY = '{"seedHostport":"db1.example.com:27017"}';

// The compiler asks for a line here when a port has one more call.
const CALLS: Readonly<Record<keyof Ports, Sent>> = {
  readImport: {
    call: (api, options) => api.readImport(IMPORT_ID, options),
    sends: `GET ${IMPORTS}/${IMPORT_ID}`,
    kind: 'read'
  },
  listImports: {
    call: (api, options) => api.listImports(options),
    sends: `GET ${IMPORTS}`,
    kind: 'list'
  },
  createImport: {
    call: (api, options) => api.createImport(BODY, options),
    sends: `POST ${IMPORTS}`,
    kind: 'create'
  },
  cancelImport: {
    call: (api, options) => api.cancelImport(IMPORT_ID, options),
    sends: `POST ${IMPORTS}/${IMPORT_ID}/cancel`,
    kind: 'cancel'
  },
  deleteImport: {
    call: (api, options) => api.deleteImport(IMPORT_ID, options),
    sends: `DELETE ${IMPORTS}/${IMPORT_ID}`,
    kind: 'delete',
    refusedWith: 400
  },
  readAutomationStatus: {
    call: (api, options) => api.readAutomationStatus(options),
    sends: `GET ${GROUP}/automationStatus`,
    kind: 'status'
  },
  listAgents: {
    call: (api, options) => api.listAgents(options),
    sends: `GET ${GROUP}/agents/AUTOMATION?itemsPerPage=500&pageNum=1`,
    kind: 'agents'
  },
  listHosts: {
    call: (api, options) => api.listHosts(options),
    sends: `GET ${GROUP}/hosts?itemsPerPage=500&pageNum=1`,
    kind: 'hosts'
  }
};
const TABLE = Object.entries(CALLS).map(([name, sent]) => ({ name, ...sent }));

/** The two ports over one client, as the steps have them. */
function portsOf({ client }: ClientInFront): Ports {
  return {
    readImport: client.readImport.bind(client),
    listImports: client.listImports.bind(client),
    createImport: client.createImport.bind(client),
    cancelImport: client.cancelImport.bind(client),
    deleteImport: client.deleteImport.bind(client),
    ...diagnosisApi(client.get.bind(client), PROJECT_ID)
  };
}

it.each(TABLE)(
  '$name sends $sends, which the simulator knows',
  async ({ call, sends, kind, refusedWith }) => {
    await using there = await opsManager();
    await using front = new ClientInFront(there.url);
    const answer = call(portsOf(front), { signal: new AbortController().signal });
    if (refusedWith === undefined) await answer;
    else expect(await failureOf(answer)).toMatchObject({ kind: 'refused', status: refusedWith });
    const [method = '', path = ''] = sends.split(' ');
    expect(there.simulator.calls.at(-1)).toMatchObject({
      method,
      path: `/api/public/v1.0${path}`,
      kind,
      isAuthenticated: true
    });
  }
);

it.each(TABLE)('$name ends with its signal, also under way', async ({ call }) => {
  const interrupt = new AbortController();
  const hang = (): boolean => {
    interrupt.abort(new Error('SIGTERM'));
    return true;
  };
  await using there = await opsManager({ fault: hang });
  await using front = new ClientInFront(there.url);
  const answer = call(portsOf(front), { signal: interrupt.signal });
  await expect(answer).rejects.toThrow('SIGTERM');
});

it.each(TABLE)('$name is one attempt, and throws an ApiError', async ({ call }) => {
  for (const reply of [
    { status: 403, body: { error: 403, detail: 'No.' } },
    { status: 503, body: '<html>' },
    { body: '[' },
    { body: '[]' }
  ]) {
    const error = await facing([reply], async (front) => {
      const failure = call(portsOf(front), { signal: new AbortController().signal });
      const found = await failureOf(failure);
      expect(front.client.requests).toBe(1);
      return found;
    });
    expect(error.kind).toBe(reply.status === 403 ? 'refused' : 'transient');
  }
});
