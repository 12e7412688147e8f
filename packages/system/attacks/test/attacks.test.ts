/** What a hostile driver can do to a system with all its walls, with one wall less, and with hardly any. */
import type { Description } from '@bulkhead/assembler';
import { hybrid, monolithic, multiserver } from '@bulkhead/test-systems';
import { describe, expect, it } from 'vitest';
import { receiveAt, sendFrames } from '../src/device.ts';
import { ATTACKS, type Attack, attempt, SWITCHES, type Verdict, type Wall, without } from '../src/index.ts';
import { now, reportsSince } from '../src/reports.ts';
import { Turncoat } from '../src/turncoat.ts';

const named = (name: string): Attack => ATTACKS.find((attack) => attack.name === name)!;
const all = (description: Description): Verdict[] => ATTACKS.map((attack) => attempt(description, attack));
const damaged = (verdicts: readonly Verdict[]): string[] =>
  verdicts.filter(({ outcome }) => outcome === 'damage').map(({ attack }) => attack);
const namesBehind = (wall: Wall): string[] => ATTACKS.filter((one) => one.wall === wall).map(({ name }) => name);

const DEVICE = '00:01.0';
const FOREIGN = '00:02.0';
const PAGE_FAULT = { by: 'IOMMU', device: DEVICE, address: expect.any(Number), cause: 'write page fault' };
const OF_DRIVER = 'kernel, of nic-driver';
/** The device is named by the machine, and not by who aimed at it. */
const storeFault = (place: string) => ({
  by: OF_DRIVER,
  device: FOREIGN,
  address: expect.any(Number),
  cause: expect.stringMatching(new RegExp(`^page fault: store to 0x[0-9a-f]+, which is ${place}$`)),
});

describe('an isolated driver that turns', () => {
  const verdicts = all(multiserver);
  it('does no damage, by none of its attacks, and everybody else lives on', () => {
    expect(damaged(verdicts)).toEqual([]);
    expect(verdicts.filter(({ bystanderLives }) => !bystanderLives)).toEqual([]);
    expect(verdicts.filter(({ aftermath }) => aftermath === 'panic')).toEqual([]);
  });
  it.each([
    ['dma-kernel', [PAGE_FAULT]],
    ['dma-driver', [PAGE_FAULT]],
    ['dma-page-tables', [PAGE_FAULT]],
    ['dma-freed', [PAGE_FAULT]],
    ['foreign-registers', [storeFault('BAR 0')]],
    ['forged-interrupt', [PAGE_FAULT]],
    [
      'foreign-claim',
      [
        { by: 'pci-bus-driver', device: FOREIGN, cause: 'claim: held-by-another' },
        { by: 'iommu-driver', device: FOREIGN, cause: 'map: not-owner' },
        storeFault('configuration space'),
      ],
    ],
    [
      'no-acknowledge',
      [{ by: OF_DRIVER, device: DEVICE, cause: expect.stringMatching(/^interrupt \d+ came again, and is not ack/) }],
    ],
    [
      'interrupt-flood',
      [{ by: OF_DRIVER, device: DEVICE, cause: expect.stringMatching(/^budget used up in every period since/) }],
    ],
  ])('is reported: %s', (name, expected) => {
    const { reports } = verdicts.find(({ attack }) => attack === name)!;
    for (const report of expected) expect(reports).toContainEqual(expect.objectContaining(report));
  });
  it.each([
    ['above 44 bits', 2 ** 52 + 0x3000],
    ['of the upper half', -0x5000],
  ])('is told where the device wrote, all 64 bits of it: %s', (_, address) => {
    const turncoat = new Turncoat(multiserver);
    const since = now(turncoat);
    turncoat.order((hands) => receiveAt(hands, [address, address]));
    sendFrames(turncoat, [0x5afe]);
    turncoat.run(4_000_000);
    expect(reportsSince(turncoat, since)).toContainEqual({ ...PAGE_FAULT, address });
  });
  it.each(['foreign-registers', 'foreign-claim'])('is told where the driver stored, to the byte: %s', (name) => {
    const { reports } = verdicts.find(({ attack }) => attack === name)!;
    const { address, cause } = reports.find(({ by }) => by === 'kernel, of nic-driver')!;
    expect(cause).toContain(`page fault: store to 0x${BigInt.asUintN(64, BigInt(address!)).toString(16)}, `);
  });
  it('is ended and started again by its supervisor when its device reaches where it may not', () => {
    for (const { aftermath } of verdicts.filter(({ wall }) => wall === 'iommu'))
      expect(aftermath).toBe('started again');
  });
  it.each(['no-acknowledge', 'interrupt-flood'])(
    'is told of while it goes on, and reported by nobody else: %s',
    (name) => {
      const patient = { ...multiserver, patience: { interruptUs: 1_000_000, budgetPeriods: 1000 } };
      const { outcome, reports } = attempt(patient, named(name));
      expect([outcome, reports]).toEqual(['stopped', []]);
    },
  );
  it.each(['no-acknowledge', 'interrupt-flood'])('is told of once, not each time: %s', (name) => {
    expect(verdicts.find(({ attack }) => attack === name)!.reports.length).toBe(1);
  });
  it('that did not turn yet is not told of', () => {
    const turncoat = new Turncoat(multiserver);
    turncoat.run(50_000_000);
    expect(turncoat.told.filter(({ method, result }) => method === 'faultOf' && result !== 0)).toEqual([]);
  });
  it('is told where the device wrote: the address that it issued', () => {
    const [report] = verdicts.find(({ attack }) => attack === 'dma-kernel')!.reports;
    // The last page of the kernel's CNode, which stands where the memory map says.
    expect(report!.address! % 4096).toBe(0);
    expect(report!.address).toBeGreaterThan(0x8000_0000);
  });
});

