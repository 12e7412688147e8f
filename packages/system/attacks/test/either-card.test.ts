/** The same attacks through either network card: by the 82574's registers and rings, and by the virtqueues of virtio-net. */
import type { Description } from '@bulkhead/assembler';
import { NICS, type Nic, withNic } from '@bulkhead/parts';
import { monolithic, multiserver } from '@bulkhead/test-systems';
import { describe, expect, it } from 'vitest';
import { ATTACKS, attacksOn, attempt, exposureOf, SWITCHES, without } from '../src/index.ts';

const CARDS = Object.keys(NICS) as Nic[];
const OF_THE_INTEL = ['no-acknowledge', 'interrupt-flood'];
const DMA = ATTACKS.filter(({ name }) => name.startsWith('dma-'));

function over(nic: Nic, description: Description): Description {
  const changed = withNic(description, nic);
  if (!changed.ok) throw new TypeError(changed.error);
  return changed.value;
}
const damagedOn = (description: Description): string[] =>
  attacksOn(description)
    .filter((attack) => attempt(description, attack).outcome === 'damage')
    .map(({ name }) => name);

describe.each(CARDS)('a driver of %s that turns', (nic) => {
  const isolated = over(nic, multiserver);
  const inKernel = over(nic, monolithic);

  it.each(DMA)('isolated: $name is stopped by the IOMMU, and told by device, address and cause', (attack) => {
    const { outcome, damage, reports, aftermath, bystanderLives } = attempt(isolated, attack);
    expect([outcome, damage]).toEqual(['stopped', null]);
    const told = reports.filter(({ by }) => by === 'IOMMU');
    expect(told).toEqual([{ by: 'IOMMU', device: '00:01.0', address: expect.any(Number), cause: 'write page fault' }]);
    expect(told[0]!.address! % 4096).toBe(0);
    expect([aftermath, bystanderLives]).toEqual(['started again', true]);
  });
  it.each(DMA)('within the kernel: $name does its damage, which is named, and nobody is told', (attack) => {
    const { outcome, damage, reports } = attempt(inKernel, attack);
    expect([outcome, reports]).toEqual(['damage', []]);
    expect(damage).toMatch(/ (was|were) overwritten by the device at 0x[0-9a-f]{8}$/);
  });
  it('isolated: forges no interrupt, neither through its own messages nor at the interrupt file', () => {
    const forged = ATTACKS.find(({ name }) => name === 'forged-interrupt')!;
    const { outcome, reports } = attempt(isolated, forged);
    expect(outcome).toBe('stopped');
    const causes = reports.filter(({ by }) => by === 'IOMMU').map(({ cause }) => cause);
    expect(causes).toEqual(['no message: transaction type disallowed', 'write page fault']);
    expect(attempt(inKernel, forged).damage).toMatch(/^bystander was interrupted \d+ times/);
  });
});

describe('a driver of virtio-net that turns', () => {
  const isolated = over('virtio-net', multiserver);
  it('can do all attacks but those that write to registers of the Intel card', () => {
    const names = attacksOn(isolated).map(({ name }) => name);
    expect(names).toEqual(ATTACKS.map(({ name }) => name).filter((name) => !OF_THE_INTEL.includes(name)));
    expect(attacksOn(multiserver)).toEqual(ATTACKS);
  });
  it.each(OF_THE_INTEL)('is not tried with %s: what it cannot do, no wall stopped', (name) => {
    const attack = ATTACKS.find((one) => one.name === name)!;
    expect(() => attempt(isolated, attack)).toThrow(/^attacks: a virtio-net-driver cannot do .*: see attacksOn$/);
  });
  it('does no damage where every wall stands', () => {
    expect(damagedOn(isolated)).toEqual([]);
  });
  it.each([...SWITCHES])('without %s, does exactly the damage that it stopped', (wall) => {
    const behind = wall === 'iommu' ? ['iommu', 'messages'] : [wall];
    const expected = attacksOn(isolated).filter((attack) => behind.includes(attack.wall));
    expect(damagedOn(without(isolated, wall))).toEqual(expected.map(({ name }) => name));
  });
  it('reaches what was given back within the window of deferred invalidation, and not after it', () => {
    const { atOnce, later } = exposureOf(isolated, 'deferred');
    expect([atOnce.outcome, later.outcome]).toEqual(['damage', 'stopped']);
  });
});

it('a system whose driver nobody here knows is refused by a line that names the mend', () => {
  const components = multiserver.components.filter(({ name }) => name !== 'nic-driver');
  expect(() => attacksOn({ ...multiserver, components })).toThrow(
    /has no driver of a network card that could turn: add/,
  );
});
