import * as virtio from '@bulkhead/virtio-datasheet';
import { describe, expect, it } from 'vitest';
import { Bench, BUFFERS, frameTo, MAC, type Ring } from './bench.ts';

const TX = virtio.NET_TRANSMITQ;
const RX = virtio.NET_RECEIVEQ;
const TABLE = BUFFERS + 0x1_0000;
const { DESC_F_INDIRECT, DESC_F_NEXT, DESC_F_WRITE } = virtio;

/** What the driver does to the transmit ring, and whether the device then needs a reset. */
function breaks(features: readonly number[], spoil: (bench: Bench, tx: Ring) => void): boolean {
  const bench = new Bench();
  const { tx } = bench.start(features);
  bench.run();
  bench.ram.set(frameTo(MAC, 100), BUFFERS + 12);
  tx.chain(0, [{ address: BUFFERS, lenBytes: 112 }]);
  spoil(bench, tx);
  bench.notify(TX);
  bench.run();
  expect(bench.sent.length).toBe(bench.needsReset ? 0 : 1);
  return bench.needsReset;
}

describe('Split Virtqueues (Virtio 1.2 §2.7)', () => {
  it('§2.7.5: takes a chain in any order of the table', () => {
    const isBroken = breaks([], (_, tx) => {
      tx.descriptor(9, BUFFERS, 50, DESC_F_NEXT, 2);
      tx.descriptor(2, BUFFERS + 50, 12, DESC_F_NEXT, 15);
      tx.descriptor(15, BUFFERS + 62, 50, 0, 0);
      tx.offer(9);
    });
    expect(isBroken).toBe(false);
  });
  it.each<[string, (bench: Bench, tx: Ring) => void]>([
    ['a head beyond the table', (_, tx) => tx.offer(16)],
    [
      'a link beyond the table',
      (_, tx) => {
        tx.descriptor(0, BUFFERS, 50, DESC_F_NEXT, 16);
        tx.offer(0);
      },
    ],
    [
      'a chain that loops',
      (_, tx) => {
        tx.descriptor(0, BUFFERS, 50, DESC_F_NEXT, 1);
        tx.descriptor(1, BUFFERS, 50, DESC_F_NEXT, 0);
        tx.offer(0);
      },
    ],
    [
      'a descriptor that is its own next',
      (_, tx) => {
        tx.descriptor(0, BUFFERS, 50, DESC_F_NEXT, 0);
        tx.offer(0);
      },
    ],
    [
      'an index that jumps by more than the queue holds',
      (_, tx) => {
        tx.availableIdx = 16;
        tx.offer(0);
      },
    ],
    [
      'an index that goes back',
      (_, tx) => {
        tx.availableIdx = 0xfffe;
        tx.offer(0);
      },
    ],
    [
      'a piece to read behind one to write',
      (_, tx) => {
        tx.descriptor(0, BUFFERS, 50, DESC_F_NEXT | DESC_F_WRITE, 1);
        tx.descriptor(1, BUFFERS, 50, 0, 0);
        tx.offer(0);
      },
    ],
    [
      'an empty piece',
      (_, tx) => {
        tx.descriptor(0, BUFFERS, 0, 0, 0);
        tx.offer(0);
      },
    ],
    [
      'a packet shorter than its header',
      (_, tx) => {
        tx.descriptor(0, BUFFERS, 11, 0, 0);
        tx.offer(0);
      },
    ],
    [
      'a packet out of memory',
      (bench, tx) => {
        tx.descriptor(0, bench.limitBytes - 50, 112, 0, 0);
        tx.offer(0);
      },
    ],
    [
      'descriptors out of memory',
      (bench, tx) => {
        tx.offer(0);
        bench.limitBytes = tx.desc;
      },
    ],
    [
      'an indirect table that was not negotiated',
      (_, tx) => {
        tx.chain(0, [{ address: BUFFERS, lenBytes: 112 }], TABLE);
        tx.descriptor(0, TABLE, 16, DESC_F_INDIRECT, 0);
        tx.offer(0);
      },
    ],
  ])('§2.1.2: needs a reset after %s', (_, spoil) => {
    expect(breaks([], spoil)).toBe(true);
  });

  it('§2.7.5.3: follows an indirect table, behind any number of direct descriptors', () => {
    for (const direct of [0, 1, 3]) {
      const isBroken = breaks([virtio.F_INDIRECT_DESC], (_, tx) => {
        for (let i = 0; i < direct; i++) tx.descriptor(i, BUFFERS + i * 10, 10, DESC_F_NEXT, i + 1);
        tx.chain(
          0,
          [
            { address: BUFFERS + direct * 10, lenBytes: 30 },
            { address: BUFFERS + direct * 10 + 30, lenBytes: 82 - direct * 10 },
          ],
          TABLE,
        );
        // The flag WRITE of the descriptor that refers to a table is ignored.
        tx.descriptor(direct, TABLE, 32, DESC_F_INDIRECT | DESC_F_WRITE, 0);
        tx.offer(0);
      });
      expect(isBroken).toBe(false);
    }
  });
  it.each<[string, (tx: Ring) => void]>([
    ['of no length', (tx) => tx.descriptor(0, TABLE, 0, DESC_F_INDIRECT, 0)],
    ['that ends inside a descriptor', (tx) => tx.descriptor(0, TABLE, 24, DESC_F_INDIRECT, 0)],
    ['with a next of its own', (tx) => tx.descriptor(0, TABLE, 16, DESC_F_INDIRECT | DESC_F_NEXT, 1)],
    [
      'inside another',
      (tx) => {
        tx.descriptor(0, TABLE, 16, DESC_F_INDIRECT, 0);
        tx.descriptor(0, TABLE + 64, 16, DESC_F_INDIRECT, 0, TABLE);
      },
    ],
    [
      'that links beyond its end',
      (tx) => {
        tx.descriptor(0, TABLE, 16, DESC_F_INDIRECT, 0);
        tx.descriptor(0, BUFFERS, 12, DESC_F_NEXT, 1, TABLE);
      },
    ],
    [
      'that loops',
      (tx) => {
        tx.descriptor(0, TABLE, 32, DESC_F_INDIRECT, 0);
        tx.descriptor(0, BUFFERS, 12, DESC_F_NEXT, 1, TABLE);
        tx.descriptor(1, BUFFERS, 12, DESC_F_NEXT, 0, TABLE);
      },
    ],
  ])('§2.7.5.3.1: needs a reset after an indirect table %s', (_, spoil) => {
    const isBroken = breaks([virtio.F_INDIRECT_DESC], (_bench, tx) => {
      tx.chain(0, [{ address: BUFFERS, lenBytes: 112 }], TABLE);
      spoil(tx);
      tx.offer(0);
    });
    expect(isBroken).toBe(true);
  });
});

