/** What a hostile driver has its Intel 82574L do. Intel 82574 GbE Controller Family Datasheet, revision 3.4, §7.1, §10.2. */
import * as nic from '@bulkhead/intel-82574-datasheet';
import type { Hands, Turncoat } from './turncoat.ts';

const PAGE_BYTES = 4096;
const ALL = 0xffffffff;
const FRAME_BYTES = 60;
const EVERYTHING: number = nic.RCTL_BAM.mask | nic.RCTL_UPE.mask | nic.RCTL_MPE.mask;
const FLIGHT_NS = 100_000;
/** The driver's rings: the transmit ring's page, then the receive ring's. */
const RECEIVE_RING = PAGE_BYTES;

export function write({ context: { memory }, registerPage }: Hands, register: number, value: number): void {
  memory.store32(registerPage + Math.floor(register / PAGE_BYTES), register % PAGE_BYTES, value);
}

/** The device receives the next frames, whomever they are for, at these addresses. */
export function receiveAt(hands: Hands, addresses: readonly number[]): void {
  const { window } = hands.context.region('rings');
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

/** Every frame of the wire's begins with this word. */
export function sendFrames(turncoat: Turncoat, words: readonly number[]): void {
  const wire = turncoat.system.wires[0]!;
  for (const word of words) {
    const frame = new Uint8Array(FRAME_BYTES);
    new DataView(frame.buffer).setInt32(0, word, true);
    wire.transmit(frame, FRAME_BYTES);
    turncoat.run(FLIGHT_NS);
  }
}
