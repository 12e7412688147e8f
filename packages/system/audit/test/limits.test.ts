import { kernel as abi } from '@bulkhead/abi';
import { describe, expect, it } from 'vitest';
import { type Hands, Mole } from './mole.ts';
import { serve } from './running.ts';
import { monolithic, multiserver } from './systems.ts';

const BOOT_NS = 5_000_000;
/** Spends its own work for ever. */
const hangs = ({ context }: Hands): void => {
  const work = context.work.id('rx-frame');
  for (;;) context.work.spend(work);
};

function moleIn(description: typeof multiserver): Mole {
  const mole = new Mole(description, 'nic-driver');
  mole.system.runUntil(mole.system.clock.cyclesOf(BOOT_NS));
  return mole;
}

describe('a driver that never comes back', () => {
  it('from a domain of its own is ended by its limit and started again, and every request is answered', () => {
    const mole = moleIn(multiserver);
    const { system } = mole;
    mole.strike(hangs);
    expect(system.faults.map(({ component, cause }) => [component, cause])).toEqual([
      ['nic-driver', abi.FAULT_TIMEOUT],
    ]);
    const load = serve(system, { requests: 8 });
    expect([load.isDone, load.failed]).toEqual([true, 0]);
    expect(system.faults).toHaveLength(1);
  });
  it('in the kernel is a panic, which names it', () => {
    const mole = moleIn(monolithic);
    mole.strike(hangs);
    expect(mole.system.panic?.message).toMatch(
      /^nic-driver: timeout: a handler of 'nic-driver' took \d+ us; its limit/,
    );
  });
});
