// What Ops Manager's own refusals mean, and what to do: by its error code first, by what the call
// was for and its status second. What the reply or the calls before it rule out is not advised.

/** An error of Ops Manager's own, redacted; the documentation's fields, each of which may miss. */
export interface ErrorBody {
  readonly errorCode?: string | undefined;
  readonly detail?: string | undefined;
}

/** What a refusal is known by. */
export interface Refusal {
  readonly status: number;
  readonly purpose: Purpose;
  /** Undefined when the reply's body is not an error of Ops Manager's own. */
  readonly body: ErrorBody | undefined;
  /** Whether a call before this one had a good answer: then base-url and the key were right. */
  readonly hasWorked: boolean;
  /** Of the Ops Manager that answered, as far as it was ever told. */
  readonly version: string | undefined;
}

/** What a call is for. */
export type Purpose = 'read' | 'list' | 'create' | 'cancel' | 'delete' | 'other';

interface Words {
  readonly title: string;
  readonly advice: string;
}

/** A status with the code and the words that Ops Manager gave with it. */
export function inWords(status: number, body: ErrorBody | undefined): string {
  const code = body?.errorCode ? ` ${body.errorCode}` : '';
  const detail = body?.detail ? ` (“${body.detail}”)` : '';
  return `HTTP ${status}${code}${detail}`;
}

/** The cause in a few words, and what to do. */
export function wordsFor(refusal: Refusal): Words {
  return byCode(refusal) ?? byStatus(refusal);
}

const PROJECT_ADVICE =
  'Check project-id, that it is not swapped with request-id, and that the API key belongs to this project.';

function byCode({ body, hasWorked, version }: Refusal): Words | undefined {
  switch (body?.errorCode ?? '') {
    case 'NOT_IN_GROUP':
      return {
        title: 'The API key has no access to the project',
        advice: hasWorked ? WAS_GRANTED : PROJECT_ADVICE
      };
    case 'GROUP_NOT_FOUND':
    case 'INVALID_GROUP_ID':
      return {
        title: 'Ops Manager knows no such project',
        advice: hasWorked ? 'Check whether the project was deleted.' : PROJECT_ADVICE
      };
    case 'IP_ADDRESS_NOT_ON_ACCESS_LIST':
      return {
        title: 'The runner’s address is not on the API key’s access list',
        advice: hasWorked
          ? 'An address of this runner was on the access list before: add all that it goes out by; behind a load balancer it is the one in X-Forwarded-For.'
          : 'Add the runner’s address to the API key’s access list; behind a load balancer it is the one in X-Forwarded-For.'
      };
    case 'FEATURE_UNSUPPORTED':
      return {
        title: 'This Ops Manager has no import deployment requests',
        advice:
          isTooOld(version) === false
            ? 'Ask whoever runs this Ops Manager whether it allows them.'
            : needsNewer(version)
      };
    default:
      return undefined;
  }
}

const WAS_GRANTED =
  'It was granted before: check whether the API key was deleted or lost its role, and whether every node behind the load balancer knows it.';

function byStatus(refusal: Refusal): Words {
  const { status, purpose } = refusal;
  switch (status) {
    case 401:
      return {
        title: 'Ops Manager refused the API key',
        advice: accessAdvice(
          refusal,
          'Check public-key and private-key, and that the key has the role Project Automation Admin in this project.'
        )
      };
    case 403:
      return {
        title: 'Ops Manager refused access',
        advice: accessAdvice(
          refusal,
          'Check that the API key has the role Project Automation Admin and that the runner’s address is on its access list.'
        )
      };
    case 404:
      return notFound(refusal);
    default:
      return byPurpose(status, purpose);
  }
}

/** `first` is what to check as long as nothing was ever granted. */
function accessAdvice({ purpose, hasWorked }: Refusal, first: string): string {
  if (!hasWorked) return first;
  return purpose === 'read' || purpose === 'list'
    ? WAS_GRANTED
    : 'Check that the API key has the role Project Automation Admin in this project.';
}

function notFound(refusal: Refusal): Words {
  const { purpose, hasWorked, version } = refusal;
  const age = isTooOld(version);
  const orOlder = age === undefined ? `, and that Ops Manager is ${FIRST_VERSION} or newer` : '';
  switch (purpose) {
    case 'list':
    case 'create': {
      const checks = hasWorked
        ? 'It knew them before: check the nodes behind the load balancer, and the paths of what stands in front'
        : 'Check project-id, and the path in base-url';
      return {
        title: 'Ops Manager knows no import deployment requests here',
        advice: age === true ? needsNewer(version) : `${checks}${orOlder}.`
      };
    }
    case 'read':
    case 'cancel':
    case 'delete': {
      const checks =
        'Check request-id and project-id, that they are not swapped, and the path in base-url';
      return {
        title: 'Ops Manager knows no such import',
        // One that was there a moment ago has been deleted, or the node lags.
        advice: age === true ? needsNewer(version) : hasWorked ? '' : `${checks}${orOlder}.`
      };
    }
    case 'other':
      return { title: 'Ops Manager has no such thing', advice: 'Check project-id.' };
  }
}

const FIRST_VERSION = '8.0.13';

/** Whether a version is older than the first that has imports; undefined where it does not tell. */
function isTooOld(version: string | undefined): boolean | undefined {
  const found = /^\d{1,6}\.\d{1,6}\.\d{1,6}/.exec(version ?? '')?.[0];
  if (found === undefined) return undefined;
  return found.localeCompare(FIRST_VERSION, 'en', { numeric: true }) < 0;
}

function needsNewer(version: string | undefined): string {
  const given = version === undefined ? '' : `; this one is ${version}`;
  return `Import deployment requests need Ops Manager ${FIRST_VERSION} or newer${given}.`;
}

function byPurpose(status: number, purpose: Purpose): Words {
  switch (purpose) {
    case 'create':
      return {
        title: 'Ops Manager refused the import request',
        advice:
          status === 400 || status === 422
            ? 'Correct what Ops Manager objects to in import-request.'
            : 'Look at the project in Ops Manager.'
      };
    // An import has no page in Ops Manager: there is nothing to be done there by hand.
    case 'cancel':
      return { title: 'Ops Manager refused to cancel the import', advice: '' };
    case 'delete':
      return { title: 'Ops Manager refused to delete the import request', advice: '' };
    case 'read':
    case 'list':
    case 'other':
      return {
        title: `Ops Manager refused the call (HTTP ${status})`,
        advice: 'Look at the project in Ops Manager.'
      };
  }
}
