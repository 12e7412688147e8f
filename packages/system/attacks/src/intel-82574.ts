/** What a hostile driver has its Intel 82574L do. Intel 82574 GbE Controller Family Datasheet, revision 3.4, §7.1, §10.2. */
import * as nic from '@bulkhead/intel-82574-datasheet';
import type { Card } from './device.ts';
import type { Hands } from './turncoat.ts';

const PAGE_BYTES = 4096;
const ALL = 0xffffffff;
const EVERYTHING: number = nic.RCTL_BAM.mask | nic.RCTL_UPE.mask | nic.RCTL_MPE.mask;
/** The driver's rings: the transmit ring's page, then the receive ring's. */
const TRANSMIT_PAGE = 0;
const RECEIVE_RING = PAGE_BYTES;

export function write({ context: { memory }, registerPage }: Hands, register: number, value: number): void {
  memory.store32(registerPage + Math.floor(register / PAGE_BYTES), register % PAGE_BYTES, value);
}

/** A ring of its own: the device has these descriptors, and no others. */
function receiveAt(hands: Hands, addresses: readonly number[]): void {
  const { window } = hands.context.region(intel82574.region);
  write(hands, nic.IMC, ALL);
  write(hands, nic.RCTL, 0);
  write(hands, nic.RDH, 0);
  for (const [i, address] of addresses.entries()) {
    const at = RECEIVE_RING + i * nic.RDESC_SIZE_BYTES;
    window.store32(at + nic.RDESC_BUFFER_ADDRESS, address | 0);
    window.store32(at + nic.RDESC_BUFFER_ADDRESS_HIGH, Math.floor(address / 2 ** 32));
    window.store32(at + nic.RDESC_STATUS, 0);
  }
  write(hands, nic.RDT, addresses.length);
  write(hands, nic.RCTL, nic.RCTL_EN.mask | EVERYTHING | nic.RCTL_SECRC.mask);
}

export const intel82574: Card = {
  driver: 'nic-driver',
  region: 'rings',
  idlePage: TRANSMIT_PAGE,
  keptBytes: 0,
  receiveAt,
};
