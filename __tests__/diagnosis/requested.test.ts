import { describe, expect, it } from '@jest/globals';
import { requestedIn } from '../../src/diagnosis/requested.ts';

describe('what an import was asked to do', () => {
  it('is read from the body of its create call, its credentials aside', () => {
    const body = JSON.stringify({
      seedHostport: 'db1.example.com:27017',
      requiredProcesses: ['db1.example.com:27017'],
      username: 'u',
      password: 'p',
      timeouts: { goalStateSec: 600, automationImported: 300, processesDiscoverySec: '60' }
    });
    expect(requestedIn(body)).toEqual({
      seedHost: 'db1.example.com:27017',
      processes: ['db1.example.com:27017'],
      limitsSec: { AWAIT_GOAL_STATE: 600, AWAIT_AUTOMATION_IMPORTED: 300 }
    });
  });

  it('may have a limit for each phase but the first', () => {
    const limits = {
      seedHostConnectionSec: 60,
      processesDiscoverySec: 120,
      automationImported: 180,
      goalStateSec: 240
    };
    expect(requestedIn(JSON.stringify({ timeouts: limits })).limitsSec).toEqual({
      AWAIT_SEED_HOST_CONNECTED: 60,
      AWAIT_HOSTS_DISCOVERED: 120,
      AWAIT_AUTOMATION_IMPORTED: 180,
      AWAIT_GOAL_STATE: 240
    });
  });

  it('hides in host names, but not in ports, what is hidden in Ops Manager’s', () => {
    const body = '{"seedHostport":"db1:27017","requiredProcesses":["db1:27017","[::1]:1"]}';
    const { seedHost, processes } = requestedIn(body, (host) => host.replace(/1|27/g, '***'));
    expect(seedHost).toBe('db***:27017');
    expect(processes).toEqual(['db***:27017', '[::***]:1']);
  });

  it.each(['{}', '{"timeouts": null}'])('may be nothing: %s', (body) => {
    expect(requestedIn(body)).toEqual({ seedHost: undefined, processes: undefined, limitsSec: {} });
  });
});