describe('Used Buffer Notification Suppression (Virtio 1.2 §2.7.7)', () => {
  const sendOne = (bench: Bench, tx: Ring): number => {
    const before = bench.messages.length;
    bench.transmit(tx, 0, BUFFERS, frameTo(MAC, 60));
    bench.notify(TX);
    bench.run();
    return bench.messages.length - before;
  };
  it('without events tells the driver unless its flag says otherwise', () => {
    const bench = new Bench();
    bench.enableMsix();
    const { tx } = bench.start();
    tx.usedEvent = 0x1234; // §2.7.7.2: ignored
    expect(sendOne(bench, tx)).toBe(1);
    tx.availFlags = 1;
    expect(sendOne(bench, tx)).toBe(0);
    tx.availFlags = 0;
    expect(sendOne(bench, tx)).toBe(1);
  });
  it('with events tells the driver when the index passes used_event, whatever the flag says', () => {
    const bench = new Bench();
    bench.enableMsix();
    const { tx } = bench.start([virtio.F_EVENT_IDX]);
    tx.availFlags = 1;
    tx.usedEvent = 2;
    expect([0, 1, 2, 3, 4].map(() => sendOne(bench, tx))).toEqual([0, 0, 1, 0, 0]);
  });
});

describe('Available Buffer Notification Suppression (Virtio 1.2 §2.7.10)', () => {
  it('without events sets NO_NOTIFY while it is at work', () => {
    const bench = new Bench();
    const { tx } = bench.start();
    bench.transmit(tx, 0, BUFFERS, frameTo(MAC, 60));
    bench.notify(TX);
    bench.run(200);
    expect(tx.usedFlags).toBe(virtio.USED_F_NO_NOTIFY);
    bench.transmit(tx, 1, BUFFERS + 0x1000, frameTo(MAC, 60)); // not notified
    bench.run();
    expect([bench.sent.length, tx.usedFlags]).toEqual([2, 0]);
  });
  it('with events leaves the flag 0, and asks for the next index', () => {
    const bench = new Bench();
    const { tx } = bench.start([virtio.F_EVENT_IDX]);
    for (let i = 0; i < 3; i++) bench.transmit(tx, i, BUFFERS + i * 0x1000, frameTo(MAC, 60));
    bench.notify(TX);
    bench.run();
    expect([tx.usedFlags, tx.availEvent]).toEqual([0, 3]);
  });
  it('asks for buffers to receive into only when it lacks them', () => {
    const bench = new Bench();
    const { rx } = bench.start([virtio.F_EVENT_IDX]);
    bench.supply(rx, 0, BUFFERS, 2048);
    bench.supply(rx, 1, BUFFERS + 0x1000, 2048);
    bench.nic.receive(frameTo(MAC, 60), 60);
    bench.run();
    expect([rx.usedIdx, rx.availEvent]).toEqual([1, 0]);
    bench.nic.receive(frameTo(MAC, 60), 60);
    bench.nic.receive(frameTo(MAC, 60), 60);
    bench.run();
    expect([rx.usedIdx, rx.availEvent]).toEqual([2, 2]);
    bench.supply(rx, 0, BUFFERS, 2048);
    bench.notify(RX);
    bench.run();
    expect(rx.usedIdx).toBe(3);
  });
  it('§2.7.10.2: survives notifications of nothing', () => {
    const bench = new Bench();
    bench.start();
    for (const queue of [0, 1, 2, 3]) bench.notify(queue);
    bench.run();
    expect(bench.needsReset).toBe(false);
  });
});
