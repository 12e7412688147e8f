/** Configuration space of our Intel 82574L and of QEMU's: after reset, and what writes leave of ones and zeros. */
import * as pci from '@bulkhead/pci-datasheet';
import type { WidthBytes } from '@bulkhead/ports';
import type { QemuFunction } from './pci-function.ts';

/** Our function's configuration space. */
export interface ConfigurationSpace {
  readConfig(offset: number, widthBytes: WidthBytes): number;
  writeConfig(offset: number, widthBytes: WidthBytes, value: number): void;
}
export interface ConfigurationDifference {
  /** First and last offset of dwords. */
  readonly from: number;
  readonly to: number;
  /** Bits in which they may differ after reset, and in what a write changes. */
  readonly reset: number;
  readonly written: number;
  readonly why: string;
}

const ALL = 0xffff_ffff;
const ONES_AND_ZEROS: readonly number[] = [ALL, 0];
const WORDS_WITH_EFFECTS: readonly number[] = [0xcc, 0xe8]; // power state; function level reset
const plain = 'no register of the manual stands there. QEMU keeps what is written.';

export const CONFIGURATION_DIFFERENCES: readonly ConfigurationDifference[] = [
  {
    from: 0x04,
    to: 0x04,
    reset: 0,
    written: 0x40,
    why: 'PCIe Base 5.0 §7.5.1.1.3: Parity Error Response is RW. Not in QEMU.',
  },
  { from: 0x40, to: 0x9c, reset: 0, written: ALL, why: plain },
  { from: 0xac, to: 0xc4, reset: 0, written: ALL, why: plain },
  {
    from: 0xc8,
    to: 0xc8,
    reset: 0x0021_0000,
    written: 0,
    why: 'power management: the version, and D3 needs no own initialisation',
  },
  { from: 0xcc, to: 0xcc, reset: 8, written: 0, why: 'No_Soft_Reset: ours keeps its state in D3' },
  {
    from: 0xd0,
    to: 0xd0,
    reset: 0,
    written: 0x0070_0000,
    why: '§7.7.1.2 Multiple Message Enable is RW, whatever it may ask for. Not in QEMU.',
  },
  { from: 0xdc, to: 0xdc, reset: 0, written: 0xffff_0000, why: '§7.7.1.6 message data have 16 bits. QEMU keeps more.' },
  {
    from: 0xe4,
    to: 0xe4,
    reset: 0x1000_0000,
    written: 0,
    why: 'ours offers function level reset, so that it can be taken from a driver',
  },
  {
    from: 0xe8,
    to: 0xe8,
    reset: 0x2810,
    written: 0,
    why: '§7.5.3.4 Relaxed Ordering, No Snoop and Max_Read_Request have defaults. QEMU has 0.',
  },
  { from: 0xec, to: 0xf0, reset: ALL, written: 0, why: 'ours has no link of PCI Express to tell of' },
  { from: 0xf4, to: 0xfc, reset: 0, written: ALL, why: plain },
  { from: 0x100, to: 0x100, reset: 0x3_0000, written: 0, why: 'error reporting: version 1, QEMU has 2' },
  {
    from: 0x108,
    to: 0x108,
    reset: 0,
    written: 0x1f_f010,
    why: '§7.8.4.3 Uncorrectable Error Mask is RW. QEMU keeps nothing.',
  },
  {
    from: 0x10c,
    to: 0x10c,
    reset: 0x40_0020,
    written: 0x3e0_0020,
    why: 'severities of errors that version 2 added, and of a surprise link down: ours has neither',
  },
  { from: 0x114, to: 0x114, reset: 0xc000, written: 0xc000, why: 'masks of correctable errors that version 2 added' },
  { from: 0x118, to: 0x118, reset: 0xa0, written: 0x140, why: 'ours neither makes nor checks an ECRC' },
  { from: 0x14c, to: 0xffc, reset: 0, written: ALL, why: plain },
];

export function compareConfiguration(
  ours: ConfigurationSpace,
  theirs: QemuFunction,
  met: Set<ConfigurationDifference>,
): string[] {
  const found: string[] = [];
  const judge = (kind: 'reset' | 'written', offset: number, mine: number, other: number): void => {
    const difference = mine ^ other;
    if (difference === 0) return;
    const known = CONFIGURATION_DIFFERENCES.find(
      ({ from, to, [kind]: mask }) => offset >= from && offset <= to && (difference & ~mask) === 0,
    );
    if (known !== undefined) met.add(known);
    else
      found.push(
        `${offset.toString(16)} ${kind}: ours ${(mine >>> 0).toString(16)}, QEMU ${(other >>> 0).toString(16)}`,
      );
  };
  for (let bar = pci.BAR0; bar <= pci.BAR5; bar += 4) theirs.writeConfig(bar, 'l', 0);
  for (let offset = 0; offset < pci.CONFIGURATION_SPACE_SIZE_BYTES; offset += 4) {
    judge('reset', offset, ours.readConfig(offset, 4), theirs.readConfig(offset, 'l'));
  }
  for (let offset = 0; offset < pci.CONFIGURATION_SPACE_SIZE_BYTES; offset += 4) {
    if (WORDS_WITH_EFFECTS.includes(offset)) continue;
    for (const value of ONES_AND_ZEROS) {
      const before = [ours.readConfig(offset, 4), theirs.readConfig(offset, 'l')] as const;
      ours.writeConfig(offset, 4, value);
      theirs.writeConfig(offset, 'l', value);
      judge('written', offset, ours.readConfig(offset, 4) ^ before[0], theirs.readConfig(offset, 'l') ^ before[1]);
    }
  }
  return found;
}
