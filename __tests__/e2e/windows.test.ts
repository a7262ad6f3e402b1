import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { Authority } from '../support/certificates.ts';
import { hasRead, Stage } from '../support/stage.ts';

// No Linux has SIGBREAK, so the process is made to receive it as Node on Windows would tell it.
const BREAK_ON_SIGUSR2 =
  '--import=data:text/javascript,process.on(%22SIGUSR2%22,()=>process.emit(%22SIGBREAK%22,%22SIGBREAK%22))';

it.concurrent('SIGBREAK, the runner’s second word on Windows, interrupts a step', async () => {
  await using stage = await Stage.set({ env: { NODE_OPTIONS: BREAK_ON_SIGUSR2 } });
  const step = stage.start();
  await eventually('a first read', () => hasRead(step));
  step.process.kill('SIGUSR2');
  const { code, outputs } = await step.result;
  expect(code).toBe(1);
  expect(outputs).toMatchObject({ outcome: 'interrupted', cancellation: 'confirmed' });
  expect(outputs['message']).toContain('SIGBREAK');
});

describe('files of Windows', () => {
  const authority = new Authority('A private authority');
  const server = authority.issue({ commonName: 'Ops Manager' });
  const client = authority.issue({ commonName: 'A runner' });
  const tls = { ...server, ca: authority.certificate, requestCert: true, rejectUnauthorized: true };
  const crlf = (pem: string): string => pem.replaceAll(/\r?\n/g, '\r\n');

  it.concurrent('may end their lines with CR and LF, as inputs and by path', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'windows-'));
    try {
      const path = join(folder, 'ca.pem');
      writeFileSync(path, crlf(authority.certificate));
      await using stage = await Stage.set({
        tls,
        inputs: {
          'ca-certificate': path,
          'client-certificate': crlf(client.cert),
          'client-key': crlf(client.key),
          'goal-state': 'PENDING'
        }
      });
      const { outputs } = await stage.run();
      expect(outputs['message']).toMatch(/reached PENDING/);
      expect(outputs['outcome']).toBe('reached');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.concurrent('are found by the path as it is given, backslashes included', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'windows-'));
    try {
      const path = `${folder}/certificates\\ca.pem`;
      writeFileSync(path, authority.certificate);
      await using stage = await Stage.set({
        tls: server,
        inputs: { 'ca-certificate': path, 'goal-state': 'PENDING' }
      });
      const { outputs } = await stage.run();
      expect(outputs['message']).toMatch(/reached PENDING/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.concurrent('that are not there are named as what they are', async () => {
    await using stage = await Stage.set({
      inputs: { 'ca-certificate': 'C:\\certificates\\ca.pem' }
    });
    const { outputs } = await stage.run();
    expect(outputs['message']).toContain('ca-certificate: there is no file');
    expect(stage.simulator.calls).toEqual([]);
  });
});

it.concurrent('an import-request with CR and LF creates its import', async () => {
  const body = '{\r\n  "seedHostport": "a:1",\r\n  "requiredProcesses": ["a:1"]\r\n}\r\n';
  await using stage = await Stage.set({
    imports: [],
    create: () => ({ steps: [['PENDING', 0]] }),
    inputs: { 'request-id': '', 'import-request': body, 'goal-state': 'PENDING' }
  });
  expect((await stage.run()).outputs['outcome']).toBe('reached');
  expect(stage.simulator.imports).toHaveLength(1);
});
