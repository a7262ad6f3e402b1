import {
  timeline,
  type AgentScript,
  type DiagnosisScript,
  type ErrorScript
} from './diagnosis-api.ts';
import { sampleSteps, type Script } from './scripted-import.ts';

/** What the demo shows of an import that something holds up. */
interface DiagnosisScenario {
  readonly about: string;
  readonly script: Partial<Script>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly diagnosis: DiagnosisScript;
  /** Whether the step creates the import: `script` is then that of the created one. */
  readonly isCreated?: boolean;
}

/** The documentation’s sample import, 200 times as fast: AWAIT_GOAL_STATE begins after 3.6 s. */
const SCALE = 1 / 200;
const MINUTE_MS = 60_000;

const HOSTS = ['mongodb1.example.com', 'mongodb2.example.com', 'mongodb3.example.com'] as const;
const AGENTS: readonly AgentScript[] = HOSTS.map((hostname) => ({ hostname }));
const FOREVER: Partial<Script> = { steps: sampleSteps(undefined, SCALE), cancelTakesMs: 500 };
const WAITS = ['WaitAllRsMembersUp'];

const PERMISSION = {
  errorCode: 100,
  errorCodeHumanReadable: 'File Permissions Error',
  errorCodeDescription: 'There is an issue with file permissions for this process',
  errorString: '<rs0_3> [13:11:33.348] open /data/0/mongod.lock: permission denied'
};

const REQUEST = JSON.stringify({
  seedHostport: `${HOSTS[0]}:27017`,
  requiredProcesses: HOSTS.map((hostname) => `${hostname}:27017`)
});

/** Scenarios for `npm start -- --scenario …`. */
export const DIAGNOSIS_SCENARIOS: Readonly<Record<string, DiagnosisScenario>> = {
  'node-behind': {
    about: 'one process cannot start, and another one waits for it',
    script: FOREVER,
    inputs: { timeout: '8s', 'stall-timeout': '6s' },
    diagnosis: {
      agents: AGENTS,
      automation: {
        goalVersion: 5,
        processes: [
          { name: 'rs0_1', hostname: HOSTS[0], version: 4, plan: WAITS },
          { name: 'rs0_2', hostname: HOSTS[1], version: timeline(4, [5_000, 5]) },
          { name: 'rs0_3', hostname: HOSTS[2], version: -1, plan: ['Start'], error: PERMISSION }
        ]
      }
    }
  },
  'error-comes-and-goes': {
    about: 'a process reports an error that its agent’s next attempt clears',
    script: FOREVER,
    inputs: { 'stall-timeout': '6s' },
    diagnosis: {
      agents: AGENTS,
      automation: {
        goalVersion: 5,
        processes: [
          { name: 'rs0_1', hostname: HOSTS[0], version: 5 },
          { name: 'rs0_2', hostname: HOSTS[1], version: 5 },
          {
            name: 'rs0_3',
            hostname: HOSTS[2],
            version: -1,
            plan: ['Start', 'WaitAllRsMembersUp'],
            error: timeline<ErrorScript | 'none'>('none', [4_000, PERMISSION], [7_000, 'none'])
          }
        ]
      }
    }
  },
  'dead-agent': {
    about: 'an agent has been silent for a quarter of an hour',
    script: FOREVER,
    inputs: { timeout: '8s' },
    diagnosis: {
      agents: [
        { hostname: HOSTS[0] },
        { hostname: HOSTS[1], silentFromMs: -14 * MINUTE_MS },
        { hostname: HOSTS[2] }
      ],
      automation: {
        goalVersion: 5,
        processes: [
          { name: 'rs0_1', hostname: HOSTS[0], version: 4, plan: WAITS },
          { name: 'rs0_2', hostname: HOSTS[1], version: 4, plan: ['Start'] },
          { name: 'rs0_3', hostname: HOSTS[2], version: 4, plan: WAITS }
        ]
      }
    }
  },
  'host-never-discovered': {
    about: 'a required process is not found, and no agent runs on its host',
    script: { steps: sampleSteps(undefined, SCALE).slice(0, 3), cancelTakesMs: 500 },
    isCreated: true,
    inputs: { 'import-request': REQUEST, timeout: '8s' },
    diagnosis: {
      agents: AGENTS.slice(0, 2),
      hosts: [
        { hostname: HOSTS[0], replicaSetName: 'rs0', typeName: 'REPLICA_PRIMARY' },
        { hostname: HOSTS[1], typeName: 'NO_DATA' }
      ]
    }
  },
  'slow-rollout': {
    about: 'processes arrive slowly, but no stall ends the import',
    script: { steps: [...sampleSteps(undefined, SCALE), ['SUCCESS', 13_000]] },
    inputs: { 'stall-timeout': '4s' },
    diagnosis: {
      agents: AGENTS,
      automation: {
        goalVersion: 5,
        processes: HOSTS.map((hostname, index) => ({
          name: `rs0_${index + 1}`,
          hostname,
          version: timeline(4, [6_000 + 2_500 * index, 5]),
          plan: ['ChangeVersion', 'WaitAllRsMembersUp']
        }))
      }
    }
  }
};
