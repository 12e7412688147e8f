/** The same reads and writes of registers on both devices. */
import * as reg from '@bulkhead/intel-82574-datasheet';
import type { NicRig } from './nic-rig.ts';

/** Reads that set or clear, and registers whose write starts something, are asked in scripts of their own. */
const WITH_EFFECTS: readonly number[] = [
  reg.CTRL,
  reg.CTRL_DUP,
  reg.EERD,
  reg.EEWR,
  reg.MDIC,
  reg.ICR,
  reg.ICS,
  reg.IMS,
  reg.IMC,
];

export interface RegisterDifference {
  /** First and last offset. */
  readonly from: number;
  readonly to: number;
  /** Where they may differ: in the value after reset, in what a write leaves. */
  readonly reset?: number;
  readonly written?: number;
  readonly why: string;
}

const ALL = 0xffff_ffff;
const only = (offset: number, difference: Omit<RegisterDifference, 'from' | 'to'>): RegisterDifference => ({
  from: offset,
  to: offset,
  ...difference,
});

/** Sections: Intel 82574 GbE Controller Family Datasheet, revision 3.4. What QEMU 7.2 does was seen by running it. */
export const REGISTER_DIFFERENCES: readonly RegisterDifference[] = [
  only(reg.CTRL_DUP, { reset: ALL, why: '§10.2.2: CTRL is also found at 4. QEMU reads 0 there.' }),
  only(reg.EECD, { written: ALL, why: '§10.2.2 EECD: its wires are those of an EEPROM; QEMU keeps what is written.' }),
  only(reg.EERD, { reset: 2, why: '§10.2.2 EERD: nothing has been read yet. QEMU says that it is done.' }),
  only(reg.EEWR, { reset: 2, why: 'the same for writing' }),
  only(reg.FLA, { written: ALL, why: 'ours has no flash' }),
  { from: 0x40, to: 0xbc, reset: ALL, written: ALL, why: 'ours: no registers at the addresses of the 82542' },
  { from: 0x108, to: 0x168, written: ALL, why: 'the same' },
  { from: 0x420, to: 0x440, written: ALL, why: 'the same' },
  { from: 0x600, to: 0x7fc, written: ALL, why: 'the same' },
  only(reg.EIAC, { written: ~reg.EIAC_CAUSES.mask, why: '§10.2.4 EIAC has bits 24:20. QEMU keeps all.' }),
  only(reg.TCTL, { written: 1 << 22, why: '§10.2.6 TCTL.SWXOFF clears itself. QEMU keeps it.' }),
  only(reg.PBA, {
    written: ALL,
    why: '§10.2.2 PBA: the transmitter gets what the receiver leaves. QEMU keeps what is written.',
  }),
  only(reg.SWSM, { written: ~3, why: '§10.2.2 SWSM has two bits that software writes. QEMU keeps all.' }),
  only(reg.PBACLR, { written: 0x1f, why: '§10.2.4 PBACLR: writing clears. QEMU reads back what was written.' }),
  only(reg.TIDV, {
    written: 0xffff,
    why: '§10.2.6 TIDV.FPD sends at once and is not kept. QEMU then keeps nothing else either.',
  }),
  { from: reg.TARC, to: reg.TARC, written: 0x87ff_f800, why: 'TARC: reserved bits' },
  {
    from: reg.TARC + reg.QUEUE_STRIDE_BYTES,
    to: reg.TARC + reg.QUEUE_STRIDE_BYTES,
    written: 0x87ff_f800,
    why: 'the same',
  },
  only(reg.PBS, { reset: ALL, written: ALL, why: 'PBS is not in the manual: the packet buffer is divided by PBA' }),
  {
    from: reg.STATISTICS_START,
    to: reg.STATISTICS_END - 4,
    written: ALL,
    why: '§10.2.7 counters are read. QEMU keeps what is written to some.',
  },
  only(reg.EXTCNF_CTRL, { reset: ALL, why: 'manageability: ours has none' }),
  { from: 0xf08, to: 0xf10, reset: ALL, written: ALL, why: 'the same' },
  { from: 0x1010, to: 0x1050, reset: ALL, written: ALL, why: 'the same, and flash' },
  { from: 0x2410, to: 0x3430, reset: ALL, written: ALL, why: '§10.2.8 diagnosis of the packet buffer: ours has none' },
  { from: 0x5010, to: 0x501c, reset: ALL, written: ALL, why: 'the same' },
  { from: 0x5810, to: 0x5814, reset: ALL, written: ALL, why: 'wake-up: ours has none' },
  { from: 0x5820, to: 0x5afc, reset: ALL, written: ALL, why: 'manageability and wake-up: ours has none' },
  { from: 0x5b00, to: 0x5b30, reset: ALL, written: ALL, why: '§10.2.9 PCIe registers: what they hold has no effect' },
  {
    from: 0x5ca8,
    to: 0x5cfc,
    reset: ALL,
    written: ALL,
    why: 'beyond the last register of its table. QEMU keeps what is written.',
  },
  { from: 0x5f00, to: 0x5f40, reset: ALL, written: ALL, why: 'the same' },
  { from: 0x8000, to: 0x93fc, reset: ALL, written: ALL, why: 'filters and diagnosis that ours has not' },
  {
    from: 0x9400,
    to: 0x1_fffc,
    reset: ALL,
    written: ALL,
    why: '§10.2.8 packet buffer memory, and time stamps: ours has none to show',
  },
];

