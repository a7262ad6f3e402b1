import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { faultBetween, FAULTS, isFaultName } from './faults.ts';
import type { ListScript } from './import-api.ts';
import { IMPORT_ID, Simulator } from './ops-manager.ts';
import { LOOSENESS, type Script } from './scripted-import.ts';

const lines = (names: readonly string[]): string => names.map((name) => `  ${name}`).join('\n');
const HELP = `A simulated Ops Manager as a process of its own, for workflows and benchmarks.

node simulator/serve.ts [options]

It prints one line of JSON: url of Ops Manager, and control, where GET tells how the imports stand
and DELETE ends it.

  --script <json>            the import: {"steps": [["PENDING", 0], ["SUCCESS", 4000]]}, and further
                             startedMsAgo, cancelTakesMs, refusesCancel, refusesDelete, listedAfterMs,
                             "loosely": […], one or more of those below
  --imports <json>           further imports of the project, a list of such scripts
  --lists <json>             how lists are written: {"oddItems": […], "pageItems": 100,
                             "says": "totalCount" | "next" | "both", "ignoresPages": true}
  --enveloped                each reply comes as {status, content}
  --fault <name>             what goes wrong, one of those below,
  --from-ms, --until-ms      and when, counted from the first request; by default always
  --nonce-lifetime-ms, --max-nonce-count

How an import may be written (loosely):
${lines(Object.entries(LOOSENESS).map(([name, what]) => `${name.padEnd(22)} ${what}`))}

What may go wrong (fault):
${lines(Object.keys(FAULTS))}`;

const { values } = parseArgs({
  options: {
    script: { type: 'string', default: '{"steps": []}' },
    imports: { type: 'string', default: '[]' },
    lists: { type: 'string', default: '{}' },
    enveloped: { type: 'boolean', default: false },
    fault: { type: 'string' },
    'from-ms': { type: 'string', default: '0' },
    'until-ms': { type: 'string', default: 'Infinity' },
    'nonce-lifetime-ms': { type: 'string', default: '60000' },
    'max-nonce-count': { type: 'string', default: '1024' },
    help: { type: 'boolean', short: 'h', default: false }
  }
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
if (values.fault !== undefined && !isFaultName(values.fault)) {
  console.error(`There is no fault “${values.fault}”.\n\n${HELP}`);
  process.exit(2);
}
const script = JSON.parse(values.script) as Script;
const simulator = await Simulator.start({
  imports: [{ id: IMPORT_ID, ...script }, ...(JSON.parse(values.imports) as Script[])],
  lists: JSON.parse(values.lists) as ListScript,
  isEnveloped: values.enveloped,
  nonceLifetimeMs: Number(values['nonce-lifetime-ms']),
  maxNonceCount: Number(values['max-nonce-count']),
  ...(values.fault !== undefined && {
    fault: faultBetween(values.fault, Number(values['from-ms']), Number(values['until-ms']))
  })
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
