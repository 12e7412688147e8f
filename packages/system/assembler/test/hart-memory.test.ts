import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HartMemory } from '../src/hart-memory.ts';
import { COPY, DEVICE, DEVICE_PPN, MAPPED, outcome, PAGE, Reference, Rig, SUM, TLB } from './memory-rig.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});

describe('a component’s memory against one that goes byte by byte', () => {
  const KINDS = [
    'load8',
    'load16',
    'load32',
    'store8',
    'store16',
    'store32',
    'copy',
    'fill',
    'sum16',
    'loadBytes',
    'storeBytes',
  ] as const;
  /** A page that is meant, and an offset that may carry far out of it, in both directions. */
  const place = fc.tuple(
    fc.integer({ min: 15, max: 24 }),
    fc.oneof(fc.integer({ min: -5000, max: 9000 }), fc.constantFrom(-1, 0, 1, 4092, 4093, 4094, 4095, 4096)),
  );
  const length = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 9000 }));
  const command = fc.tuple(fc.constantFrom(...KINDS), place, place, length, fc.integer());

  /** One operation on each; what it gives, or where it faults. */
  const on = (
    memory: HartMemory,
    reference: Reference,
    [kind, [page, offset], [page2, offset2], len, value]: readonly [
      (typeof KINDS)[number],
      [number, number],
      [number, number],
      number,
      number,
    ],
  ): readonly [() => unknown, () => unknown] => {
    const at = page * PAGE + offset;
    const at2 = page2 * PAGE + offset2;
    const taken = new Uint8Array(len);
    const given = Uint8Array.from({ length: len }, (_, i) => value + i * 7);
    switch (kind) {
      case 'load8':
        return [() => memory.load8(page, offset), () => reference.word(at, 1, null)];
      case 'load16':
        return [() => memory.load16(page, offset), () => reference.word(at, 2, null)];
      case 'load32':
        return [() => memory.load32(page, offset), () => reference.word(at, 4, null)];
      case 'store8':
        return [() => memory.store8(page, offset, value), () => void reference.word(at, 1, value)];
      case 'store16':
        return [() => memory.store16(page, offset, value), () => void reference.word(at, 2, value)];
      case 'store32':
        return [() => memory.store32(page, offset, value), () => void reference.word(at, 4, value)];
      case 'copy':
        return [() => memory.copy(page, offset, page2, offset2, len), () => reference.copy(at, at2, len)];
      case 'fill':
        return [
          () => memory.fill(page, offset, value & 0xff, len),
          () => {
            for (let i = 0; i < len; i++) reference.store(at + i, value);
          },
        ];
      case 'sum16':
        return [() => memory.sum16(page, offset, len, value & 0xffff), () => reference.sum16(at, len, value & 0xffff)];
      case 'loadBytes':
        return [
          () => {
            memory.loadBytes(page, offset, taken, 0, len);
            return [...taken].join();
          },
          () => Array.from({ length: len }, (_, i) => reference.load(at + i)).join(),
        ];
      case 'storeBytes':
        return [
          () => memory.storeBytes(page, offset, given, 0, len),
          () => {
            for (let i = 0; i < len; i++) reference.store(at + i, given[i]!);
          },
        ];
    }
  };
  it('gives the same values, faults at the same address, and leaves the same bytes', () => {
    let faults = 0;
    let fine = 0;
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 30 }), (commands) => {
        const fresh = new Rig();
        fresh.isDeviceMapped = false;
        const { memory, bytes } = fresh;
        const reference = new Reference();
        for (const one of commands) {
          const [, , , len] = one;
          const to = one[1][0] * PAGE + one[1][1];
          const from = one[2][0] * PAGE + one[2][1];
          // The port says that the two ranges of a copy do not overlap.
          if (one[0] === 'copy' && Math.abs(to - from) < len) continue;
          const [real, slow] = on(memory, reference, one);
          const expected = outcome(slow);
          expect([one[0], outcome(real)]).toEqual([one[0], expected]);
          if (typeof expected === 'string' && /^(load|store) /.test(expected)) faults++;
          else fine++;
        }
        for (const [address, byte] of reference.bytes) {
          expect(bytes[MAPPED.get(Math.floor(address / PAGE))! * PAGE + (address % PAGE)]).toBe(byte);
        }
        expect(bytes.reduce((sum, byte) => sum + byte, 0)).toBe(
          [...reference.bytes.values()].reduce((sum, byte) => sum + byte, 0),
        );
      }),
      { numRuns: 50 * EFFORT },
    );
    expect(faults).toBeGreaterThan(0);
    expect(fine).toBeGreaterThan(0);
  });
});

