import type { Description } from '@bulkhead/assembler';
import { NOT_MAPPED } from '@bulkhead/iommu-driver-api';
import { NO_IO_SPACE } from '@bulkhead/pci-bus-driver-api';
import { FQH, FQT } from '@bulkhead/riscv-iommu-datasheet';
import { hybrid, monolithicIommu, multiserver } from '@bulkhead/test-systems';
import { describe, expect, it } from 'vitest';
import { type Hands, NIC, Rig } from './iommu-rig.ts';

const READ_WRITE = 3;
const IMSIC_PAGE = 0x28000;
const FIRST_FILE = 16;
const IOMMU_DRIVERS_OWN = 8;
const WORD = 0x5afe_0001;
const but = (changes: Partial<Description>): Description => ({ ...multiserver, ...changes });

/** Where the device finds a page that its driver maps once more. */
const lodge = ({ context, ports }: Hands): number =>
  ports['iommu']!['map']!(NIC, context.region('rings').frame, READ_WRITE);

describe('The window of deferred invalidation, with the IOMMU of the board', () => {
  const unmapped = (description: Description) => {
    const rig = new Rig(description, 'nic-driver');
    const seen = { answer: -1, inWindow: false, page: -1 };
    rig.tell('nic-driver', (hands) => {
      seen.page = lodge(hands);
      expect(rig.write(seen.page, 4092, WORD)).toBe(true);
      seen.answer = hands.ports['iommu']!['unmap']!(NIC, seen.page);
      seen.inWindow = rig.write(seen.page, 4092, WORD + 1);
    });
    return { rig, ...seen };
  };
  it('deferred: the device still reaches the page when the unmap is answered, and not when the window is over', () => {
    const { rig, answer, inWindow, page } = unmapped(but({ invalidation: 'deferred' }));
    expect([answer, inWindow]).toEqual([0, true]);
    rig.run(5_000_000);
    expect(rig.write(page, 4092, WORD + 2)).toBe(false);
    expect(rig.counters()).toMatchObject({ exposedPages: 1, exposedAtOnce: 1, batches: 1 });
    // The alarm is set for 1 ms; its handler may come later, by what runs before it.
    expect(rig.counters().exposedLongestUs).toBeGreaterThanOrEqual(1000);
    expect(rig.counters().exposedLongestUs).toBeLessThan(1100);
  });
  it('strict: the device reaches it no more', () => {
    const { rig, answer, inWindow } = unmapped(multiserver);
    expect([answer, inWindow]).toEqual([0, false]);
    expect(rig.counters()).toMatchObject({ exposedPages: 0, batches: 0 });
  });
});

describe('Messages of a device, with the IOMMU of the board', () => {
  const pending = (rig: Rig, identity: number): boolean => rig.system.board.interruptFile.isPending(identity);
  it('translated: it raises its own identity, whatever it writes; the real file is out of reach', () => {
    const rig = new Rig(multiserver, 'nic-driver');
    const own = rig.identities();
    expect(own.length).toBe(5);
    for (const [vector, identity] of own.entries()) {
      expect(rig.write(FIRST_FILE + vector, 0, IOMMU_DRIVERS_OWN)).toBe(true);
      expect(pending(rig, identity)).toBe(true);
      expect(pending(rig, IOMMU_DRIVERS_OWN)).toBe(false);
      for (const other of own.slice(vector + 1)) expect(pending(rig, other)).toBe(false);
    }
    expect(rig.write(IMSIC_PAGE, 0, 100)).toBe(false);
    expect(pending(rig, 100)).toBe(false);
  });
  it("messages 'off': it raises any", () => {
    const rig = new Rig(but({ messages: 'off' }), 'nic-driver');
    expect(rig.write(IMSIC_PAGE, 0, 100)).toBe(true);
    expect(pending(rig, 100)).toBe(true);
  });
  it("iommu 'off': it raises any, and reaches all of memory", () => {
    const rig = new Rig(but({ iommu: 'off' }), 'nic-driver');
    expect(rig.write(IMSIC_PAGE, 0, 100)).toBe(true);
    expect(pending(rig, 100)).toBe(true);
    expect(rig.write(rig.system.kernel.kernelMemory.rootTablePage, 4092, 0)).toBe(true);
  });
});

describe('Who holds a device', () => {
  const mapBy = (description: Description): number => {
    const rig = new Rig(description, 'net-stack');
    let answer = 0;
    rig.tell('net-stack', (hands) => {
      answer = hands.ports['iommu']!['map']!(NIC, hands.context.shared('device').frame, READ_WRITE);
    });
    return answer;
  };
  /** A network stack that has a port to the IOMMU driver, as an attacker would have. */
  const meddling = (description: Description): Description => ({
    ...description,
    components: description.components.map((definition) =>
      definition.name === 'net-stack'
        ? { ...definition, uses: { ...definition.uses, iommu: iommuOf(description) } }
        : definition,
    ),
    connections: [...description.connections, 'net-stack.iommu -> iommu-driver.iommu'],
  });
  const iommuOf = ({ components }: Description) => components.find(({ name }) => name === 'nic-driver')!.uses['iommu']!;
  it('is asked: another is refused', () => expect(mapBy(meddling(multiserver))).toBeLessThan(0));
  it("ownership 'off': anybody may map for it", () =>
    expect(mapBy(meddling(but({ ownership: 'off' })))).toBeGreaterThan(0));
});

