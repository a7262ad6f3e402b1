import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import {
  IMPORT_ID,
  PRIVATE_KEY,
  PROJECT_ID,
  PUBLIC_KEY,
  type Fault
} from '../../simulator/ops-manager.ts';
import type { Step, StepResult } from '../../simulator/runner.ts';
import type { Script } from '../../simulator/scripted-import.ts';
import { hasEnded, OUTPUT_NAMES, Stage, type Scene } from '../support/stage.ts';

const COMMANDS = '::add-mask::x ::error title=Forged::forged ##[add-path]/evil ##[error]forged';
const MARKUP =
  '</details></summary></table> ```` ``` `code` | cell | [a](http://evil.example.com) @octocat';
const MERMAID = 'section evil : ; # call evil() click evil href "javascript:alert(1)" %%{init}%%';
const CONTROLS =
  '\u001b[31mred\u001b]8;;http://evil.example.com\u0007 \u0000 \u202etxet\u2066 \u2028 \u0085';
/** Text for a JSON field. */
const EVIL = [
  COMMANDS,
  ...['\n', '\r', '\r\n', '\u2028', '\n \t'].map((lineBreak) => `${lineBreak}${COMMANDS}`),
  MARKUP,
  '\n````\n```mermaid\n',
  MERMAID,
  CONTROLS,
  'A'.repeat(5_000)
].join(' ');
/** Text for a header, where HTTP has no line breaks. */
const EVIL_HEADER = `${COMMANDS} ${MARKUP} ${MERMAID} ${'A'.repeat(5_000)}`;

const NOW = '2026-01-02T03:04:05.000Z';
const GOOD = {
  id: IMPORT_ID,
  groupId: PROJECT_ID,
  state: 'SUCCESS',
  transitionsHistory: [{ state: 'SUCCESS', transitionedAt: NOW }]
};

const GOAL_STATE: Script = { steps: [['AWAIT_GOAL_STATE', 0]] };

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {}
): void {
  response
    .writeHead(status, { 'Content-Type': 'application/json', ...headers })
    .end(JSON.stringify(body));
}

interface Case {
  readonly name: string;
  readonly outcome: string;
  /** `interrupt` is the runner's word to stop. */
  readonly answer: (response: ServerResponse, interrupt: () => void) => void;
}

/** One answer after the other, until the runner ends the step. */
function inTurn(...answers: readonly Case['answer'][]): Case['answer'] {
  const left = [...answers];
  return (response, interrupt) => {
    left.shift()?.(response, interrupt);
    if (left.length === 0) interrupt();
  };
}

const CASES: readonly Case[] = [
  {
    name: 'the fields of an error',
    outcome: 'error',
    answer: (response) => {
      json(response, 403, { error: 403, errorCode: EVIL, detail: EVIL, reason: EVIL });
    }
  },
  {
    name: 'the reason of an error alone',
    outcome: 'error',
    answer: (response) => {
      json(response, 403, { status: 403, reason: EVIL, parameters: [EVIL] });
    }
  },
  {
    name: 'Location',
    outcome: 'error',
    answer: (response) => {
      json(response, 302, {}, { Location: EVIL_HEADER });
    }
  },
  {
    name: 'the realm of a challenge',
    outcome: 'error',
    answer: (response) => {
      const realm = EVIL_HEADER.replaceAll('"', '\\"');
      const challenge = `Digest realm="${realm}", nonce="${realm}", opaque="${realm}", qop="auth"`;
      json(response, 401, { detail: EVIL }, { 'WWW-Authenticate': challenge });
    }
  },
  {
    name: 'the scheme of a challenge',
    outcome: 'error',
    answer: (response) => {
      const challenge = `Evil::error::forged realm="${COMMANDS}", ##[error] x="y"`;
      json(response, 401, { detail: EVIL }, { 'WWW-Authenticate': challenge });
    }
  },
  {
    name: 'all that stands in a good reply: its version, its history, its dates, and what nobody asked for',
    outcome: 'reached',
    answer: (response) => {
      const reply = {
        ...GOOD,
        transitionsHistory: [
          { state: EVIL, transitionedAt: NOW },
          { state: 'SUCCESS', transitionedAt: `2026-01-02T${EVIL}` }
        ],
        userId: EVIL,
        [EVIL]: { [EVIL]: [EVIL] }
      };
      json(response, 200, reply, { 'X-MongoDB-Service-Version': `versionString=${EVIL_HEADER}` });
    }
  },
  {
    name: 'what passes: an error, a page and a state',
    outcome: 'interrupted',
    answer: inTurn(
      (response) => {
        json(response, 503, { error: 503, errorCode: EVIL, detail: EVIL });
      },
      (response) => {
        response.writeHead(502, { 'Content-Type': 'text/html' }).end(`<html>${EVIL}</html>`);
      },
      (response) => {
        json(response, 200, { ...GOOD, state: EVIL });
      }
    )
  },
  {
    name: 'fields of a failed import',
    outcome: 'failed',
    answer: (response) => {
      json(response, 200, {
        ...GOOD,
        state: 'FAILED',
        transitionsHistory: [
          { state: 'AWAIT_EVIL', transitionedAt: NOW, [EVIL]: EVIL },
          { state: 'FAILED', transitionedAt: NOW }
        ],
        errorMessage: EVIL
      });
    }
  }
];

/** Answers every call until the wait is over, so that the step comes to its end. */
function answering(answer: (response: ServerResponse) => void, isOver: () => boolean): Fault {
  return ({ isAuthenticated }, response) => {
    if (!isAuthenticated || isOver()) return false;
    answer(response);
    return true;
  };
}

/** What nobody sees: control, formatting and bidirectional characters. U+200B is what keeps mentions apart. */
const INVISIBLE = /(?![\n\u200b])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