describe('bulk operations', () => {
  it('go page by page, through frames that are not side by side', () => {
    const { memory, bytes } = rig;
    const text = Uint8Array.from({ length: 600 }, (_, i) => i);
    memory.storeBytes(16, PAGE - 300, text, 0, 600);
    expect(bytes[3 * PAGE + PAGE - 1]).toBe(299 & 0xff);
    expect(bytes[0]).toBe(300 & 0xff);
    memory.copy(21, PAGE - 100, 16, PAGE - 300, 600);
    const back = new Uint8Array(600);
    memory.loadBytes(21, PAGE - 100, back, 0, 600);
    expect(back).toEqual(text);
  });
  it('a checksum over an odd number of bytes at the end of a page goes on in the next', () => {
    const { memory } = rig;
    memory.storeBytes(16, PAGE - 1, Uint8Array.of(1, 2, 3), 0, 3);
    expect(memory.sum16(16, PAGE - 1, 3, 0)).toBe(0x0102 + 0x0300);
  });
  it('a fault in the middle leaves what was before it', () => {
    const { memory, bytes } = rig;
    expect(outcome(() => memory.fill(19, PAGE - 8, 0xaa, 16))).toBe(`store ${20 * PAGE}`);
    expect([...bytes.subarray(5 * PAGE + PAGE - 9, 6 * PAGE)]).toEqual([0, ...Array(8).fill(0xaa)]);
  });
  it('do not reach a device', () => {
    const { memory, deviceLog } = rig;
    expect(outcome(() => memory.fill(DEVICE, 0, 1, 4))).toBe(`store ${DEVICE * PAGE}`);
    expect(outcome(() => memory.copy(16, 0, DEVICE, 0, 4))).toBe(`load ${DEVICE * PAGE}`);
    expect(outcome(() => memory.sum16(DEVICE, 0, 4, 0))).toBe(`load ${DEVICE * PAGE}`);
    expect(deviceLog).toEqual([]);
  });
  it.each([
    [0, 0],
    [1, 1],
    [64, 1],
    [65, 2],
    [4096, 64],
    [4097, 65],
  ])('%i bytes are charged as %i lines', (lenBytes, lines) => {
    const { memory } = rig;
    const bytes = new Uint8Array(lenBytes);
    memory.copy(16, 0, 21, 0, lenBytes);
    memory.fill(16, 0, 1, lenBytes);
    memory.storeBytes(16, 0, bytes, 0, lenBytes);
    memory.loadBytes(16, 0, bytes, 0, lenBytes);
    expect(rig.count(COPY)).toBe(4 * lines);
    expect(rig.count(SUM)).toBe(0);
    memory.sum16(16, 0, lenBytes, 0);
    expect(rig.count(SUM)).toBe(lines);
  });
});

