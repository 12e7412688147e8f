import { FlatMemory, Window } from '@bulkhead/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backOff, initialWindow, measured, rtoOf } from '../../src/tcp/congestion.ts';
import { Tcb } from '../../src/tcp/tcb.ts';

const fresh = (): Tcb => new Tcb(new Window(new FlatMemory(1), 0, 0, 4096));

/** RFC 6298 §2 as it is printed, in seconds and fractions. */
function reference(samplesUs: readonly number[], minRtoUs: number): number {
  let srtt = 0;
  let rttvar = 0;
  samplesUs.forEach((r, i) => {
    if (i === 0) {
      srtt = r;
      rttvar = r / 2;
    } else {
      rttvar = (3 / 4) * rttvar + (1 / 4) * Math.abs(srtt - r);
      srtt = (7 / 8) * srtt + (1 / 8) * r;
    }
  });
  return Math.min(60_000_000, Math.max(minRtoUs, srtt + Math.max(1000, 4 * rttvar)));
}

describe('RFC 6298 §2 "The Basic Algorithm"', () => {
  it('(2.1): one second before the first measurement', () => {
    expect(rtoOf(fresh(), 200_000)).toBe(1_000_000);
  });
  it.each([
    // measurements in ms, RTO in µs with the least RTO at 1 ms
    [[100], 300_000], //          SRTT 100, RTTVAR 50
    [[100, 100], 250_000], //     SRTT 100, RTTVAR 37.5
    [[100, 180], 340_000], //     SRTT 110, RTTVAR 57.5
    [[100, 20], 320_000], //      SRTT 90,  RTTVAR 57.5
    [[500, 500, 500], 1_062_500], // SRTT 500, RTTVAR 140.625
    [[30_000], 60_000_000], //    (2.5): the maximum
  ] as const)('(2.2), (2.3): after %j ms the RTO is %i µs', (samples, rtoUs) => {
    const tcb = fresh();
    for (const ms of samples) measured(tcb, ms * 1000, 1000);
    expect(tcb.rtoUs).toBe(rtoUs);
  });
  it('(2.4): never below the least RTO', () => {
    const tcb = fresh();
    for (let i = 0; i < 50; i++) measured(tcb, 10, 200_000);
    expect(tcb.rtoUs).toBe(200_000);
  });
  it('§5 (5.5): doubles up to the maximum', () => {
    const tcb = fresh();
    tcb.rtoUs = 1_000_000;
    const times = Array.from({ length: 8 }, () => {
      backOff(tcb);
      return tcb.rtoUs / 1_000_000;
    });
    expect(times).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  });
  it('agrees with the fractions of the specification to a tenth of a percent and a few microseconds', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 100, max: 3_000_000 }), { minLength: 1, maxLength: 40 }), (samples) => {
        const tcb = fresh();
        for (const sample of samples) measured(tcb, sample, 1000);
        const expected = reference(samples, 1000);
        expect(Math.abs(tcb.rtoUs - expected)).toBeLessThanOrEqual(expected / 1000 + 32);
      }),
      { numRuns: 200 * Number(process.env.BULKHEAD_EFFORT ?? 1) },
    );
  });
});

describe('RFC 6928 §2', () => {
  it.each([
    [1460, 14_600],
    [536, 5360],
    [9000, 18_000],
  ])('MSS %i: %i bytes', (mss, bytes) => {
    expect(initialWindow(mss)).toBe(bytes);
  });
});
