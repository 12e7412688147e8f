import type { ComponentDefinition } from '@bulkhead/runtime';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assemble,
  type ConnectionText,
  checkDescription,
  type Description,
  DescriptionError,
  type Resource,
} from '../src/index.ts';
import { apart, Stage } from './stage.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

type Walls = 'one kernel' | 'apart' | 'one thread';

/** The shape of a web service: six components, a shared region, a device for each of two of them, a supervised driver. */
function service(walls: Walls): Description {
  const stage = new Stage();
  stage.actor('web', { level: 10, servers: ['net'] });
  stage.actor('net', { level: 20, servers: ['nic'] });
  stage.actor('nic', { level: 30, servers: ['pci', 'iommu', 'supervisor'], shares: ['talk'] });
  stage.actor('supervisor', { level: 40, servers: ['pci', 'iommu'], rights: ['child-0'] });
  stage.actor('iommu', { level: 50, servers: ['pci'], rights: ['registers', 'irq-control'] });
  const config = { owner: 0, alone: false };
  stage.actors.push({ ...stage.actors.pop()!, config });
  stage.actor('pci', { level: 60, rights: ['config', 'window', 'io', 'irq-control'] });
  const authority: Description['authority'] = {
    iommu: { registers: 'iommu-registers', 'irq-control': 'irq-control' },
    pci: { config: 'ecam', window: 'pci-window', io: 'pci-io', 'irq-control': 'irq-control' },
  };
  const told: Description['config'] = ({ identity }) => ({ iommu: { owner: identity('supervisor') } });
  const reserve = { nic: { sizeMiB: 2, atMiB: 4 } };
  if (walls === 'one kernel')
    return stage.description(
      { kernel: ['pci', 'iommu', 'supervisor', 'nic', 'net'], web: ['web'] },
      { authority, config: told },
    );
  const child = walls === 'apart' ? 'nic' : 'application';
  const supervised = {
    authority: { ...authority, supervisor: { 'child-0': `domain:${child}` } },
    supervised: [child],
    config: told,
    iommu: 'translating',
  } as const;
  if (walls === 'one thread')
    return stage.description(
      { kernel: ['pci', 'iommu', 'supervisor'], application: ['nic', 'net', 'web'] },
      { ...supervised, levels: { application: 30 } },
    );
  return stage.description(apart('web', 'net', 'nic', 'supervisor', 'iommu', 'pci'), {
    ...supervised,
    reserve,
    rings: ['web.net -> net.talk', 'net.nic -> nic.talk'],
  });
}

type Pick = (bound: number) => number;
/** Names that are there, are not there, mean something, or are everybody's in JavaScript. */
const NAMES = ['web', 'net', 'nic', 'supervisor', 'iommu', 'pci', 'kernel', 'talk', 'ghost', '', 'a b'] as const;
const LEVELS = [0, 1, 10, 29, 30, 31, 40, 250, 0.5];
const RESOURCES = [
  'ecam',
  'pci-window',
  'pci-io',
  'iommu-registers',
  'irq-control',
  'floppy',
  'domain:nic',
  'domain:web',
  'domain:ghost',
  '',
];

const nameOf = (pick: Pick): string => NAMES[pick(NAMES.length)]!;
/** Drops, doubles or replaces one element. */
function mutate<T>(list: readonly T[], pick: Pick, replace: (old: T) => T): T[] {
  if (list.length === 0) return [];
  const at = pick(list.length);
  const change = pick(3);
  if (change === 0) return list.filter((_, i) => i !== at);
  if (change === 1) return [...list, list[at]!];
  return list.map((one, i) => (i === at ? replace(one) : one));
}
function mutateEntry<T>(record: Readonly<Record<string, T>>, pick: Pick, replace: (old: T) => T): Record<string, T> {
  const entries = mutate(Object.entries(record), pick, ([key, value]): [string, T] =>
    pick(2) === 0 ? [nameOf(pick), value] : [key, replace(value)],
  );
  // A doubled entry gets another name, for an object has each name once.
  return Object.fromEntries(
    entries.map(([key, value], i) => [entries.findIndex(([k]) => k === key) < i ? nameOf(pick) : key, value]),
  );
}
function retarget(text: ConnectionText, pick: Pick): ConnectionText {
  const parts = text.split(/(\.| -> )/);
  parts[2 * pick(4)] = nameOf(pick);
  return parts.join('') as ConnectionText;
}

