/** Time that a thread was given is the most that it gets, and what it does get. Counted unit by unit, from outside. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Census } from './census.ts';
import { brokenInvariants } from './invariants.ts';
import {
  ANSWERS,
  DOMAINS,
  HANDLERS,
  hog,
  isOverdrawn,
  mostWithin,
  NO_HANDLER,
  player,
  SPORADIC,
  TimeWorld,
  type Wish,
  wish,
} from './time-world.ts';

const effort = Number(process.env.BULKHEAD_EFFORT ?? 1);
const seed = 20260110;
const LENGTH = 400;

const wishes = fc.array(wish, { minLength: 1, maxLength: 4 });
const turns = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: DOMAINS, maxLength: DOMAINS });
const handler = fc.nat(HANDLERS.length - 1);

/** A continuous bandwidth in any window; a sporadic one catches up on what it was kept from, and is never ahead. */
function expectWithin(ticks: readonly number[], context: number, each: Wish): number {
  const most = mostWithin(ticks, context, each.budget + each.slack);
  if (each.flags === SPORADIC) expect(isOverdrawn(ticks, context, each)).toBe(false);
  else expect(most).toBeLessThanOrEqual(each.budget);
  return most;
}
const played = (all: readonly Wish[]) => all.map(({ steps }) => player(steps, all.length));

describe('time', () => {
  it('no scheduling context is used for more than its budget, with every timeout handler, sporadic or not, in any domain', () => {
    const seen = { full: 0, faults: 0, timeouts: 0, caughtUp: 0 };
    fc.assert(
      fc.property(wishes, fc.option(turns, { nil: undefined }), handler, (all, turns, serverHandler) => {
        const w = new TimeWorld(played(all), all, { ...(turns && { turns }), serverHandler });
        const { contexts, threads } = w.ticks(LENGTH);
        all.forEach((each, i) => {
          const most = expectWithin(contexts, w.contextOf(i), each);
          if (most === each.budget) seen.full++;
          if (most > each.budget) seen.caughtUp++;
        });
        if (turns !== undefined)
          threads.forEach((thread, time) => {
            if (thread >= 0) expect(w.kernel.scheduler.threads.domain[thread]).toBe(w.domainAt(time));
          });
        if (all.some(({ steps }) => steps.some(([kind]) => kind === 4))) seen.faults++;
        if (w.heard > 0) seen.timeouts++;
        expect(brokenInvariants(w, new Census(w))).toEqual([]);
      }),
      { numRuns: 50 * effort, seed },
    );
    expect(seen.full).toBeGreaterThan(40);
    expect(seen.faults).toBeGreaterThan(10);
    expect(seen.timeouts).toBeGreaterThan(10);
    expect(seen.caughtUp).toBeGreaterThan(0);
  });
  it('who always wants to run and has the highest priority gets its own in every period, sporadic or not', () => {
    fc.assert(
      fc.property(wish, fc.array(wish, { minLength: 1, maxLength: 3 }), (first, others) => {
        const all = [{ ...first, priority: 250, handler: NO_HANDLER }, ...others];
        expectItsOwn(new TimeWorld([hog, ...played(all).slice(1)], all), all[0]!);
      }),
      { numRuns: 15 * effort, seed },
    );
  });
  it('and so does one whose timeout handler answers in time: it goes on when it has time again', () => {
    fc.assert(
      fc.property(wish, fc.array(wish, { minLength: 1, maxLength: 3 }), (first, others) => {
        const all = [{ ...first, slack: first.slack + 2, priority: 250, handler: ANSWERS }, ...others];
        const w = new TimeWorld([hog, ...played(all).slice(1)], quiet(all));
        expectItsOwn(w, all[0]!);
        expect(w.heard).toBeGreaterThan(0);
      }),
      { numRuns: 15 * effort, seed },
    );
  });
  it('in each domain the highest gets its own in every turn, whatever runs in the others', () => {
    fc.assert(
      fc.property(turns, wishes, fc.constantFrom(0, SPORADIC), (turns, others, flags) => {
        const round = turns.reduce((sum, length) => sum + length, 0);
        const firsts = turns.map(
          (length, domain): Wish => ({
            budget: Math.max(1, length - 1),
            slack: round - Math.max(1, length - 1),
            priority: 250,
            steps: [],
            handler: NO_HANDLER,
            flags,
            domain,
          }),
        );
        const all = [...firsts, ...others.slice(0, 2)];
        const w = new TimeWorld([hog, hog, hog, ...played(all).slice(DOMAINS)], quiet(all), { turns });
        const { contexts } = w.ticks(Math.floor(LENGTH / round) * round);
        firsts.forEach(({ budget }, domain) => {
          for (let from = 0; from < contexts.length; from += round) {
            const got = contexts.slice(from, from + round).filter((each) => each === w.contextOf(domain)).length;
            expect([domain, from, got]).toEqual([domain, from, budget]);
          }
        });
      }),
      { numRuns: 15 * effort, seed },
    );
  });
});

/** Players whose timeouts nobody hears, so that no handler above takes a player's place, but for the first. */
const quiet = ([first, ...others]: readonly Wish[]): Wish[] => [
  first!,
  ...others.map((each) => ({ ...each, handler: NO_HANDLER })),
];

/** The first player, in every period since it began. */
function expectItsOwn(w: TimeWorld, { budget, slack }: Wish): void {
  const { contexts } = w.ticks(LENGTH);
  const context = w.contextOf(0);
  const start = contexts.indexOf(context);
  expect(start).toBeLessThan(2);
  for (let from = start; from + budget + slack <= LENGTH; from += budget + slack) {
    const got = contexts.slice(from, from + budget + slack).filter((each) => each === context).length;
    expect(got).toBe(budget);
  }
}