describe('charges', () => {
  it('a word in RAM costs no more than the refill of its translation', () => {
    const { memory, clock } = rig;
    for (let i = 0; i < 5; i++) memory.store32(16, 4 * i, i);
    memory.load32(17, 0);
    expect([rig.count(TLB), clock.now]).toEqual([2, 14]);
  });
  it('a device access is charged before the device is touched', () => {
    rig.deviceAnswer = 0xfffffff0;
    expect(rig.memory.load32(DEVICE, 8)).toBe(-16);
    expect(rig.memory.load16(DEVICE, 10)).toBe(0xfffffff0);
    rig.deviceAnswer = 0;
    rig.memory.store32(DEVICE, 12, -1);
    rig.memory.store8(DEVICE, 16, -1);
    expect(rig.deviceLog).toEqual([
      `read ${DEVICE_PPN} 8 4 at 107`,
      `read ${DEVICE_PPN} 10 2 at 207`,
      `write ${DEVICE_PPN} 12 4 ${0xffffffff} at 257`,
      `write ${DEVICE_PPN} 16 1 255 at 307`,
    ]);
  });
  it('an access that the bus refuses is a fault', () => {
    rig.deviceAnswer = -1;
    expect(outcome(() => rig.memory.load32(DEVICE, 8))).toBe(`load ${DEVICE * PAGE + 8}`);
    expect(outcome(() => rig.memory.store32(DEVICE, 8, 1))).toBe(`store ${DEVICE * PAGE + 8}`);
  });
  it('a mapping that is taken away while the access is charged is gone', () => {
    rig.clock.poke();
    rig.attend = () => {
      rig.isDeviceMapped = false;
    };
    expect(outcome(() => rig.memory.load32(DEVICE, 8))).toBe(`load ${DEVICE * PAGE + 8}`);
    expect(rig.deviceLog).toEqual([]);
  });
});

describe('a life that is over', () => {
  it('touches nothing', () => {
    const { memory, life, bytes } = rig;
    life.over = true;
    const buffer = new Uint8Array(8);
    const accesses: readonly (() => unknown)[] = [
      () => memory.load8(16, 0),
      () => memory.load16(16, 0),
      () => memory.load32(16, 0),
      () => memory.store8(16, 0, 1),
      () => memory.store16(16, 0, 1),
      () => memory.store32(16, 0, 1),
      () => memory.copy(16, 0, 17, 0, 8),
      () => memory.fill(16, 0, 1, 8),
      () => memory.sum16(16, 0, 8, 0),
      () => memory.loadBytes(16, 0, buffer, 0, 8),
      () => memory.storeBytes(16, 0, buffer, 0, 8),
      () => memory.touch(16, 1, 17, 1),
    ];
    for (const access of accesses) {
      let thrown: unknown = null;
      try {
        access();
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBe(life.ended);
    }
    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });
  it('that ends in the charge of an access does not do the access', () => {
    rig.clock.poke();
    rig.attend = () => {
      rig.life.over = true;
    };
    expect(() => rig.memory.store32(DEVICE, 8, 1)).toThrow();
    expect(rig.deviceLog).toEqual([]);
  });
});

describe('a skew, the injected fault', () => {
  it('moves every store, and no load', () => {
    const { memory } = rig;
    memory.store32(16, 100, 7);
    memory.skewBytes = 24;
    memory.store8(16, 0, 1);
    memory.store16(16, 2, 2);
    memory.store32(16, 4, 3);
    memory.fill(16, 8, 4, 1);
    memory.storeBytes(16, 9, Uint8Array.of(5), 0, 1);
    memory.copy(16, 10, 16, 100, 1);
    memory.skewBytes = 0;
    expect([24, 26, 28, 32, 33, 34].map((at) => memory.load8(16, at))).toEqual([1, 2, 3, 4, 5, 7]);
    expect(memory.load32(16, 0)).toBe(0);
  });
  it('may carry into another page, backward too, and faults where there is none', () => {
    const { memory } = rig;
    memory.skewBytes = -PAGE;
    memory.store32(17, 8, 9);
    expect(memory.load32(16, 8)).toBe(9);
    expect(outcome(() => memory.store32(21, 8, 9))).toBe(`store ${20 * PAGE + 8}`);
  });
});
