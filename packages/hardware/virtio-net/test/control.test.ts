import * as virtio from '@bulkhead/virtio-datasheet';
import { describe, expect, it } from 'vitest';
import { Bench, BUFFERS, CONFIG, frameTo, MAC, type Ring } from './bench.ts';

const { NET_CTRL_ERR, NET_CTRL_OK } = virtio;
const ALL = [
  virtio.NET_F_CTRL_VQ,
  virtio.NET_F_CTRL_RX,
  virtio.NET_F_CTRL_RX_EXTRA,
  virtio.NET_F_CTRL_VLAN,
  virtio.NET_F_CTRL_MAC_ADDR,
  virtio.NET_F_GUEST_ANNOUNCE,
  virtio.NET_F_MAC,
  virtio.NET_F_STATUS,
];
const OTHER = Uint8Array.of(0x02, 1, 2, 3, 4, 5);
const GROUP = Uint8Array.of(0x01, 0, 0x5e, 1, 2, 3);
const BROADCAST = new Uint8Array(6).fill(0xff);
const KINDS = { own: MAC, other: OTHER, group: GROUP, broadcast: BROADCAST };
const le32 = (value: number): number[] => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];

function tagged(id: number): Uint8Array {
  const frame = frameTo(MAC, 100);
  frame.set([0x81, 0, id >>> 8, id & 0xff], 12);
  return frame;
}

class Filtered {
  readonly bench: Bench = new Bench();
  readonly rx: Ring;
  readonly ring: Ring;

  constructor(features: readonly number[] = ALL) {
    const { rx, control } = this.bench.start(features);
    this.rx = rx;
    this.ring = control;
  }
  command(kind: number, command: number, data: readonly number[]): number {
    return this.bench.control(this.ring, kind, command, data);
  }
  passes(frame: Uint8Array): boolean {
    const before = this.rx.usedIdx;
    this.bench.supply(this.rx, 0, BUFFERS, 2048);
    this.bench.notify(virtio.NET_RECEIVEQ);
    this.bench.nic.receive(frame, frame.length);
    this.bench.run();
    return this.rx.usedIdx !== before;
  }
  /** Which kinds of destination pass. */
  get passing(): string[] {
    return Object.entries(KINDS)
      .filter(([, address]) => this.passes(frameTo(address, 100)))
      .map(([kind]) => kind);
  }
}

describe('Packet Receive Filtering (Virtio 1.2 §5.1.6.5.1)', () => {
  it('starts with its own address and broadcasts', () => {
    expect(new Filtered().passing).toEqual(['own', 'broadcast']);
  });
  it('passes all groups to a driver that cannot ask for any', () => {
    expect(new Filtered([]).passing).toEqual(['own', 'group', 'broadcast']);
  });
  it.each<[string, number, string[]]>([
    ['PROMISC', virtio.NET_CTRL_RX_PROMISC, ['own', 'other', 'group', 'broadcast']],
    ['ALLMULTI', virtio.NET_CTRL_RX_ALLMULTI, ['own', 'group', 'broadcast']],
    ['ALLUNI', virtio.NET_CTRL_RX_ALLUNI, ['own', 'other', 'broadcast']],
    ['NOMULTI', virtio.NET_CTRL_RX_NOMULTI, ['own', 'broadcast']],
    ['NOUNI', virtio.NET_CTRL_RX_NOUNI, ['broadcast']],
    ['NOBCAST', virtio.NET_CTRL_RX_NOBCAST, ['own']],
  ])('%s is turned on and off', (_, command, passing) => {
    const filtered = new Filtered();
    expect(filtered.command(virtio.NET_CTRL_RX, command, [1])).toBe(NET_CTRL_OK);
    expect(filtered.passing).toEqual(passing);
    expect(filtered.command(virtio.NET_CTRL_RX, command, [0])).toBe(NET_CTRL_OK);
    expect(filtered.passing).toEqual(['own', 'broadcast']);
  });
  it('a suppression wins over what allows, and PROMISC over it', () => {
    const filtered = new Filtered();
    for (const command of [1, 2, 3, 4, 5]) filtered.command(virtio.NET_CTRL_RX, command, [1]);
    expect(filtered.passing).toEqual([]);
    filtered.command(virtio.NET_CTRL_RX, virtio.NET_CTRL_RX_PROMISC, [1]);
    expect(filtered.passing.length).toBe(4);
  });
});