const OWN_COMMANDS = ['add-mask', 'debug', 'warning', 'error', 'group', 'endgroup'];

function expectUnmoved(result: StepResult): void {
  const { commands, annotations, outputs, state, summary, log, raw } = result;
  for (const { name, value } of commands) {
    expect(OWN_COMMANDS).toContain(name);
    if (name === 'group') expect(value).not.toMatch(/evil|forged/i);
  }
  const masked = commands.filter(({ name }) => name === 'add-mask').map(({ value }) => value);
  expect(masked).toEqual([PRIVATE_KEY]);
  expect(annotations.filter(({ level }) => level === 'error').length).toBeLessThanOrEqual(1);
  for (const { title } of annotations) expect(title).not.toMatch(/forged/i);

  expect(Object.keys(outputs).sort()).toEqual(OUTPUT_NAMES);
  expect(JSON.parse(outputs['history'] ?? '')).toBeInstanceOf(Array);
  expect(Object.keys(state).join(' ')).not.toMatch(/evil|forged|add-mask/i);
  for (const text of [raw, summary, ...Object.values(outputs)]) expect(text).not.toMatch(INVISIBLE);
  // Markdown for people has lines; nothing else of it gets out of its place.
  const { report, ...lines } = outputs;
  expect(report).toMatch(/^## /);
  for (const text of Object.values(lines)) expect(text).not.toContain('\n');
  for (const text of [log, ...Object.values(outputs)]) expect(text).not.toMatch(/A{501}/);

  const folds = summary.match(/^<details>/gm) ?? [];
  expect(folds.length).toBeLessThanOrEqual(2);
  expect(summary.match(/^<\/details>$/gm) ?? []).toHaveLength(folds.length);
  expect((summary.match(/^```mermaid$/gm) ?? []).length).toBeLessThanOrEqual(1);
  const withoutReply = summary.replace(/^````json$[^]*^````$/m, '');
  expect(withoutReply).not.toMatch(/(?<!\\)`code|@octocat|<\/table>|\]\(http:\/\/evil/);
}

describe('a hostile server changes nothing', () => {
  it.concurrent.each(CASES)('by $name', async ({ outcome, answer }) => {
    let isInterrupted = false;
    const interrupt = (): void => {
      isInterrupted = true;
      step.process.kill('SIGINT');
    };
    await using stage = await Stage.set({
      fault: answering(
        (response) => {
          answer(response, interrupt);
        },
        () => isInterrupted || hasEnded(step)
      ),
      env: { RUNNER_DEBUG: '1' }
    });
    const step = stage.start();
    const result = await step.result;
    expect(result.outputs['outcome']).toBe(outcome);
    expect(result.code).toBe(outcome === 'reached' ? 0 : 1);
    expectUnmoved(result);
    expect(result.raw).not.toContain(`${PUBLIC_KEY}:`);
  });

  it.concurrent('by its words against a cancellation, a deletion or a creation', async () => {
    // Without a signal a cancellation that is refused is read back for two minutes.
    const refusing = (steps: readonly Step[]): Fault => {
      const signalled = new Set<Step | undefined>();
      return ({ kind, isAuthenticated }, response) => {
        if (!isAuthenticated || kind === 'list' || kind === 'read') return false;
        json(response, 400, { error: 400, errorCode: EVIL, detail: EVIL });
        const step = steps.at(-1);
        // A second signal would be the runner's last word.
        if (kind !== 'cancel' || signalled.has(step)) return true;
        signalled.add(step);
        step?.process.kill('SIGTERM');
        return true;
      };
    };
    const failed = { id: IMPORT_ID, steps: [['FAILED', 0]] as const };
    const body = JSON.stringify({ seedHostport: 'a:1', requiredProcesses: ['a:1'] });
    const scenes: readonly Scene[] = [
      { inputs: { timeout: '1s' } },
      { inputs: { 'delete-failed': 'true' }, imports: [failed] },
      { inputs: { 'request-id': '', 'import-request': body }, imports: [] }
    ];
    const results = scenes.map(async (scene) => {
      const steps: Step[] = [];
      await using stage = await Stage.set({ ...scene, fault: refusing(steps) });
      steps.push(stage.start());
      const main = await steps[0]?.result;
      if (!main) throw new Error('no step');
      steps.push(stage.startPost(main));
      const post = await steps[1]?.result;
      if (!post) throw new Error('no post step');
      return { main, post };
    });
    for (const { main, post } of await Promise.all(results)) {
      expect(main.outputs['message']).toContain('Ops Manager answered HTTP 400');
      expectUnmoved(main);
      expect(
        post.commands.filter(({ name }) => !['add-mask', 'debug', 'warning'].includes(name))
      ).toEqual([]);
      expect(post.summary + post.raw).not.toMatch(INVISIBLE);
    }
  });

  it.concurrent('by its words about processes and agents', async () => {
    await using stage = await Stage.set({
      imports: [{ ...GOAL_STATE, id: IMPORT_ID }],
      inputs: { timeout: '1s' },
      env: { RUNNER_DEBUG: '1' },
      diagnosis: {
        agents: [{ hostname: EVIL, stateName: EVIL, silentFromMs: -3_600_000 }],
        automation: {
          goalVersion: 5,
          processes: [
            {
              name: EVIL,
              hostname: EVIL,
              version: -1,
              plan: [EVIL],
              error: { errorCode: 1, errorCodeDescription: EVIL, errorString: EVIL }
            }
          ]
        }
      }
    });
    const result = await stage.run();
    expect(result.outputs).toMatchObject({ outcome: 'timed-out', cancellation: 'confirmed' });
    expect(JSON.parse(result.outputs['diagnosis'] ?? '')).not.toEqual([]);
    expectUnmoved(result);
  });
});