describe('A device that changed hands', () => {
  it('is not started before its new holder has an IO space: what the last one left is out of reach', () => {
    const rig = new Rig(multiserver, 'nic-driver');
    const { ioPage } = rig.rings()[0]!;
    const answers: number[] = [];
    rig.tell('nic-driver', ({ context, ports }) => {
      const { pci, iommu } = ports as Record<'pci' | 'iommu', Record<string, (...args: number[]) => number>>;
      answers.push(pci['release']!(NIC), pci['claim']!(NIC), pci['start']!(NIC));
      answers.push(iommu['unmap']!(NIC, ioPage));
      const page = iommu['map']!(NIC, context.region('rings').frame + 1, READ_WRITE);
      answers.push(page, pci['start']!(NIC));
    });
    expect(answers).toEqual([0, 0, NO_IO_SPACE, NOT_MAPPED, ioPage, 0]);
    expect(rig.write(ioPage + 1, 0, WORD)).toBe(false);
  });
});

describe('A flood of faults', () => {
  const OTHER = 0x10;
  it('of one device fills the queue once; then another is heard at once', () => {
    const rig = new Rig(monolithicIommu, 'nic-driver');
    const { iommu } = rig.system.board;
    const recorded = (): number => iommu.read(FQT, 4);
    const flood = (): void => {
      for (let i = 0; i < 300; i++) rig.write(0x3000 + i, 0, WORD);
      rig.run(1_000_000);
    };
    flood();
    const first = rig.counters();
    expect(first).toMatchObject({ devicesHushed: 1, faultOverflows: 1 });
    const at = recorded();
    flood();
    expect([recorded(), rig.counters()]).toEqual([at, first]);
    rig.write(0x3000, 0, WORD, OTHER);
    rig.run(1_000_000);
    expect(recorded()).toBe((at + 1) % 128);
    expect(iommu.read(FQH, 4)).toBe(recorded());
    expect(rig.counters()).toEqual(first);
  });
});

describe('Death of a driver whose device writes on', () => {
  /** What the supervisor does at a death, in order. */
  const STEPS = ['endDomain', 'reclaim', 'reclaimFrom', 'startDomain'];
  interface Death {
    readonly rig: Rig;
    /** Steps, each with whether the device could write when it was begun and when it was done. */
    readonly steps: readonly (readonly [step: string, before: boolean, after: boolean])[];
  }
  /** @param refused the step that is answered with a refusal, and not done. */
  const death = (description: Description, refused = ''): Death => {
    const steps: (readonly [string, boolean, boolean])[] = [];
    let page = -1;
    const rig: Rig = new Rig(description, 'supervisor', (port, method, _args, call) => {
      if (page < 0 || !STEPS.includes(method) || port === 'supervision') return call();
      const before = rig.write(page, 4092, WORD);
      const result = method === refused ? -1 : call();
      steps.push([method, before, rig.write(page, 4092, WORD)]);
      return result;
    });
    page = rig.rings()[0]!.ioPage;
    expect(rig.write(page, 4092, WORD)).toBe(true);
    rig.kill('nic-driver');
    rig.run(20_000_000);
    return { rig, steps };
  };
  it.each([multiserver, hybrid, but({ invalidation: 'deferred' })])(
    'its frames are used again when the device reaches them no more: $name',
    (description) => {
      const { rig, steps } = death(description);
      expect(steps.slice(0, 3)).toEqual([
        ['endDomain', true, true],
        ['reclaim', true, true], // this device obeys neither the bus master bit nor the reset
        ['reclaimFrom', true, false],
      ]);
      expect(steps[3]!.slice(0, 2)).toEqual(['startDomain', false]);
      expect(rig.isAlive('nic-driver')).toBe(true);
    },
  );
  it.each(['endDomain', 'reclaim', 'reclaimFrom'])('where %s is refused, they are never used again', (refused) => {
    const { rig, steps } = death(multiserver, refused);
    expect(steps.map(([step]) => step)).toEqual(['endDomain', 'reclaim', 'reclaimFrom']);
    expect(rig.isAlive('nic-driver')).toBe(false);
  });
  it('frames that are in the air when the driver dies come to stand nowhere after its device was taken', () => {
    let rings: readonly number[] = [];
    const seen = new Map<string, string>();
    /** All that the card wrote to its driver's rings, and where it stands in them. */
    const ringsNow = (): string =>
      rings.map((page) => Array.from({ length: 1024 }, (_, word) => rig.system.board.ram.word(page, word))).join();
    const rig: Rig = new Rig(multiserver, 'supervisor', (_port, method, _args, call) => {
      if (rings.length === 0) return call();
      rig.flood(4);
      if (method === 'startDomain') seen.set('startDomain', ringsNow());
      const result = call();
      if (method !== 'startDomain') seen.set(method, ringsNow());
      return result;
    });
    rings = rig.rings().map(({ physicalPage }) => physicalPage);
    const before = ringsNow();
    rig.flood(40);
    rig.run(20_000);
    rig.kill('nic-driver');
    rig.run(20_000_000);
    expect(seen.get('endDomain')).not.toBe(before);
    expect(seen.get('startDomain')).toBe(seen.get('reclaim'));
    expect(rig.isAlive('nic-driver')).toBe(true);
  });
});
