/** What a system said of an attack: refusals, faults of devices, faults of domains. */
import { kernel } from '@bulkhead/abi';
import { KERNEL_PAGE } from '@bulkhead/address-space';
import type { System } from '@bulkhead/assembler';
import { deviceAt } from '@bulkhead/inspection';
import * as causes from '@bulkhead/riscv-iommu-datasheet';
import type { Told, Turncoat } from './turncoat.ts';
import type { Report, Verdict } from './verdict.ts';

const PAGE_BYTES = 4096;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
/** An address of the upper half is a small negative number: as a large one it would not be whole. */
const signed = (address: string | number): number => Number(BigInt.asIntN(64, BigInt(address)));
export const deviceName = (device: number): string =>
  `${hex(device >>> 8, 2)}:${hex((device >>> 3) & 31, 2)}.${device & 7}`;

/** RISC-V IOMMU 1.0 §3.2, table "Fault record CAUSE field encodings". */
const CAUSES: Readonly<Record<number, string>> = {
  [causes.CAUSE_READ_ACCESS_FAULT]: 'read access fault',
  [causes.CAUSE_WRITE_ACCESS_FAULT]: 'write access fault',
  [causes.CAUSE_READ_PAGE_FAULT]: 'read page fault',
  [causes.CAUSE_WRITE_PAGE_FAULT]: 'write page fault',
  [causes.CAUSE_WRITE_GUEST_PAGE_FAULT]: 'write guest page fault',
  [causes.CAUSE_DDT_ENTRY_NOT_VALID]: 'no IO space',
  [causes.CAUSE_TRANSACTION_TYPE_DISALLOWED]: 'no message: transaction type disallowed',
  [causes.CAUSE_MSI_PTE_NOT_VALID]: 'no such interrupt file',
};

/** A moment in the life of a system, from which on it is looked at. */
export interface Since {
  readonly told: number;
  readonly faults: number;
  readonly starts: number;
}

const homeOf = ({ system, name }: Turncoat): { readonly name: string; readonly starts: number } =>
  system.places.find(({ seat }) => seat.name === name)!.seat.domain;

export const now = (turncoat: Turncoat): Since => ({
  told: turncoat.told.length,
  faults: turncoat.system.faults.length,
  starts: homeOf(turncoat).starts,
});

/** One of a kind is enough. */
export function reportsSince(turncoat: Turncoat, { told, faults }: Since): Report[] {
  const reports = [
    ...turncoat.told.slice(told).flatMap((one, i, all) => reportOf(turncoat, one, all.slice(i + 1))),
    ...turncoat.system.faults.slice(faults).map((fault) => faultOf(turncoat, fault)),
  ];
  const keys = reports.map((report) => JSON.stringify(report));
  return reports.filter((_, i) => keys.indexOf(keys[i]!) === i);
}

/** A fault of a domain, as the kernel has it. Where a device's registers stand at the address, the machine itself names it. */
function faultOf({ system }: Turncoat, { component, message }: System['faults'][number]): Report {
  const hexadecimal = /0x[0-9a-f]+/.exec(message)?.[0];
  const address = hexadecimal === undefined ? null : signed(hexadecimal);
  const there =
    address === null || address >= 0 ? null : deviceAt(system, Math.floor(address / PAGE_BYTES) - KERNEL_PAGE);
  const cause = there === null ? message : `${message}, which is ${there.place}`;
  return { by: `kernel, of ${component}`, device: there?.device ?? null, address, cause };
}
/** A fault as the supervisor is told of it, and what the attacker was refused. */
function reportOf(turncoat: Turncoat, one: Told, after: readonly Told[]): Report[] {
  const { name } = turncoat;
  const { contract, method, from, args, refusal } = one;
  if (contract === 'kernel' && method === 'faultOf') return noticeOf(turncoat, one, after);
  if (contract === 'iommu' && method === 'faulted') {
    const [device, cause, ioPage, ioPageHigh] = args as [number, number, number, number];
    const text = CAUSES[cause] ?? `cause ${cause}`;
    const address = (ioPageHigh * 2 ** 32 + (ioPage >>> 0)) * PAGE_BYTES;
    return [{ by: 'IOMMU', device: deviceName(device), address: signed(address), cause: text }];
  }
  if (from !== name || refusal === null || (contract !== 'pci-bus' && contract !== 'iommu')) return [];
  const by = contract === 'iommu' ? 'iommu-driver' : 'pci-bus-driver';
  return [{ by, device: deviceName(args[0]!), address: null, cause: `${method}: ${refusal}` }];
}

/** A fault that the driver lives on with; its supervisor then asks the PCI-bus driver for the device. */
function noticeOf({ system }: Turncoat, { from, result, answers }: Told, after: readonly Told[]): Report[] {
  const [what, sinceUs, component] = answers as [number, number, number];
  const cause = result === null ? undefined : NOTICES[result]?.(what, sinceUs);
  if (cause === undefined) return [];
  const asked = after.find((next) => next.from === from && next.contract === 'pci-bus');
  const device = asked?.result ?? -1;
  return [
    {
      by: `kernel, of ${system.kernel.seats[component]!.name}`,
      device: device < 0 ? null : deviceName(device),
      address: null,
      cause,
    },
  ];
}
const ms = (us: number): string => `${(us / 1000).toFixed(1)} ms`;
const NOTICES: Readonly<Record<number, (what: number, sinceUs: number) => string>> = {
  [kernel.FAULT_UNACKNOWLEDGED]: (identity, sinceUs) =>
    `interrupt ${identity} came again, and is not acknowledged since ${ms(sinceUs)}`,
  [kernel.FAULT_EXHAUSTED]: (consumedUs, sinceUs) =>
    `budget used up in every period since ${ms(sinceUs)}: ${ms(consumedUs)} were used`,
};

export function aftermathOf(turncoat: Turncoat, since: Since): Verdict['aftermath'] {
  const { system } = turncoat;
  if (system.panic !== null) return 'panic';
  const domain = homeOf(turncoat);
  if (domain.starts > since.starts) return 'started again';
  return system.faults.slice(since.faults).some((fault) => fault.domain === domain.name) ? 'ended' : 'lives on';
}
