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
