import { kernel as abi, NO_SUCH_RIGHT } from '@bulkhead/abi';
import { NEVER } from '@bulkhead/clock';
import { describe, expect, it } from 'vitest';
import { assemble, type System } from '../src/index.ts';
import { apart, type Self, Stage } from './stage.ts';

const FRAMES = 250;
const WINDOW = 'window';

/** `low` takes back frames that it mapped; `high` is woken meanwhile. */
function takingBack(
  high: (self: Self, system: () => System) => void,
  alarmUs: number,
): { story: string[]; system: System } {
  const stage = new Stage();
  stage.actor(
    'low',
    { level: 10, rights: [WINDOW] },
    {
      start: (self) => {
        const window = self.context.right(WINDOW);
        const first = self.kernel['retype']!(window, abi.FRAME, 12, FRAMES);
        self.kernel['map']!(first, FRAMES, abi.READ);
        stage.acts['high']!.ask!(self, 0, 0, 0);
        self.say(`revoked: ${self.kernel['revoke']!(window)}`);
        self.say(`left: ${self.kernel['address']!(first)}`);
      },
    },
  );
  stage.actor('high', { level: 20 }, {});
  let armed: Self | null = null;
  stage.acts['high'] = {
    start: (self) => {
      armed = self;
    },
    ask: () => armed!.kernel['setAlarm']!(1, alarmUs),
    token: (self) => high(self, () => system),
  };
  const domains = apart('low', 'high');
  const system: System = assemble(stage.description(domains, { authority: { low: { [WINDOW]: 'pci-window' } } }));
  system.runUntil(NEVER);
  return { story: stage.story, system };
}
/** How many of the frames `low` still has. */
const framesLeft = ({ kernel }: System): number => {
  const low = kernel.domains.find(({ name }) => name === 'low')!;
  let count = 0;
  for (let right = 1; right < 4096; right++) {
    const slot = kernel.spaces.slotAt(low, right);
    if (kernel.capabilities.isDevice(slot) && kernel.capabilities.isMapped(slot)) count++;
  }
  return count;
};

describe('a long revocation (seL4 reference manual, section 2.4.1 Reusing Memory)', () => {
  it('is interrupted on the way, and others run in between; then it goes on to its end', () => {
    let seen = -1;
    const { story } = takingBack((self, system) => {
      seen = framesLeft(system());
      self.say('runs');
    }, 1);
    expect(story).toEqual(['high: runs', 'low: revoked: 0', `low: left: ${NO_SUCH_RIGHT}`]);
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(FRAMES);
  });
  it('is looked up again after that: whoever ended the caller meanwhile ended its call', () => {
    const { story, system } = takingBack((self, current) => {
      const { kernel } = current();
      const low = kernel.seats.find(({ name }) => name === 'low')!;
      kernel.end(low, abi.FAULT_ENDED, 0, 0, 'by the test');
      self.say('ends low');
    }, 1);
    expect(story).toEqual(['high: ends low']);
    expect(framesLeft(system)).toBeGreaterThan(0);
    expect(system.panic).toBeNull();
  });
});
