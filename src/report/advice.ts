import { isPhase, type Phase } from '../case/states.ts';
import { isGone, standsAtGoal } from '../case/verdict.ts';
import { type Parts, phaseInQuestion, type ByHand, type Place, type Report } from './report.ts';
import type { Deletion } from '../case/case.ts';
import { inWords } from '../diagnosis/findings.ts';

export const CHECK_THE_DISK =
  'Check the disk of the runner, and that GITHUB_OUTPUT and GITHUB_STATE name files that can be written.';
export const CREATE_AGAIN = 'Create the import again if it is still wanted.';

/** What happens in a phase, and what keeps an import in it. */
interface PhaseGuide {
  /** What Ops Manager is doing; follows "the import was". */
  readonly activity: string;
  /** The first thing to look at, as one sentence. */
  readonly advice: string;
  /** What to check, the most likely cause first; Markdown. */
  readonly checks: readonly string[];
  /** Of Ops Manager's documentation; links in Markdown. */
  readonly pages: readonly string[];
}

const IMPORTING = page('Import Deployments', 'reference/api/import-deployments');
const CREATING = page(
  'Create Import Deployment Request',
  'reference/api/import-deployments/create'
);
const ADDING = page('Add Existing MongoDB Processes', 'tutorial/add-existing-mongodb-processes');
const AGENTS = page('Install the MongoDB Agent', 'tutorial/nav/install-mongodb-agent');
const AUTOMATION = page('FAQ: Automation', 'reference/faq/faq-automation');

function page(title: string, path: string): string {
  return `[${title}](https://www.mongodb.com/docs/ops-manager/current/${path})`;
}

/**
 * Sources: Ops Manager, "Import Deployments", "Create Import Deployment Request" and "Add Existing
 * MongoDB Processes to Ops Manager".
 */