/** One field of a component's definition. */
function changeComponent(one: ComponentDefinition, pick: Pick): ComponentDefinition {
  const changes: readonly Partial<ComponentDefinition>[] = [
    { name: nameOf(pick) },
    { kind: nameOf(pick) },
    { level: LEVELS[pick(LEVELS.length)]! },
    { heapPages: [0, 1, 400, 20_000, -1][pick(5)]! },
    { regions: { own: { sizeBits: [12, 21, 13][pick(3)] as 12, count: [1, 3, 5000, 0][pick(4)]! } } },
    { rights: mutate([...(one.rights ?? []), 'more'], pick, () => nameOf(pick)) },
    { uses: mutateEntry(one.uses, pick, (contract) => ({ ...contract, capacity: 32 })) },
    { provides: mutateEntry(one.provides, pick, (contract) => ({ ...contract, casts: {} })) },
  ];
  return { ...one, ...changes[pick(changes.length)] };
}

const mutations: readonly ((description: Description, pick: Pick) => Description)[] = [
  (d, pick) => ({ ...d, components: mutate(d.components, pick, (one) => changeComponent(one, pick)) }),
  (d, pick) => ({
    ...d,
    levels: mutateEntry(d.levels ?? { web: 10 }, pick, () => LEVELS[pick(LEVELS.length)]!),
    nics: [1, 1, 2, 9][pick(4)]!,
  }),
  (d, pick) => ({
    ...d,
    domains: mutateEntry(d.domains, pick, (members) => mutate(members, pick, () => nameOf(pick))),
  }),
  (d, pick) => ({ ...d, connections: mutate(d.connections, pick, (text) => retarget(text, pick)) }),
  (d, pick) => ({ ...d, rings: mutate(d.rings ?? d.connections, pick, (text) => retarget(text, pick)) }),
  (d, pick) => ({
    ...d,
    authority: mutateEntry(d.authority, pick, (rights) =>
      mutateEntry(rights, pick, () => RESOURCES[pick(RESOURCES.length)] as Resource),
    ),
  }),
  (d, pick) => ({ ...d, supervised: mutate([...d.supervised, nameOf(pick)], pick, () => nameOf(pick)) }),
  (d, pick) => ({
    ...d,
    reserve: mutateEntry(d.reserve ?? { web: { sizeMiB: 1 } }, pick, () => ({
      sizeMiB: [1, 2, 3, 64, 128, -1][pick(6)]!,
      ...(pick(2) === 0 ? {} : { atMiB: [0, 1, 4, 63, 64, -4][pick(6)]! }),
    })),
  }),
  (d, pick) => {
    const name = nameOf(pick);
    const component = pick(3) === 0 ? name : 'iommu';
    const parameter = pick(3) === 0 ? name : 'owner';
    return {
      ...d,
      config: ({ identity, supervised }) => ({ [component]: { [parameter]: identity(name), alone: supervised(name) } }),
    };
  },
];

/** What assembling throws; null when it does not. */
function thrownBy(description: Description): unknown {
  try {
    assemble(description);
    return null;
  } catch (error) {
    return error;
  }
}
/** A refusal is told as a DescriptionError; anything else would be a bug of ours that a description can reach. */
const isToldOrFine = (thrown: unknown): boolean => thrown === null || thrown instanceof DescriptionError;

describe.each(['one kernel', 'apart', 'one thread'] as const)('a right description, %s', (walls) => {
  it('can be assembled', () => {
    expect(thrownBy(service(walls))).toBeNull();
  });
  it('with one thing dropped, doubled, renamed or retargeted is assembled, or refused by its lines', () => {
    let assembled = 0;
    let told = 0;
    fc.assert(
      fc.property(
        fc.nat(mutations.length - 1),
        fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 }),
        (which, chances) => {
          let next = 0;
          const pick: Pick = (bound) => chances[next++ % chances.length]! % bound;
          const description = mutations[which]!(service(walls), pick);
          const thrown = thrownBy(description);
          if (!isToldOrFine(thrown)) throw thrown;
          // What is wrong is known before anything is built.
          expect(checkDescription(description)).toEqual(thrown === null ? [] : (thrown as DescriptionError).problems);
          if (thrown === null) assembled++;
          else told++;
        },
      ),
      { numRuns: 60 * EFFORT },
    );
    expect(assembled).toBeGreaterThan(0);
    expect(told).toBeGreaterThan(0);
  });
});

describe('names that every object of the language has', () => {
  it('a port', () => {
    const description = service('apart');
    const thrown = thrownBy({
      ...description,
      connections: [...description.connections, 'web.constructor -> net.constructor'],
    });
    expect(thrown).toBeInstanceOf(DescriptionError);
  });
  it('a domain', () => {
    const description = service('apart');
    const authority = {
      ...description.authority,
      supervisor: { 'child-0': 'domain:nic', 'child-1': 'domain:toString' },
    } as const;
    expect(
      thrownBy({
        ...description,
        authority,
        components: description.components.map((one) =>
          one.name === 'supervisor' ? { ...one, rights: ['child-0', 'child-1'] } : one,
        ),
      }),
    ).toBeInstanceOf(DescriptionError);
  });
});