describe('Setting MAC Address Filtering (Virtio 1.2 §5.1.6.5.2)', () => {
  const table = (filtered: Filtered, unicast: Uint8Array[], multicast: Uint8Array[]): number =>
    filtered.command(virtio.NET_CTRL_MAC, virtio.NET_CTRL_MAC_TABLE_SET, [
      ...le32(unicast.length),
      ...unicast.flatMap((each) => [...each]),
      ...le32(multicast.length),
      ...multicast.flatMap((each) => [...each]),
    ]);
  it('passes the addresses of both tables, beside its own', () => {
    const filtered = new Filtered();
    expect(table(filtered, [OTHER], [GROUP])).toBe(NET_CTRL_OK);
    expect(filtered.passing).toEqual(['own', 'other', 'group', 'broadcast']);
    expect(table(filtered, [], [])).toBe(NET_CTRL_OK);
    expect(filtered.passing).toEqual(['own', 'broadcast']);
  });
  it('passes all of a kind when it is given too many', () => {
    const filtered = new Filtered();
    const many = Array.from({ length: 65 }, (_, i) => Uint8Array.of(2, 9, 9, 9, 9, i));
    expect(table(filtered, many, [])).toBe(NET_CTRL_OK);
    expect(filtered.passing).toEqual(['own', 'other', 'broadcast']);
  });
  it('refuses tables that are not as long as they say, and keeps what it had', () => {
    const filtered = new Filtered();
    table(filtered, [OTHER], []);
    for (const data of [
      [],
      [0, 0, 0],
      [1, 0, 0, 0, 0, 0, 0, 0],
      [...le32(0xffff_ffff), ...le32(0)],
      [...le32(0), ...le32(0), 0],
    ])
      expect(filtered.command(virtio.NET_CTRL_MAC, 0, data)).toBe(NET_CTRL_ERR);
    expect(filtered.passing).toContain('other');
  });
  it('sets the address, which shows in the configuration until the reset', () => {
    const filtered = new Filtered();
    const read = (): number[] => [0, 1, 2, 3, 4, 5].map((i) => filtered.bench.read(CONFIG + i, 1));
    expect(filtered.command(virtio.NET_CTRL_MAC, virtio.NET_CTRL_MAC_ADDR_SET, [...OTHER])).toBe(NET_CTRL_OK);
    expect(filtered.passing).toEqual(['other', 'broadcast']);
    expect(read()).toEqual([...OTHER]);
    filtered.bench.status = 0;
    expect(read()).toEqual([...MAC]);
  });
});

describe('VLAN Filtering (Virtio 1.2 §5.1.6.5.3)', () => {
  it('passes the tags of the table, which starts empty, and every untagged frame', () => {
    const filtered = new Filtered();
    expect(filtered.passes(tagged(5))).toBe(false);
    expect(filtered.command(virtio.NET_CTRL_VLAN, virtio.NET_CTRL_VLAN_ADD, [5, 0])).toBe(NET_CTRL_OK);
    expect([5, 6, 4095].map((id) => filtered.passes(tagged(id)))).toEqual([true, false, false]);
    filtered.command(virtio.NET_CTRL_VLAN, virtio.NET_CTRL_VLAN_ADD, [0xff, 0x0f]);
    filtered.command(virtio.NET_CTRL_VLAN, virtio.NET_CTRL_VLAN_DEL, [5, 0]);
    expect([5, 4095].map((id) => filtered.passes(tagged(id)))).toEqual([false, true]);
    expect(filtered.command(virtio.NET_CTRL_VLAN, virtio.NET_CTRL_VLAN_ADD, [0, 0x10])).toBe(NET_CTRL_ERR);
  });
  it('accepts every tag without the feature', () => {
    expect(new Filtered([virtio.NET_F_CTRL_VQ]).passes(tagged(5))).toBe(true);
  });
});

