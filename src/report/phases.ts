import { isPhase, type Phase } from '../case/states.ts';

const DOCS = 'https://www.mongodb.com/docs/ops-manager/current';

/** A page of Ops Manager's documentation. */
export interface Page {
  readonly title: string;
  readonly url: string;
}

/** What happens in a phase, and what keeps an import in it. */
export interface PhaseGuide {
  /** What Ops Manager is doing; follows "it was". */
  readonly activity: string;
  /** The first thing to look at, as one sentence. */
  readonly advice: string;
  /** What to check, the most likely cause first. */
  readonly checks: readonly string[];
  readonly pages: readonly Page[];
}

const IMPORTING: Page = {
  title: 'Import Deployments',
  url: `${DOCS}/reference/api/import-deployments`
};
const CREATING: Page = {
  title: 'Create Import Deployment Request',
  url: `${DOCS}/reference/api/import-deployments/create`
};
const ADDING: Page = {
  title: 'Add Existing MongoDB Processes',
  url: `${DOCS}/tutorial/add-existing-mongodb-processes`
};
const AGENTS: Page = {
  title: 'Install the MongoDB Agent',
  url: `${DOCS}/tutorial/nav/install-mongodb-agent`
};
const AUTOMATION: Page = {
  title: 'FAQ: Automation',
  url: `${DOCS}/reference/faq/faq-automation`
};

/**
 * Sources: Ops Manager, "Import Deployments", "Create Import Deployment Request" and "Add Existing
 * MongoDB Processes to Ops Manager".
 */
const GUIDES: Readonly<Record<Phase, PhaseGuide>> = {
  PENDING: {
    activity: 'waiting to start',
    advice: 'Check that Ops Manager is healthy and that no other import in the project is ahead.',
    checks: [
      'Another import of the same project may be ahead of this one: list the project’s imports.',
      'A MongoDB Agent must be installed and running on every node before the import starts.',
      'Ops Manager’s own log says whether its background jobs run; in Upgrade Mode they do not.'
    ],
    pages: [IMPORTING, AGENTS]
  },
  AWAIT_SEED_HOST_CONNECTED: {
    activity: 'connecting to the seed host',
    advice:
      'Check that the MongoDB Agents reach the seed host and port, and that the credentials are right.',
    checks: [
      'The host and port in `seedHostport` must be right and reachable from the MongoDB Agents: DNS, firewall, TLS.',
      'The MongoDB Agent must be installed and running on the seed host.',
      '`authMechanism`, `username` and `password` must be what the deployment expects; the user needs the roles for automation.',
      'The phase’s own limit is `timeouts.seedHostConnectionSec` of the create call’s body.'
    ],
    pages: [CREATING, AGENTS]
  },
  AWAIT_HOSTS_DISCOVERED: {
    activity: 'discovering the required processes',
    advice:
      'Check that every required process is up, is listed as the deployment names it, and has a running agent.',
    checks: [
      'Each entry of `requiredProcesses` must name a running process exactly as the deployment’s own configuration does: host name as in the replica set, and port.',
      'The list must be complete, and every node must have a MongoDB Agent that runs and reaches Ops Manager.',
      'The credentials must work on every process, also on arbiters, config servers and mongos.',
      'The phase’s own limit is `timeouts.processesDiscoverySec` of the create call’s body.'
    ],
    pages: [CREATING, AGENTS]
  },
  AWAIT_AUTOMATION_IMPORTED: {
    activity: 'importing the configuration into automation',
    advice:
      'Check that automation supports the processes’ settings and that their names are free in the project.',
    checks: [
      'Automation does not support every MongoDB option: compare the processes’ settings with the supported ones.',
      'Names of replica sets, shards and clusters must be unique within the project.',
      'The deployment’s authentication must agree with the project’s own security settings.',
      'No one else may be changing the project’s automation configuration at the same time: look for unpublished changes.',
      'The phase’s own limit is `timeouts.automationImported` of the create call’s body.'
    ],
    pages: [ADDING, CREATING]
  },
  AWAIT_GOAL_STATE: {
    activity: 'waiting for automation to reach its goal state',
    advice: 'Look in Ops Manager for the node whose agent has not reached its goal state.',
    checks: [
      'One node is enough to block the goal state: look at each server’s agent status and log for the step it is stuck in.',
      'Agents must run on every node, may have to restart processes, and need access to the files and ports of their MongoDB process.',
      'The phase’s own limit is `timeouts.goalStateSec` of the create call’s body.'
    ],
    pages: [AUTOMATION, ADDING]
  }
};

/** What to know of a phase; undefined for a state that the documentation does not know. */
export function guideTo(state: string | undefined): PhaseGuide | undefined {
  return state !== undefined && isPhase(state) ? GUIDES[state] : undefined;
}
