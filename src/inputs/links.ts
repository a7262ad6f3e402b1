import { version } from '../version.ts';
import { API_PATH } from './fields.ts';
import type { InputSource } from './source.ts';

/** The page of this workflow run; undefined outside GitHub Actions. */
export function runUrlOf(env: InputSource['env']): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  const url = `${server ?? ''}/${repository ?? ''}/actions/runs/${run ?? ''}`;
  return server && repository && run && /^[\x21-\x7e]+$/.test(url) ? url : undefined;
}

/** The name in Ops Manager's access log, which leads back to the run. */
export function userAgentOf(runUrl: string | undefined): string {
  const name = `await-ops-manager-import/${version}`;
  return runUrl === undefined ? name : `${name} (+${runUrl})`;
}

/** The project's page in Ops Manager. */
export function projectUrlOf(apiUrl: URL, projectId: string): string {
  return `${apiUrl.origin}${apiUrl.pathname.slice(0, -API_PATH.length)}/v2/${projectId}`;
}
