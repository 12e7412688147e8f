/** The EEPROM's words. Intel 82574 Datasheet revision 3.4 §6.1 "EEPROM/NVM Map". */
import * as reg from '@bulkhead/intel-82574-datasheet';

/** @returns 64 words whose sum is 0xBABA, with the address in the first three. */
export function createNvm(macAddress: Uint8Array): Uint16Array {
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
