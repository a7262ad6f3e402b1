import { isRecord } from '../case/json.ts';
import { version } from '../version.ts';
import { readEvent } from './files.ts';
import type { InputSource } from './source.ts';

type Environment = InputSource['env'];

/** The page of this workflow run; undefined outside GitHub Actions. */
export function runUrlOf(env: Environment): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  const url = `${server ?? ''}/${repository ?? ''}/actions/runs/${run ?? ''}`;
  return server && repository && run && /^[\x21-\x7e]+$/.test(url) ? url : undefined;
}

/** The name in Ops Manager's access log, which leads back to the run. */
export function userAgentOf(runUrl: string | undefined): string {
  const name = `await-ops-manager-import/${version}`;
  return runUrl === undefined ? name : `${name} (+${runUrl})`;
}

// A run for `pull_request_target` has secrets, whoever asks for the pull.
const EVENTS_WITHOUT_SECRETS_FOR_FORKS = [
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment'
];
const DEPENDABOT = 'dependabot[bot]';

/**
 * Why a secret is empty, as a sentence after a blank, where GitHub gives none to this run; else
 * nothing. Source: GitHub, "Events that trigger workflows" and "Dependabot on GitHub Actions".
 */
export function hintOnMissingSecrets(env: Environment): string {
  const event = eventOf(env);
  if (env['GITHUB_ACTOR'] === DEPENDABOT || textAt(event, 'sender', 'login') === DEPENDABOT) {
    return " This run is Dependabot’s, which gets no secrets but those under Settings, Secrets and variables, Dependabot: add it there, or skip this step with if: github.actor != 'dependabot[bot]'.";
  }
  const asked = isRecord(event) ? event['pull_request'] : undefined;
  const isFork =
    EVENTS_WITHOUT_SECRETS_FOR_FORKS.includes(env['GITHUB_EVENT_NAME'] ?? '') &&
    isRecord(asked) &&
    textAt(asked, 'head', 'repo', 'full_name') !== env['GITHUB_REPOSITORY'];
  return isFork
    ? ' This run is for a pull request from a fork, which gets no secrets: skip this step with if: github.event.pull_request.head.repo.full_name == github.repository, and run it after the merge.'
    : '';
}

function eventOf(env: Environment): unknown {
  const path = env['GITHUB_EVENT_PATH'] ?? '';
  return path === '' ? undefined : readEvent(path);
}

function textAt(json: unknown, ...names: readonly string[]): string | undefined {
  const value = names.reduce((at, name) => (isRecord(at) ? at[name] : undefined), json);
  return typeof value === 'string' ? value : undefined;
}
