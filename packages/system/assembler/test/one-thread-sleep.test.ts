import { NEVER } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { assemble } from '../src/index.ts';
import { Stage } from './stage.ts';

const ALARM = 0;
const LATER_US = 100;

describe('a component that was called inside its thread, and called outside it', () => {
  it('sleeps again when the call is over: it hears of what comes later', () => {
    const stage = new Stage();
    stage.actor('a', { level: 10, servers: ['b'] }, { start: (self) => void self.ports['b']!['ask']!(1, 2) });
    stage.actor(
      'b',
      { level: 20, servers: ['c'] },
      {
        ask: (self) => self.ports['c']!['ask']!(3, 4),
        report: (self, server, x, y) => void self.say(`${server} reports ${x} ${y}`),
      },
    );
    let client = 0;
    stage.actor(
      'c',
      { level: 30 },
      {
        ask: (self, from) => {
          client = from;
          return self.kernel['setAlarm']!(ALARM, LATER_US);
        },
        token: (self) => void self.ports['talk']!['report']!(client, 5, 6),
      },
    );
    const domains = { kernel: [], both: ['a', 'b'], c: ['c'] };
    const system = assemble(stage.description(domains, { levels: { both: 20 } }));
    expect(system.runUntil(NEVER)).toBe('dead-quiet');
    expect(stage.story).toEqual(['b: c reports 5 6']);
  });
});
