/** A message of a device that comes when its driver is already lost, and the driver's next life. */
import type { Description } from '@bulkhead/assembler';
import { multiserver } from '@bulkhead/test-systems';
import { describe, expect, it } from 'vitest';
import { Rig } from './iommu-rig.ts';

const RINGS = 0;
const FIRST_FILE = 16;

interface Watched {
  readonly description: Description;
  /** Tokens that each life of the driver was told of. */
  readonly lives: number[][];
}
/** The driver, of which `doom` may make an end when it is told of its rings, before it acknowledges. */
function watched(doom: () => boolean): Watched {
  const lives: number[][] = [];
  const components = multiserver.components.map((definition) => {
    if (definition.name !== 'nic-driver') return definition;
    const create: typeof definition.create = (context, ports) => {
      const told: number[] = [];
      lives.push(told);
      const instance = definition.create(context, ports);
      const { notified } = instance.handlers['kernel'] as { notified: (token: number) => void };
      const kernel = {
        notified: (token: number): void => {
          told.push(token);
          if (token === RINGS && doom()) throw new Error('dies');
          notified(token);
        },
      };
      return { ...instance, handlers: { ...instance.handlers, kernel } as unknown as typeof instance.handlers };
    };
    return { ...definition, create };
  });
  return { description: { ...multiserver, components }, lives };
}

/** @returns what the second life was told of, until its first frame had come. */
function secondLife(isLate: boolean): readonly number[] {
  let isArmed = false;
  const { description, lives } = watched(() => {
    if (!isArmed) return false;
    isArmed = false;
    if (isLate) expect(rig.write(FIRST_FILE + RINGS, 0, 0)).toBe(true);
    const [identity] = rig.identities();
    const { interruptFile } = rig.system.board;
    expect([interruptFile.isEnabled(identity!), interruptFile.isPending(identity!)]).toEqual([false, isLate]);
    return true;
  });
  const rig = new Rig(description, 'net-stack');
  isArmed = true;
  rig.flood(1);
  rig.run(20_000_000);
  expect(lives.length).toBe(2);
  const quiet = [...lives[1]!];
  rig.flood(1);
  rig.run(5_000_000);
  expect(lives[1]!.slice(quiet.length)).toContain(RINGS);
  return quiet;
}

describe('a message that came just before a driver died', () => {
  it('is not heard by its next life, which is told of whatever comes from then on', () => {
    expect(secondLife(true)).toEqual(secondLife(false));
  });
});
