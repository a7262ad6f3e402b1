import manifest from '../../package.json' with { type: 'json' };
import { readProxy } from './connection.ts';
import { parseToken } from './fields.ts';
import { Form, InputProblem } from './form.ts';
import { clean } from '../untrusted.ts';
import type { InputSource } from './source.ts';
import type { Proxy } from '../http/settings.ts';

/** The GitHub that runs this workflow, and how it is spoken to. */
export interface GitHub {
  readonly apiUrl: URL;
  /** The one on the way to it; Ops Manager may be behind another, or behind none. */
  readonly proxy: Proxy | undefined;
  /** The page of this workflow run; undefined outside GitHub Actions. */
  readonly runUrl: string | undefined;
  readonly userAgent: string;
  /** What must not be shown anywhere. */
  readonly secrets: readonly string[];
}

/** Where and how a step reports. */
export interface Reporting {
  readonly jobSummary: boolean;
  readonly commitStatus: { readonly context: string; readonly token: string } | undefined;
  readonly gitHub: GitHub;
}

/** Reads where and how this step reports. */
export function readReporting(form: Form): Reporting {
  const context = form.optional('commit-status', parseStatusContext);
  const isWanted = form.source.get('commit-status') !== '';
  const token = isWanted ? form.optional('github-token', parseToken) : undefined;
  if (isWanted && form.source.get('github-token') === '') {
    form.problem(
      'github-token',
      'it is needed for commit-status. Leave it out to use the job’s own token.'
    );
  }
  return {
    jobSummary: form.flag('job-summary', true) ?? true,
    commitStatus: context === undefined || token === undefined ? undefined : { context, token },
    gitHub: gitHubOf(form)
  };
}

/** The name of a commit status. @throws InputProblem */
function parseStatusContext(text: string): string {
  if (/^(?:true|false|on|off|yes|no|none|null)$/i.test(text)) {
    throw new InputProblem(
      (given) =>
        `${given} would be the name of the status. Write one such as ops-manager/import, or leave it out for none.`
    );
  }
  if (text.length > 200 || clean(text) !== text) {
    throw new InputProblem(
      'it must be a plain name of at most 200 characters, such as ops-manager/import.'
    );
  }
  return text;
}

/** The GitHub of the environment. */
export function gitHubOf({ source }: Form): GitHub {
  const apiUrl = apiUrlOf(source.env);
  // A proxy that is wrong stops no step for the sake of a status.
  const proxy = readProxy(new Form(source), apiUrl);
  const runUrl = runUrlOf(source.env);
  return { apiUrl, proxy, runUrl, userAgent: userAgentOf(runUrl), secrets: source.secrets };
}

function runUrlOf(env: InputSource['env']): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  const url = `${server ?? ''}/${repository ?? ''}/actions/runs/${run ?? ''}`;
  return server && repository && run && /^[\x21-\x7e]+$/.test(url) ? url : undefined;
}

function apiUrlOf(env: InputSource['env']): URL {
  const given = env['GITHUB_API_URL'] ?? '';
  const isUrl = /^https?:/i.test(given) && URL.canParse(given);
  return new URL(isUrl ? given : 'https://api.github.com');
}

/** The name in Ops Manager's access log, which leads back to the run. */
function userAgentOf(runUrl: string | undefined): string {
  const name = `await-ops-manager-import/${manifest.version}`;
  return runUrl === undefined ? name : `${name} (+${runUrl})`;
}