describe('each wall alone holds its door', () => {
  it.each(SWITCHES)('without %s, exactly what it stopped does damage', (wall) => {
    const open = damaged(all(without(multiserver, wall)));
    // What the IOMMU does not look at, it does not translate either: messages are part of that door.
    const behind = wall === 'iommu' ? [...namesBehind('iommu'), ...namesBehind('messages')] : namesBehind(wall);
    expect(open).toEqual(behind);
  });
  it('a budget of nearly all the time is not used up, stops nothing and reports nothing', () => {
    const generous = { ...multiserver, budgets: { 'nic-driver': { budgetUs: 7999, periodUs: 8000 } } };
    const { outcome, reports } = attempt(generous, named('interrupt-flood'));
    expect([outcome, reports]).toEqual(['damage', []]);
  });
  it('refuses to leave out what is no switch', () => {
    expect(() => without(multiserver, 'address space')).toThrow(/use one of iommu, ownership, messages, budgets/);
  });
  it('holds with deferred invalidation too, but for the time until the batch goes', () => {
    expect(damaged(all({ ...multiserver, invalidation: 'deferred' }))).toEqual(['dma-freed']);
  });
});

describe('the same driver within the kernel, under an IOMMU that is bare', () => {
  const verdicts = all(monolithic);
  it('does damage by each attack but the one that the kernel stops in every system', () => {
    expect(damaged(verdicts)).toEqual(ATTACKS.map(({ name }) => name).filter((name) => name !== 'no-acknowledge'));
  });
  it('tells nobody of the one that it stops: nobody holds a right to the kernel’s domain', () => {
    expect(verdicts.find(({ attack }) => attack === 'no-acknowledge')!.reports).toEqual([]);
  });
  it.each([
    ['dma-kernel', /^the kernel's capability space was overwritten by the device at 0x/],
    ['dma-driver', /^the heap of bystander was overwritten/],
    ['dma-page-tables', /^the page table of its own address space was overwritten/],
    ['dma-freed', /^memory that was given back was overwritten/],
    ['foreign-registers', /^a register of 00:02\.0 was written/],
    ['forged-interrupt', /^bystander was interrupted \d+ times by a device that is not its own/],
    ['foreign-claim', /^00:02\.0 was turned off in configuration space/],
    ['interrupt-flood', /^bystander had \d+ of 160 turns/],
  ])('names the damage: %s', (name, damage) => {
    expect(verdicts.find(({ attack }) => attack === name)!.damage).toMatch(damage);
  });
});

describe('a driver outside the kernel that has no budget, as in hybrid', () => {
  it('takes everybody’s time by its interrupts, and nobody is told', () => {
    const { outcome, damage, reports } = attempt(hybrid, named('interrupt-flood'));
    expect([outcome, reports]).toEqual(['damage', []]);
    expect(damage).toMatch(/^bystander had \d+ of 160 turns/);
  });
  it('that never acknowledges is stopped, and its supervisor told', () => {
    const { outcome, reports } = attempt(hybrid, named('no-acknowledge'));
    expect([outcome, reports.map(({ device }) => device)]).toEqual(['stopped', [DEVICE]]);
  });
});

it('the same attack on the same system has the same verdict', () => {
  for (const name of ['dma-driver', 'forged-interrupt', 'interrupt-flood'])
    expect(attempt(multiserver, named(name))).toEqual(attempt(multiserver, named(name)));
});
