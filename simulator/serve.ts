import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { IMPORT_ID, Simulator } from './ops-manager.ts';
import type { Script } from './scripted-import.ts';

/**
 * A simulator as a process of its own, for workflows and benchmarks. It prints one line of JSON:
 * `url` of Ops Manager, and `control`, where GET tells how the imports stand and DELETE ends it.
 */
const { values } = parseArgs({
  options: {
    /** One import, as JSON: `{"steps": [["PENDING", 0], ["SUCCESS", 4000]]}`. */
    script: { type: 'string' },
    'nonce-lifetime-ms': { type: 'string', default: '60000' },
    'max-nonce-count': { type: 'string', default: '1024' }
  }
});
const script = JSON.parse(values.script ?? '{"steps": []}') as Script;
const simulator = await Simulator.start({
  imports: [{ id: IMPORT_ID, ...script }],
  nonceLifetimeMs: Number(values['nonce-lifetime-ms']),
  maxNonceCount: Number(values['max-nonce-count'])
});

const control = createServer((request, response) => {
  const states = Object.fromEntries(simulator.imports.map(({ id }) => [id, simulator.state(id)]));
  const calls = simulator.calls.map(({ method, path, isAuthenticated }) => ({
    method,
    path,
    isAuthenticated
  }));
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ states, connections: simulator.opened, calls }));
  if (request.method === 'DELETE') {
    control.close();
    response.on('close', () => {
      control.closeAllConnections();
      void simulator.close();
    });
  }
});
control.listen(0, '127.0.0.1', () => {
  const { port } = control.address() as AddressInfo;
  console.log(JSON.stringify({ url: simulator.url, control: `http://127.0.0.1:${port}` }));
});