export const GUIDES: Readonly<Record<Phase, PhaseGuide>> = {
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
function guideTo(state: string | undefined): PhaseGuide | undefined {
  return state !== undefined && isPhase(state) ? GUIDES[state] : undefined;
}

/** `AWAIT_GOAL_STATE (waiting for automation to reach its goal state)`. */
export function phaseInWords(phase: string): string {
  const activity = guideTo(phase)?.activity;
  return activity === undefined ? phase : `${phase} (${activity})`;
}

export const CHECK_IDS = 'Check request-id and project-id, and that they are not swapped.';

/** What to do about the worst finding; else about the phase, and nothing if nothing is left. */
export function whatToDo(report: Report): readonly string[] {
  // Where it is at its goal, what is left to do has nothing to do with the phase.
  if (isGone(report.case) || standsAtGoal(report.case, report.terms)) return [];
  const advice = adviceFor(report) ?? guideTo(phaseInQuestion(report))?.advice;
  return advice === undefined ? [] : [advice];
}

/** What became of a failed import’s record, and what to do about it. */
export function recordOf(report: Report): Parts {
  const { id, deletion, resumed } = report.case;
  const isToMend = whatToDo(report).length > 0;
  const advice = [isToMend ? 'When that is put right, create the import again.' : CREATE_AGAIN];
  const purpose = 'Delete the failed import’s record';
  const byHand = id === undefined ? [] : [{ call: 'delete', ids: [id], purpose } as const];
  const why = resumed?.isForgotten === true ? '' : ', as delete-failed is false';
  switch (report.verdict.cleanup.kind) {
    case 'deleted':
      return {
        short: 'its record deleted',
        whole: ['Its record was deleted, so that Ops Manager cleans up what was partly imported.'],
        advice
      };
    case 'failed':
      return {
        short:
          recordAfter(deletion) === 'left' ? 'its record not deleted' : 'its record may remain',
        caveats: notDeleted(report),
        advice,
        byHand
      };
    case 'skipped':
    case 'not-needed':
      return {
        advice: [...advice, `The failed import’s record remains in Ops Manager${why}.`],
        byHand: byHand.map((each) => ({ ...each, purpose: 'Delete that record' }))
      };
  }
}

function notDeleted({ case: { id, deletion } }: Report): readonly string[] {
  const record = `The record of ${id === undefined ? 'the failed import' : `import ${id}`}`;
  const isLeft = recordAfter(deletion) === 'left';
  const what = `${record} ${isLeft ? 'was not' : 'may not have been'} deleted`;
  if (deletion?.kind === 'failed') {
    const { happened, advice } = deletion.trouble;
    return [`${what}.`, happened, advice].filter(Boolean);
  }
  return [`${what}: ${isLeft ? 'the step was stopped before' : 'the call had no good answer'}.`];
}

/** What is left of a failed import’s record; a call without an answer may have been carried out. */
function recordAfter(deletion: Deletion | undefined): 'left' | 'deleted' | 'unknown' {
  if (deletion === undefined) return 'left';
  if (deletion.kind === 'deleted') return 'deleted';
  return deletion.kind === 'failed' && deletion.isSure ? 'left' : 'unknown';
}

/** The phase to check, where nothing was found and nobody stopped the step. */
export function phaseToCheck(report: Report): Phase | undefined {
  const { outcome } = report.verdict;
  const isAboutPhase =
    outcome.kind === 'failed' ||
    outcome.kind === 'stalled' ||
    (outcome.kind === 'timed-out' && !outcome.trouble && !standsAtGoal(report.case, report.terms));
  const phase = phaseInQuestion(report);
  if (!isAboutPhase || phase === undefined || !isPhase(phase)) return undefined;
  return adviceFor(report) === undefined ? phase : undefined;
}

/** What to do about the worst finding to act on; undefined where none is one. */
function adviceFor({ findings }: Report): string | undefined {
  return inWords(findings).find(({ advice }) => advice !== '')?.advice;
}

/** Where no id is known. */
export const LIST: ByHand = {
  call: 'list',
  ids: [],
  purpose: 'List the project’s imports, and look for this step’s'
};

/** Where nobody knows whether it still runs, or perhaps not even which it is. */
export function cancelOrLook(id: string | undefined): ByHand {
  const purpose = 'Cancel the import if it still runs and is not wanted';
  return id === undefined ? LIST : { call: 'cancel', ids: [id], purpose };
}

/** Where there is no room for its command. */
export function inOneSentence({ purpose }: ByHand): string {
  return `${purpose}: the job summary has the command.`;
}

const METHODS = { cancel: 'POST', delete: 'DELETE', list: 'GET' } as const;
// With an empty --cookie, curl gives cookies back, as load balancers need it.
const CURL = `curl --digest --cookie '' --user "$PUBLIC_KEY:$PRIVATE_KEY"`;
const AUTHORITY = '--cacert "$CA_CERTIFICATE_FILE"';
const CLIENT = '--cert "$CLIENT_CERTIFICATE_FILE" --key "$CLIENT_KEY_FILE"';

/** The commands, with the keys, and the files of certificates, as variables of a shell. */
export function commandsFor({ call, ids }: ByHand, place: Place): readonly string[] {
  const { hasAuthority = false, hasClientCertificate = false } = place;
  const tls = [...(hasAuthority ? [AUTHORITY] : []), ...(hasClientCertificate ? [CLIENT] : [])];
  return (call === 'list' ? [undefined] : ids).map((id) => {
    const parts = [CURL, ...tls, `--request ${METHODS[call]}`, `'${urlOf(place, id, call)}'`];
    // Of several, on a phone too, one must see which is which.
    return `${ids.length > 1 ? `# ${id ?? ''}\n` : ''}${parts.join(' \\\n  ')}`;
  });
}

/** The calls in a few words: method and address. */
export function callsInWords({ call, ids }: ByHand, place: Place): string {
  return (call === 'list' ? [undefined] : ids)
    .map((id) => `${METHODS[call]} ${urlOf(place, id, call)}`)
    .join(', ');
}

/** A quotation mark would end the shell's word. */
function urlOf({ apiUrl, projectId }: Place, id: string | undefined, call: ByHand['call']): string {
  const all = `${apiUrl}/automation/importDeployment/${projectId}`;
  const one = id === undefined ? all : `${all}/${id}`;
  return (call === 'cancel' ? `${one}/cancel` : one).replaceAll("'", '%27');
}