describe('Gratuitous Packet Sending (Virtio 1.2 §5.1.6.5.4)', () => {
  it('asks by the status and an interrupt, until it is acknowledged', () => {
    const filtered = new Filtered();
    const { bench } = filtered;
    bench.enableMsix();
    const status = (): number => bench.read(CONFIG + virtio.NET_CFG_STATUS, 2);
    bench.nic.requestAnnouncement();
    expect([status(), bench.messages.map(({ data }) => data)]).toEqual([3, [0x103]]);
    expect(filtered.command(virtio.NET_CTRL_ANNOUNCE, virtio.NET_CTRL_ANNOUNCE_ACK, [])).toBe(NET_CTRL_OK);
    expect(status()).toBe(1);
  });
  it('does not ask a driver that did not agree to it', () => {
    const { bench } = new Filtered([virtio.NET_F_CTRL_VQ]);
    bench.nic.requestAnnouncement();
    expect(bench.read(CONFIG + virtio.NET_CFG_STATUS, 2)).toBe(1);
  });
});

describe('Control Virtqueue (Virtio 1.2 §5.1.6.5)', () => {
  it.each<[string, number, number, number[]]>([
    ['a class that is not there', 9, 0, [1]],
    ['a command that is not there', virtio.NET_CTRL_RX, 6, [1]],
    ['data that is too short', virtio.NET_CTRL_RX, 0, []],
    ['data that is too long', virtio.NET_CTRL_RX, 0, [1, 1]],
    ['a VLAN of one byte', virtio.NET_CTRL_VLAN, 0, [1]],
    ['an address of five bytes', virtio.NET_CTRL_MAC, 1, [1, 2, 3, 4, 5]],
    ['queue pairs', virtio.NET_CTRL_MQ, 0, [1, 0]],
  ])('answers ERR to %s', (_, kind, command, data) => {
    const filtered = new Filtered();
    expect(filtered.command(kind, command, data)).toBe(NET_CTRL_ERR);
    expect(filtered.passing).toEqual(['own', 'broadcast']);
  });
  it('answers ERR to a command whose feature was not negotiated', () => {
    const filtered = new Filtered([virtio.NET_F_CTRL_VQ]);
    for (const [kind, command, data] of [
      [virtio.NET_CTRL_RX, 0, [1]],
      [virtio.NET_CTRL_RX, 2, [1]],
      [virtio.NET_CTRL_MAC, 0, [0, 0, 0, 0, 0, 0, 0, 0]],
      [virtio.NET_CTRL_MAC, 1, [...OTHER]],
      [virtio.NET_CTRL_VLAN, 0, [1, 0]],
      [virtio.NET_CTRL_ANNOUNCE, 0, []],
      [virtio.NET_CTRL_GUEST_OFFLOADS, 0, [0, 0, 0, 0, 0, 0, 0, 0]],
    ] as const)
      expect(filtered.command(kind, command, data)).toBe(NET_CTRL_ERR);
  });
  it('does nothing without the feature of the queue itself', () => {
    const filtered = new Filtered([]);
    expect(filtered.command(virtio.NET_CTRL_RX, 0, [1])).toBe(-1);
  });
  it.each<[string, { address: number; lenBytes: number; writes?: boolean }[]]>([
    ['without room for an answer', [{ address: BUFFERS, lenBytes: 3 }]],
    [
      'without a command',
      [
        { address: BUFFERS, lenBytes: 1 },
        { address: BUFFERS + 8, lenBytes: 1, writes: true },
      ],
    ],
  ])('needs a reset after a chain %s', (_, pieces) => {
    const { bench, ring } = new Filtered();
    bench.run();
    ring.chain(0, pieces);
    ring.offer(0);
    bench.notify(virtio.NET_CONTROLQ);
    bench.run();
    expect(bench.needsReset).toBe(true);
  });
  it('serves several commands of one notification, in their order', () => {
    const { bench, ring, rx } = new Filtered();
    bench.ram.set([0, 0, 1, 0, 0, 0], BUFFERS);
    for (const [head, at] of [
      [0, 0],
      [2, 3],
    ] as const) {
      ring.chain(head, [
        { address: BUFFERS + at, lenBytes: 3 },
        { address: BUFFERS + 16 + head, lenBytes: 1, writes: true },
      ]);
      ring.offer(head);
    }
    bench.notify(virtio.NET_CONTROLQ);
    bench.run();
    expect(ring.reap()).toEqual([
      { id: 0, lenBytes: 1 },
      { id: 2, lenBytes: 1 },
    ]);
    bench.supply(rx, 0, BUFFERS, 2048);
    bench.nic.receive(frameTo(OTHER, 60), 60);
    bench.run();
    expect(rx.usedIdx).toBe(0); // PROMISC was turned on, then off
  });
});