/** @returns the bits in which the two may differ there. */
function excused(kind: 'reset' | 'written', offset: number, met: Set<RegisterDifference>): number {
  let mask = 0;
  for (const difference of REGISTER_DIFFERENCES) {
    if (offset < difference.from || offset > difference.to) continue;
    const bits = difference[kind] ?? 0;
    if (bits !== 0) met.add(difference);
    mask |= bits;
  }
  return mask;
}

const shown = (offset: number, ours: number, theirs: number): string =>
  `${offset.toString(16).padStart(5, '0')}: ours ${(ours >>> 0).toString(16)}, QEMU ${(theirs >>> 0).toString(16)}`;

/** Every register of the memory BAR after reset. @returns what differs and is not known. */
export function compareReset(ours: NicRig, theirs: NicRig, met: Set<RegisterDifference>): string[] {
  ours.reset();
  theirs.reset();
  const found: string[] = [];
  for (let offset = 0; offset < reg.BAR_MEMORY_SIZE_BYTES; offset += 4) {
    const [mine, other] = [ours.read(offset), theirs.read(offset)];
    if (mine === other || ((mine ^ other) & ~excused('reset', offset, met)) === 0) continue;
    found.push(shown(offset, mine, other));
  }
  return found;
}

/** Writes of one value to registers without side effects, each read back. */
export function compareWrites(
  ours: NicRig,
  theirs: NicRig,
  writes: readonly (readonly [offset: number, value: number])[],
  met: Set<RegisterDifference>,
): string[] {
  ours.reset();
  theirs.reset();
  const found: string[] = [];
  for (const [offset, value] of writes) {
    if (WITH_EFFECTS.includes(offset)) continue;
    ours.write(offset, value);
    theirs.write(offset, value);
    const [mine, other] = [ours.read(offset), theirs.read(offset)];
    if (mine === other || ((mine ^ other) & ~(excused('written', offset, met) | excused('reset', offset, met))) === 0)
      continue;
    found.push(`${shown(offset, mine, other)} after ${(value >>> 0).toString(16)}`);
  }
  return found;
}

export type InterruptStep =
  | { readonly kind: 'write'; readonly register: number; readonly value: number }
  | { readonly kind: 'read'; readonly register: number };

/**
 * Causes, masks and vectors, without timers. QEMU 7.2 does not clear ICR on a read under MSI-X, as later versions and
 * our model do; so under MSI-X ICR is cleared by what is written. INT_ASSERTED is not compared: §10.2.4 ties it to an
 * interrupt that is pending, QEMU to any cause.
 */
export function compareInterrupts(
  ours: NicRig,
  theirs: NicRig,
  usesMsix: boolean,
  steps: readonly InterruptStep[],
): string[] {
  const rigs = [ours, theirs];
  for (const rig of rigs) {
    rig.reset();
    if (usesMsix) rig.enableMsix();
  }
  const found: string[] = [];
  steps.forEach((step, number) => {
    if (found.length > 0 || (usesMsix && step.kind === 'read' && step.register === reg.ICR)) return;
    const where = `step ${number} ${step.kind} ${step.register.toString(16)}`;
    const [mine, other] = rigs.map((rig) => {
      if (step.kind === 'read')
        return rig.read(step.register) & (step.register === reg.ICR ? ~reg.ICR_INT_ASSERTED.mask : -1);
      rig.write(step.register, step.value);
      return rig.read(reg.IMS);
    });
    if (mine !== other) found.push(`${where}: ${shown(step.register, mine!, other!)}`);
    const [sent, theirSent] = rigs.map((rig) => rig.messages().join());
    if (sent !== theirSent) found.push(`${where}: messages ours ${sent}, QEMU ${theirSent}`);
  });
  return found;
}
