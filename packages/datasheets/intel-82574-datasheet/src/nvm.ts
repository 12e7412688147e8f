/** NVM words. Intel 82574 Datasheet revision 3.4 §6.1 "EEPROM/NVM Map". Each word is 16 bits. */
export const NVM_ETHERNET_ADDRESS = 0x00; // words 0 … 2, low byte first
export const NVM_COMPATIBILITY = 0x03;
export const NVM_IMAGE_VERSION = 0x05;
export const NVM_PBA_NUMBER = 0x08;
export const NVM_INITIALIZATION_CONTROL_1 = 0x0a;
export const NVM_SUBSYSTEM_ID = 0x0b;
export const NVM_SUBSYSTEM_VENDOR_ID = 0x0c;
export const NVM_DEVICE_ID = 0x0d;
export const NVM_CHECKSUM = 0x3f;
export const NVM_WORD_COUNT = 0x40;
/** The sum of words 0x00 … 0x3f, modulo 2^16. */
export const NVM_CHECKSUM_SUM = 0xbaba;
