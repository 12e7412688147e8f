/** Random system calls by whoever runs: nothing throws, refused invocations change nothing, the fast path changes nothing. */

import { blocking } from '@bulkhead/ipc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dice, furnished, randomStep } from './random-calls.ts';
import type { World } from './support.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const seed = 20260101;
/** System calls of the long run: a million at effort 10. */
const SYSTEM_CALLS = 100_000 * effort;
const STEPS_OF_A_WORLD = 2500;

/** All that a kernel knows. */
function stateOf(w: World): Int32Array[] {
  const { threads, scheduler, tcbs } = w.kernel;
  const t = scheduler.threads;
  return [
    w.words,
    threads.state,
    threads.priority,
    threads.object,
    threads.badge,
    threads.tag,
    threads.reply,
    threads.bound,
    threads.buffer,
    threads.fault,
    threads.registers,
    t.context,
    t.reply,
    Int32Array.from(t.state),
    Int32Array.from(t.priority),
    Int32Array.from(t.domain),
    Int32Array.from(tcbs.trapped),
    Int32Array.of(w.kernel.current, scheduler.now, w.kernel.until()),
  ];
}

describe('random system calls', () => {
  it('give the same with the fast path and without it', () => {
    fc.assert(
      fc.property(fc.integer(), (chance) => {
        const worlds = [furnished(true), furnished(false)] as const;
        const dice = [new Dice(chance), new Dice(chance)] as const;
        for (let step = 0; step < 400; step++) {
          randomStep(worlds[0], dice[0]);
          randomStep(worlds[1], dice[1]);
          const [a, b] = [stateOf(worlds[0]), stateOf(worlds[1])];
          a.forEach((list, i) => {
            if (
              Buffer.compare(
                Buffer.from(list.buffer, list.byteOffset, list.byteLength),
                Buffer.from(b[i]!.buffer, b[i]!.byteOffset, b[i]!.byteLength),
              ) !== 0
            )
              expect({ step, i, list: [...list].slice(0, 50), at: list.findIndex((v, k) => v !== b[i]![k]) }).toEqual({
                step,
                i,
                list: [...b[i]!].slice(0, 50),
                at: -1,
              });
          });
        }
        expect(worlds[0].kernel.corrupted).toBe(false);
      }),
      { numRuns: 20 * effort, seed },
    );
  });
  it('answer something whatever the memory holds, and never throw', () => {
    fc.assert(
      fc.property(fc.integer(), (chance) => {
        const w = furnished(true);
        const dice = new Dice(chance);
        for (let step = 0; step < 1500; step++) {
          if (dice.below(10) === 0) damage(w, dice);
          randomStep(w, dice);
        }
      }),
      { numRuns: 30 * effort, seed },
    );
  });
  it(
    `never throw, never corrupt, and never leave a runnable thread behind: ${SYSTEM_CALLS} of them`,
    () => {
      const dice = new Dice(seed);
      let made = 0;
      for (let worlds = 0; made < SYSTEM_CALLS; worlds++) {
        const w = furnished(dice.below(2) === 0);
        const { kernel } = w;
        const systemCall = kernel.systemCall.bind(kernel);
        kernel.systemCall = (...call) => {
          made++;
          systemCall(...call);
        };
        for (let step = 0; step < STEPS_OF_A_WORLD; step++) {
          randomStep(w, dice);
          if (kernel.corrupted) expect({ worlds, step }).toBe('not corrupted');
          if (step % 16 === 0) checkBooks(w);
        }
        expect(made).toBeGreaterThan((worlds * STEPS_OF_A_WORLD) / 5);
      }
    },
    10_000 * (effort + 5),
  );
  it('never corrupt: who may run is in a queue, and both books say the same', () => {
    fc.assert(
      fc.property(fc.integer(), (chance) => {
        const w = furnished(true);
        const dice = new Dice(chance);
        for (let step = 0; step < 2000; step++) {
          randomStep(w, dice);
          expect(w.kernel.corrupted).toBe(false);
          checkBooks(w);
        }
      }),
      { numRuns: 20 * effort, seed },
    );
  });
});

/** A wild write: to anywhere, or to what is in use. */
function damage(w: World, dice: Dice): void {
  const { capabilities } = w.kernel;
  const slot = w.slot(1 + dice.below(90));
  const inUse = dice.below(2) === 0 ? slot + dice.below(8) : capabilities.wordOf(slot) + dice.below(64);
  const at = dice.below(3) === 0 ? dice.below(w.words.length) : inUse;
  w.words[at] = dice.pick([
    0,
    -1,
    1,
    1 << 26,
    dice.below(0x7fff_ffff),
    slot,
    at,
    (w.words[at] ?? 0) ^ (1 << dice.below(32)),
  ]);
}
function checkBooks(w: World): void {
  const { threads, scheduler } = w.kernel;
  for (let thread = 1; thread < threads.threadCount; thread++) {
    const runs = threads.state[thread] === blocking.RUNNING;
    if (runs !== (scheduler.threads.state[thread] === 1))
      expect([thread, threads.state[thread], scheduler.threads.state[thread]]).toEqual('the same');
  }
}
