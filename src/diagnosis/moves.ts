/**
 * The agent’s own words for the moves of a plan, where MongoDB’s recordings have them. Source:
 * mongodb-kubernetes, mongodb-community-operator/cmd/readiness/testdata/health-status-*.json.
 */
const MOVES: Readonly<Record<string, string>> = {
  Download: 'download MongoDB’s binaries',
  DownloadMongosh: 'download mongosh',
  UpdateSymLink: 'update the link to mongosh',
  Start: 'start the process',
  ChangeVersion: 'change MongoDB’s version',
  RsInit: 'initialize a replica set with this process',
  WaitRsInit: 'wait for the replica set to be initialized by another member',
  WaitAllRsMembersUp: 'wait until all members of its replica set are up',
  WaitHasCorrectAutomationCredentials: 'wait for the automation user to be added, if needed',
  WaitFeatureCompatibilityVersionCorrect: 'wait for featureCompatibilityVersion to be right'
};

/** While a plan holds one of these, authentication is still changing, also at the goal version. */
const AUTHENTICATION_MOVES: readonly string[] = ['UpdateAuth', 'WaitAuthUpdate'];

/** What a move is, in the agent’s words; undefined for one whose words are not known. */
export function wordsOfMove(move: string): string | undefined {
  return Object.hasOwn(MOVES, move) ? MOVES[move] : undefined;
}

/** Whether a plan only waits: the names of such moves begin with `Wait` in every recording. */
export function onlyWaits(plan: readonly string[]): boolean {
  return plan.length > 0 && plan.every((move) => move.startsWith('Wait'));
}

/** Whether authentication is still changing. Source: mongodb-kubernetes, automation_status.go. */
export function changesAuthentication(plan: readonly string[]): boolean {
  return plan.some((move) => AUTHENTICATION_MOVES.includes(move));
}
