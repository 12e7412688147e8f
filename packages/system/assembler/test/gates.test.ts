import { PEER_DIED } from '@bulkhead/abi';
import { NEVER } from '@bulkhead/clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { assemble } from '../src/index.ts';
import { type Placement, placements, script, story, toySystem } from './toy.ts';

const everywhere = Object.keys(placements) as Placement[];

beforeEach(() => {
  story.length = 0;
  script.client = () => {};
  script.server = () => {};
});

const runToy = (placement: Placement, ring = false) => {
  const system = assemble(toySystem(placement, ring));
  const result = system.runUntil(NEVER);
  return { system, result };
};

describe.each(everywhere)('a call, %s', (placement) => {
  it('carries words there and back, with the identity of the caller', () => {
    let sum = 0;
    let product = 0;
    script.client = (ports, context) => {
      sum = ports.toy['add']!(3, 4);
      product = context.answer[1]!;
    };
    runToy(placement);
    expect([sum, product]).toEqual([7, 12]);
    expect(story).toContain('add from 0');
  });
  it('carries more words than there are message registers', () => {
    let sum = 0;
    script.client = (ports) => {
      sum = ports.toy['six']!(1, 2, 3, 4, 5, 6);
    };
    runToy(placement);
    expect(sum).toBe(1 + 4 + 9 + 16 + 25 + 36);
  });
  it('transfers a right as an argument: the server can use what the client named', () => {
    let seen = 0;
    let own = 0;
    script.client = (ports, context) => {
      const { frame } = context.region('own');
      own = ports.kernel['address']!(frame);
      seen = ports.toy['look']!(frame);
    };
    runToy(placement);
    expect(seen).toBe(own);
    expect(seen).toBeGreaterThan(0x80000);
  });
  it('transfers a right as an answer', () => {
    let page = 0;
    script.client = (ports, context) => {
      ports.toy['make']!();
      page = ports.kernel['address']!(context.answer[1]!);
    };
    runToy(placement);
    expect(page).toBeGreaterThan(0x80000);
  });
  it('refuses a right that the caller does not have', () => {
    let answer = 0;
    script.client = (ports) => {
      answer = ports.toy['look']!(999);
    };
    runToy(placement);
    expect(answer).toBe(-3);
  });
  it('an exception that leaves the handler ends its domain, or everything', () => {
    let answer = 0;
    script.client = (ports) => {
      answer = ports.toy['fail']!();
    };
    const { system, result } = runToy(placement);
    if (placement === 'both outside') {
      expect(answer).toBe(PEER_DIED);
      expect(system.faults.map(({ message }) => message)).toEqual(['exception: no luck']);
    } else {
      expect(result).toBe('panic');
      expect(system.panic?.message).toBe('server: exception: no luck');
    }
  });
  it('a store to no memory ends its domain, or everything', () => {
    let answer = 0;
    script.client = (ports) => {
      answer = ports.toy['wild']!(5);
    };
    const { system, result } = runToy(placement);
    if (placement === 'both outside') {
      expect(answer).toBe(PEER_DIED);
      expect(system.faults[0]?.message).toBe('page fault: store to 0x5000');
    } else {
      expect(result).toBe('panic');
      expect(system.panic?.message).toBe('server: page fault: store to 0x5000');
    }
  });
});

describe.each([
  ['both in the kernel', false],
  ['server in the kernel', false],
  ['both outside', false],
  ['both outside', true],
] as const)('a cast, %s, ring: %s', (placement, ring) => {
  it('upward runs; downward waits until the level falls, in order', () => {
    script.client = (ports) => {
      ports.toy['up']!(2);
      ports.toy['up']!(3);
      story.push('client goes on');
    };
    const { result } = runToy(placement, ring);
    expect(result).toBe('dead-quiet');
    const order = story.filter((line) => line !== 'client settles');
    expect(order.filter((line) => line.startsWith('down'))).toEqual(['down 2 4', 'down 3 9']);
    expect(order.indexOf('down 2 4')).toBeGreaterThan(order.indexOf('client goes on'));
    if (!ring) expect(order.indexOf('up 2')).toBeLessThan(order.indexOf('client goes on'));
  });
  it('a full queue refuses, and loses nothing that it took', () => {
    script.client = (ports) => {
      for (let i = 0; i < (ring ? 8 : 12); i++) ports.toy['up']!(i);
    };
    runToy(placement, ring);
    expect(story.filter((line) => line.startsWith('down')).length).toBe(8);
    expect(story.filter((line) => line === 'full').length).toBe(ring ? 0 : 4);
  });
});

describe('a ring', () => {
  it('a call first drains what was cast before it: order on a connection is kept', () => {
    script.client = (ports) => {
      ports.toy['up']!(1);
      ports.toy['up']!(2);
      ports.toy['add']!(1, 1);
    };
    runToy('both outside', true);
    expect(story.filter((line) => line.startsWith('up') || line.startsWith('add'))).toEqual([
      'up 1',
      'up 2',
      'add from 0',
    ]);
  });
});

describe('the ledger', () => {
  it.each(everywhere)('adds up to the time, %s', (placement) => {
    script.client = (ports) => {
      for (let i = 0; i < 10; i++) ports.toy['add']!(i, i);
      ports.kernel['setAlarm']!(3, 100);
    };
    const { system } = runToy(placement);
    expect(story).toContain('client token 3');
    expect(system.ledger.totalCycles()).toBe(system.clock.now);
  });
  it.each(everywhere)('counts what the mechanisms count, %s', (placement) => {
    script.client = (ports) => {
      for (let i = 0; i < 10; i++) ports.toy['add']!(i, i);
      ports.toy['up']!(1);
      ports.kernel['setAlarm']!(3, 100);
    };
    const { system } = runToy(placement);
    const count = (name: string) => system.ledger.countOf(system.ledger.primitives.findIndex((p) => p.name === name));
    expect(count('kernel-entry-exit') + count('interrupt-entry')).toBe(system.board.hart.trapCount);
    // The kernel's own address space is loaded once at boot, before anything is charged.
    expect(count('address-space-switch')).toBe(system.board.hart.satpWriteCount - 1);
    expect(count('tlb-refill')).toBe(system.board.mmu.missCount);
  });
});
