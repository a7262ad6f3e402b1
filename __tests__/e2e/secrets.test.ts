import { describe, expect, it } from '@jest/globals';
import { fault } from '../../simulator/faults.ts';
import { IMPORT_ID, PRIVATE_KEY, type Fault } from '../../simulator/ops-manager.ts';
import type { StepResult } from '../../simulator/runner.ts';
import { ENCODERS } from '../support/encoders.ts';
import { eventually } from '../support/eventually.ts';
import { hasRead, OUTPUT_NAMES, Stage, type Scene } from '../support/stage.ts';

const PASSWORD = 'p@ss"word! of\\the seed host';
const PASSPHRASE = 'passphrase-of-the-client-key';
const BODY = JSON.stringify({
  seedHostport: 'mongodb1.example.com:27017',
  requiredProcesses: ['mongodb1.example.com:27017'],
  username: 'automation',
  password: PASSWORD,
  sslOptions: { clientCertificatePassphrase: PASSPHRASE }
});
const TELLTALE = {
  name: 'rs0_1',
  hostname: `${PRIVATE_KEY}.example.com`,
  version: 4,
  plan: [`Start ${PRIVATE_KEY}`],
  error: { errorCode: 100, errorString: `mongod --password ${PRIVATE_KEY} ended` }
};

const SCENES: readonly { readonly name: string; readonly scene: Scene }[] = [
  { name: 'times out', scene: { inputs: { timeout: '1s' } } },
  {
    name: 'meets trouble of all kinds',
    scene: { inputs: { timeout: '1s' }, fault: troubleInTurn(), maxNonceCount: 2 }
  },
  { name: 'is refused', scene: { fault: fault('403', () => true) } },
  { name: 'has the wrong key', scene: { inputs: { 'public-key': 'someone-else' } } },
  {
    name: 'creates its import',
    scene: { imports: [], inputs: { 'request-id': '', 'import-request': BODY } }
  },
  {
    name: 'creates its import from an input that is wrong',
    scene: {
      inputs: { 'request-id': '', 'import-request': BODY.replace(':27017', ''), timeout: 'never' }
    }
  },
  {
    name: 'creates an import that Ops Manager refuses, quoting it',
    scene: refusedWith(`The password ${PASSWORD} of ${PRIVATE_KEY} is too short.`)
  },
  {
    name: 'creates an import that is refused with so many passwords that one stands at the cut',
    scene: refusedWith(`x${PASSWORD.repeat(80)}`)
  },
  {
    name: 'is told the key by an agent',
    scene: {
      imports: [{ id: IMPORT_ID, steps: [['AWAIT_GOAL_STATE', 0]] }],
      inputs: { timeout: '1s' },
      diagnosis: { automation: { goalVersion: 5, processes: [TELLTALE] } }
    }
  },
  {
    name: 'has a broken import-request',
    scene: { inputs: { 'request-id': '', 'import-request': `${BODY.slice(0, -1)},}` } }
  },
  {
    name: 'has the key where it does not belong',
    scene: { inputs: { 'project-id': PRIVATE_KEY, 'ca-certificate': PRIVATE_KEY } }
  },
  {
    name: 'has the key in its URL',
    scene: { inputs: { 'base-url': `https://user:${PRIVATE_KEY}@ops-manager.example.com` } }
  }
];

function refusedWith(detail: string, parameters: readonly string[] = []): Scene {
  return {
    imports: [],
    inputs: { 'request-id': '', 'import-request': BODY },
    fault: ({ kind }, response) => {
      if (kind !== 'create') return false;
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ error: 400, errorCode: 'INVALID_ATTRIBUTE', detail, parameters })
      );
      return true;
    }
  };
}

function troubleInTurn(): Fault {
  const names = ['401 out of nowhere', 'malformed JSON', '500', 'reset in mid-body'] as const;
  let calls = 0;
  return (call, response, forward, simulator) => {
    const name = call.isAuthenticated ? names[calls++] : undefined;
    return name !== undefined && fault(name, () => true)(call, response, forward, simulator);
  };
}

/** What was sent to prove who we are: it is good for nothing else, and nobody should see it. */
function proofs({ simulator: { calls } }: Stage): string[] {
  return calls.flatMap(({ headers: { authorization = '' } }) =>
    Array.from(
      authorization.matchAll(/\b(?:nonce|cnonce|response)="([^"]+)"/g),
      ([, value]) => value ?? ''
    )
  );
}

function expectNothingSecret(stage: Stage, results: readonly StepResult[]): void {
  const secrets = [PRIVATE_KEY, PASSWORD, PASSPHRASE, ...proofs(stage)];
  for (const { raw, log, summary, outputs, state, annotations } of results) {
    // The runner must be told what to mask, and shows nothing of it.
    const shown = raw.split('\n').filter((line) => !line.startsWith('::add-mask::'));
    const everything = [
      shown.join('\n'),
      ...[...Object.values(outputs), ...Object.values(state)],
      ...annotations.map(({ message }) => message),
      log,
      summary
    ].join('\n');
    // Of a password that was cut, a half is shown, too.
    const texts = [...secrets, PASSWORD.slice(0, -6), PASSWORD.slice(6)];
    const leaked = texts
      .flatMap((secret) => [secret, ...ENCODERS.map(({ encode }) => encode(secret))])
      .filter((form) => everything.includes(form));
    expect(leaked).toEqual([]);
  }
}

describe('nothing secret is shown by a step that', () => {
  it.concurrent.each(SCENES)('$name', async ({ scene }) => {
    await using stage = await Stage.set({ ...scene, env: { RUNNER_DEBUG: '1' } });
    const main = await stage.run();
    expect(Object.keys(main.outputs).sort()).toEqual(OUTPUT_NAMES);
    expectNothingSecret(stage, [main]);
  });

  it.concurrent('is refused with its password as each program writes it', async () => {
    const written = ENCODERS.map(({ encode }) => `${encode(PASSWORD)}@mongodb1: refused`);
    const scene = refusedWith('No.', written);
    await using stage = await Stage.set({ ...scene, env: { RUNNER_DEBUG: '1' } });
    const main = await stage.run();
    // A debug line has all of the reply.
    expect(main.raw.match(/@mongodb1: refused/g)).toHaveLength(ENCODERS.length);
    expectNothingSecret(stage, [main]);
  });

  it.concurrent('was killed', async () => {
    await using stage = await Stage.set({ env: { RUNNER_DEBUG: '1' } });
    const step = stage.start();
    await eventually('a first read', () => hasRead(step));
    step.process.kill('SIGKILL');
    const main = await step.result;
    const post = await stage.runPost(main);
    expect(proofs(stage).length).toBeGreaterThan(6);
    expectNothingSecret(stage, [main, post]);
  });
});

it.concurrent('keys that are swapped are sent nowhere', async () => {
  const key = '0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d';
  await using stage = await Stage.set({ inputs: { 'public-key': key, 'private-key': 'ABCDEFGH' } });
  const { code, outputs } = await stage.run();
  expect(code).toBe(1);
  expect(outputs['outcome']).toBe('error');
  expect(stage.simulator.calls).toEqual([]);
});

it.concurrent('the private key is masked before anything else is said', async () => {
  await using stage = await Stage.set({ env: { RUNNER_DEBUG: '1' } });
  const step = stage.start();
  await eventually('a first read', () => hasRead(step));
  step.process.kill('SIGINT');
  const { raw } = await step.result;
  expect(raw.split('\n')[0]).toBe(`::add-mask::${PRIVATE_KEY}`);
});
