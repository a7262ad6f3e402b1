// What Ops Manager's own refusals mean, and what to do: by its error code first, by what the call
// was for and its status second.

/** What a refusal is known by. */
export interface Refusal {
  readonly status: number;
  readonly purpose: Purpose;
  /** Undefined when the reply's body is not an error of Ops Manager's own. */
  readonly body: ErrorBody | undefined;
}

/** What a call is for. */
export type Purpose = 'read' | 'list' | 'create' | 'cancel' | 'delete' | 'other';

/** An error of Ops Manager's own, redacted; the documentation's fields, each of which may miss. */
export interface ErrorBody {
  readonly errorCode?: string | undefined;
  readonly detail?: string | undefined;
}

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
  return byCode(refusal.body?.errorCode) ?? byStatus(refusal);
}

const PROJECT_ADVICE =
  'Check project-id, that it is not swapped with request-id, and that the API key belongs to this project.';

function byCode(errorCode = ''): Words | undefined {
  switch (errorCode) {
    case 'NOT_IN_GROUP':
      return { title: 'The API key has no access to the project', advice: PROJECT_ADVICE };
    case 'GROUP_NOT_FOUND':
    case 'INVALID_GROUP_ID':
      return { title: 'Ops Manager knows no such project', advice: PROJECT_ADVICE };
    case 'IP_ADDRESS_NOT_ON_ACCESS_LIST':
      return {
        title: 'The runner’s address is not on the API key’s access list',
        advice:
          'Add the runner’s address to the API key’s access list; behind a load balancer it is the one in X-Forwarded-For.'
      };
    case 'FEATURE_UNSUPPORTED':
      return {
        title: 'This Ops Manager has no import deployment requests',
        advice: 'Import deployment requests need Ops Manager 8.0.13 or newer.'
      };
    default:
      return undefined;
  }
}

function byStatus({ status, purpose }: Refusal): Words {
  if (status === 401) {
    return {
      title: 'Ops Manager refused the API key',
      advice:
        'Check public-key and private-key, and that the key has the role Project Automation Admin in this project.'
    };
  }
  if (status === 403) {
    return {
      title: 'Ops Manager refused access',
      advice:
        'Check that the API key has the role Project Automation Admin and that the runner’s address is on its access list.'
    };
  }
  if (status === 404) return notFound(purpose);
  return byPurpose(status, purpose);
}

function notFound(purpose: Purpose): Words {
  switch (purpose) {
    case 'list':
    case 'create':
      return {
        title: 'Ops Manager knows no import deployment requests here',
        advice: 'Check project-id, the path in base-url, and that Ops Manager is 8.0.13 or newer.'
      };
    case 'read':
    case 'cancel':
    case 'delete':
      return {
        title: 'Ops Manager knows no such import',
        advice:
          'Check request-id and project-id, that they are not swapped, the path in base-url, and that Ops Manager is 8.0.13 or newer.'
      };
    case 'other':
      return { title: 'Ops Manager has no such thing', advice: 'Check project-id.' };
  }
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
    case 'cancel':
      return {
        title: 'Ops Manager refused to cancel the import',
        advice: 'Look at the import in Ops Manager.'
      };
    case 'delete':
      return {
        title: 'Ops Manager refused to delete the import request',
        advice: 'Look at the import in Ops Manager.'
      };
    case 'read':
    case 'list':
    case 'other':
      return {
        title: `Ops Manager refused the call (HTTP ${status})`,
        advice: 'Look at the project in Ops Manager.'
      };
  }
}
