import { expect, it } from '@jest/globals';
import { PROJECT_ID } from '../../simulator/ops-manager.ts';
import { announce } from '../../src/report/announcement.ts';
import { logOf } from '../support/captured-log.ts';

it('the log begins with host, project page, import and goal, and then warns', async () => {
  const log = await logOf(() => {
    announce({
      apiUrl: new URL('http://om.example.com:8080/api/public/v1.0'),
      projectUrl: `http://om.example.com:8080/v2/${PROJECT_ID}`,
      target: { kind: 'discover' },
      goal: 'SUCCESS',
      timeoutMs: 90_000,
      warnings: ['base-url is plain HTTP: answers can be forged on the way.']
    });
  });
  expect(log.lines[0]).toBe(
    `Waiting up to 1m 30s for the import in progress on om.example.com:8080 to reach SUCCESS. Project: http://om.example.com:8080/v2/${PROJECT_ID}`
  );
  expect(log.annotations).toMatchObject([{ level: 'warning', title: 'base-url is plain HTTP' }]);
});
