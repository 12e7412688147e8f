/**
 * The EEPROM: its words, and the registers that reach them. Intel 82574 Datasheet revision 3.4 §6.1 "EEPROM/NVM Map",
 * §10.2.2 "EEPROM Read Register - EERD", "EEPROM Write Register - EEWR", "EEPROM/Flash Control Register - EECD".
 *
 * CHOICE: accesses are complete at once, and what is written stays through every reset. Words beyond the EEPROM read as
 * erased and cannot be written.
 */
import { get, has } from '@bulkhead/bits';
import * as reg from '@bulkhead/intel-82574-datasheet';
import { SerialEeprom } from './serial-eeprom.ts';

const ERASED = 0xffff;
const WIRES = reg.EECD_SK.mask | reg.EECD_CS.mask | reg.EECD_DI.mask;

export class Nvm {
  readonly words: Uint16Array;
  readonly #serial: SerialEeprom;

  constructor(macAddress: Uint8Array) {
    this.words = createWords(macAddress);
    this.#serial = new SerialEeprom(this.words);
  }

  /** @returns EERD after a command was written to it. */
  read(command: number): number {
    const address = get(command, reg.EERD_ADDR);
    const data = address < this.words.length ? this.words[address]! : ERASED;
    return (data << reg.EERD_DATA.shift) | (command & reg.EERD_ADDR.mask) | reg.EERD_DONE.mask;
  }
  /** @returns EEWR after a command was written to it. */
  write(command: number): number {
    const address = get(command, reg.EEWR_ADDR);
    if (address < this.words.length) this.words[address] = get(command, reg.EEWR_DATA);
    return (command & ~reg.EEWR_START.mask) | reg.EEWR_DONE.mask;
  }
  /** @returns EECD after software drove its wires: whoever asks for them has them. */
  drive(current: number, written: number): number {
    const asks = has(written, reg.EECD_REQ);
    if (asks) this.#serial.drive(!has(written, reg.EECD_CS), has(written, reg.EECD_SK), has(written, reg.EECD_DI));
    const kept = current & (reg.EECD_EE_PRES.mask | reg.EECD_AUTO_RD.mask);
    const own = written & (WIRES | reg.EECD_FWE.mask | reg.EECD_REQ.mask);
    const out = asks && this.#serial.output ? reg.EECD_DO.mask : 0;
    return kept | own | out | (asks ? reg.EECD_GNT.mask : 0);
  }
}

/** @returns 64 words whose sum is 0xBABA, with the address in the first three. */
function createWords(macAddress: Uint8Array): Uint16Array {
  const words = new Uint16Array(reg.NVM_WORD_COUNT);
  for (let i = 0; i < 3; i++) {
    words[reg.NVM_ETHERNET_ADDRESS + i] = macAddress[2 * i]! | (macAddress[2 * i + 1]! << 8);
  }
  words[reg.NVM_SUBSYSTEM_VENDOR_ID] = reg.VENDOR_ID;
  words[reg.NVM_DEVICE_ID] = reg.DEVICE_ID;
  let sum = 0;
  for (let i = 0; i < reg.NVM_CHECKSUM; i++) sum += words[i]!;
  words[reg.NVM_CHECKSUM] = reg.NVM_CHECKSUM_SUM - sum;
  return words;
}
