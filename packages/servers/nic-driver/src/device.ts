/**
 * Brings the device up. Intel 82574 Datasheet revision 3.4 §4.6 "Software Initialization and Diagnostics".
 * The order matters: nothing is enabled before it is set up, and the interrupts last.
 */
import { get, has, set, swap16, swap32 } from '@bulkhead/bits';
import * as nic from '@bulkhead/intel-82574-datasheet';
import type { Registers } from './registers.ts';
import { RING_SIZE_BYTES } from './ring.ts';

/** MSI-X vectors, and the tokens of their notifications. */
export const RINGS_VECTOR = 0;
export const OTHER_VECTOR = 1;

export const RING_CAUSES: number = nic.ICR_RXQ0.mask | nic.ICR_TXQ0.mask;
export const LINK_CAUSES: number = nic.ICR_LSC.mask | nic.ICR_OTHER.mask;

const ALL = 0xffffffff;
/** What the device may take over a reset or an NVM word before it is given up. */
const POLLS_MAX = 10_000;
const PAGE_SHIFT = 12;
/** CHOICE: causes besides the rings' are rare or useless here (overruns); they may interrupt once a millisecond. */
const OTHER_INTERVAL_US = 1000;
/** IEEE 802.3 full duplex: the collision fields are without effect, and take the values that the manual recommends. */
const COLLISION_THRESHOLD = 0x0f;
const COLLISION_DISTANCE = 0x3f;

/** §4.6.1 "Interrupts During Initialization", §4.6.2 "Global Reset and General Configuration". */
export function reset(registers: Registers): void {
  registers.write(nic.IMC, ALL);
  registers.write(nic.RCTL, 0);
  registers.write(nic.TCTL, 0);
  registers.write(nic.CTRL, registers.read(nic.CTRL) | nic.CTRL_RST.mask);
  awaitBit(registers, nic.EECD, nic.EECD_AUTO_RD.mask, 'the reset');
  registers.write(nic.IMC, ALL);
  registers.write(nic.ICR, nic.ICR_CAUSES);
}

function awaitBit(registers: Registers, register: number, mask: number, what: string): number {
  for (let poll = 0; poll < POLLS_MAX; poll++) {
    const value = registers.read(register);
    if ((value & mask) !== 0) return value;
  }
  throw new Error(`nic-driver: the device does not end ${what}`);
}

/** The MAC address in network order: its first two bytes, and the other four. */
export interface MacAddress {
  readonly high: number;
  readonly low: number;
}

/** §4.6.5 "Receive Initialization": the device loads its address from the NVM; where it did not, we do. */
export function macAddress(registers: Registers): MacAddress {
  if (!has(registers.read(nic.RAH), nic.RAH_AV)) loadAddress(registers);
  const first = swap32(registers.read(nic.RAL));
  const last = swap16(get(registers.read(nic.RAH), nic.RAH_ADDRESS));
  return { high: first >>> 16, low: (first << 16) | last };
}

function loadAddress(registers: Registers): void {
  const low = nvmWord(registers, nic.NVM_ETHERNET_ADDRESS) | (nvmWord(registers, nic.NVM_ETHERNET_ADDRESS + 1) << 16);
  registers.write(nic.RAL, low);
  registers.write(nic.RAH, nvmWord(registers, nic.NVM_ETHERNET_ADDRESS + 2) | nic.RAH_AV.mask);
}

function nvmWord(registers: Registers, word: number): number {
  registers.write(nic.EERD, set(nic.EERD_START.mask, nic.EERD_ADDR, word));
  return get(awaitBit(registers, nic.EERD, nic.EERD_DONE.mask, 'an NVM read'), nic.EERD_DATA);
}

/** §4.6.2 and §4.6.3: the link comes up by itself; flow control stays off. */
export function bringLinkUp(registers: Registers): void {
  const off = nic.CTRL_RST.mask | nic.CTRL_PHY_RST.mask | nic.CTRL_RFCE.mask | nic.CTRL_TFCE.mask | nic.CTRL_VME.mask;
  registers.write(nic.CTRL, (registers.read(nic.CTRL) & ~off) | nic.CTRL_SLU.mask);
}

export const isLinkUp = (registers: Registers): boolean => has(registers.read(nic.STATUS), nic.STATUS_LU);

/** §4.6.6 "Transmit Initialization". The ring is one page, where the device reaches it. */
export function startTransmitter(registers: Registers, ringPage: number): void {
  registers.write(nic.TDBAL, ringPage << PAGE_SHIFT);
  registers.write(nic.TDBAH, ringPage >>> (32 - PAGE_SHIFT));
  registers.write(nic.TDLEN, RING_SIZE_BYTES);
  registers.write(nic.TDH, 0);
  registers.write(nic.TDT, 0);
  const collisions = set(set(0, nic.TCTL_CT, COLLISION_THRESHOLD), nic.TCTL_COLD, COLLISION_DISTANCE);
  registers.write(nic.TCTL, nic.TCTL_EN.mask | nic.TCTL_PSP.mask | collisions);
}

/**
 * §4.6.5 "Receive Initialization": our own address and broadcasts, 2048-byte buffers, without FCS. Heads and tails are 0
 * since the reset. Detection of acknowledgements is switched off: it would raise OTHER for nearly every frame of TCP.
 */
export function startReceiver(registers: Registers, ringPage: number): void {
  for (let i = 0; i < nic.MTA_COUNT; i++) registers.write(nic.MTA + i * 4, 0);
  registers.write(nic.RDBAL, ringPage << PAGE_SHIFT);
  registers.write(nic.RDBAH, ringPage >>> (32 - PAGE_SHIFT));
  registers.write(nic.RDLEN, RING_SIZE_BYTES);
  registers.write(nic.RDH, 0);
  registers.write(nic.RDT, 0);
  registers.write(nic.RFCTL, nic.RFCTL_ACK_DIS.mask);
  const accept = nic.RCTL_EN.mask | nic.RCTL_BAM.mask | nic.RCTL_SECRC.mask;
  registers.write(nic.RCTL, set(accept, nic.RCTL_BSIZE, nic.RCTL_BSIZE_2048));
}

/**
 * §7.4 "Interrupts": both rings on one vector, everything else on another. The rings' causes clear and mask themselves
 * when their message is sent (EIAC), so that a handler does not read ICR.
 */
export function startInterrupts(registers: Registers, intervalUs: number): void {
  const routed = nic.IVAR_RXQ0_VALID.mask | nic.IVAR_TXQ0_VALID.mask | nic.IVAR_OTHER_VALID.mask;
  const rings = set(set(routed, nic.IVAR_RXQ0, RINGS_VECTOR), nic.IVAR_TXQ0, RINGS_VECTOR);
  registers.write(nic.IVAR, set(rings, nic.IVAR_OTHER, OTHER_VECTOR));
  registers.write(nic.CTRL_EXT, registers.read(nic.CTRL_EXT) | nic.CTRL_EXT_PBA_CLR.mask | nic.CTRL_EXT_DRV_LOAD.mask);
  registers.write(nic.EITR + RINGS_VECTOR * 4, intervalOf(intervalUs));
  registers.write(nic.EITR + OTHER_VECTOR * 4, intervalOf(OTHER_INTERVAL_US));
  registers.write(nic.EIAC, RING_CAUSES);
  registers.write(nic.IMS, RING_CAUSES | LINK_CAUSES);
}

const intervalOf = (us: number): number => Math.min(Math.floor((us * 1000) / nic.ITR_UNIT_NS), nic.ITR_INTERVAL.mask);
