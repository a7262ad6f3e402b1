import type { Place } from './report.ts';

/**
 * A call that people make by hand, since import requests exist as calls of the API only. Source: Ops
 * Manager 8.0, "Automation: Import Deployment".
 */
export interface ByHand {
  readonly call: 'cancel' | 'delete' | 'list';
  /** Which imports; none for the list. */
  readonly ids: readonly string[];
  /** What it is for, without a full stop. */
  readonly purpose: string;
}

const METHODS = { cancel: 'POST', delete: 'DELETE', list: 'GET' } as const;
// With an empty --cookie, curl gives cookies back, as load balancers need it.
const CURL = `curl --digest --cookie '' --user "$PUBLIC_KEY:$PRIVATE_KEY"`;

/** The commands, with the keys as variables of a shell. */
export function commandsFor({ call, ids }: ByHand, place: Place): readonly string[] {
  const urls = call === 'list' ? [urlOf(place)] : ids.map((id) => urlOf(place, id, call));
  return urls.map((url) => `${CURL} \\\n  --request ${METHODS[call]} '${url}'`);
}

/** The call in a few words: method and address. */
export function callInWords({ call, ids }: ByHand, place: Place): string {
  const [id] = ids;
  return `${METHODS[call]} ${call === 'list' ? urlOf(place) : urlOf(place, id, call)}`;
}

/** A quotation mark would end the shell's word. */
function urlOf({ apiUrl, projectId }: Place, id?: string, call?: 'cancel' | 'delete'): string {
  const all = `${apiUrl}/automation/importDeployment/${projectId}`;
  const one = id === undefined ? all : `${all}/${id}`;
  return (call === 'cancel' ? `${one}/cancel` : one).replaceAll("'", '%27');
}
