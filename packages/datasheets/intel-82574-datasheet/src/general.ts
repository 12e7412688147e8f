/** Fields of the general registers. Intel 82574 Datasheet revision 3.4 §10.2.2 "General Register Descriptions". */
import { bit, bits, type Field } from '@bulkhead/bits';

/** Device Control Register - CTRL. */
export const CTRL_FD: Field = bit(0); // full duplex
export const CTRL_GIO_MASTER_DISABLE: Field = bit(2);
export const CTRL_LRST: Field = bit(3);
export const CTRL_ASDE: Field = bit(5); // auto-speed detection
export const CTRL_SLU: Field = bit(6); // set link up
export const CTRL_SPEED: Field = bits(9, 8);
export const CTRL_FRCSPD: Field = bit(11);
export const CTRL_FRCDPLX: Field = bit(12);
export const CTRL_ADVD3WUC: Field = bit(20);
export const CTRL_RST: Field = bit(26); // self-clearing: everything but configuration space
export const CTRL_RFCE: Field = bit(27); // receive flow control
export const CTRL_TFCE: Field = bit(28);
export const CTRL_VME: Field = bit(30); // VLAN mode
export const CTRL_PHY_RST: Field = bit(31);

/** Device Status Register - STATUS. */
export const STATUS_FD: Field = bit(0);
export const STATUS_LU: Field = bit(1); // link up
export const STATUS_TXOFF: Field = bit(4); // transmission is paused
export const STATUS_SPEED: Field = bits(7, 6);
export const STATUS_SPEED_10 = 0;
export const STATUS_SPEED_100 = 1;
export const STATUS_SPEED_1000 = 2;
export const STATUS_ASDV: Field = bits(9, 8);
export const STATUS_PHYRA: Field = bit(10); // PHY reset asserted
export const STATUS_GIO_MASTER_ENABLE: Field = bit(19);

/** Extended Device Control Register - CTRL_EXT. */
export const CTRL_EXT_ASDCHK: Field = bit(12);
export const CTRL_EXT_EE_RST: Field = bit(13);
export const CTRL_EXT_SPD_BYPS: Field = bit(15);
export const CTRL_EXT_EIAME: Field = bit(24); // extended interrupt auto mask enable
export const CTRL_EXT_IAME: Field = bit(27); // interrupt acknowledge auto-mask enable
export const CTRL_EXT_DRV_LOAD: Field = bit(28);
export const CTRL_EXT_INT_TIMERS_CLEAR_ENA: Field = bit(29);
export const CTRL_EXT_PBA_CLR: Field = bit(31);

/** MDI Control Register - MDIC. */
export const MDIC_DATA: Field = bits(15, 0);
export const MDIC_REGADD: Field = bits(20, 16);
export const MDIC_PHYADD: Field = bits(25, 21);
export const MDIC_OP: Field = bits(27, 26);
export const MDIC_OP_WRITE = 1;
export const MDIC_OP_READ = 2;
export const MDIC_READY: Field = bit(28);
export const MDIC_INTERRUPT_ENABLE: Field = bit(29);
export const MDIC_ERROR: Field = bit(30);
export const PHY_ADDRESS = 1;

/** EEPROM Read Register - EERD. */
export const EERD_START: Field = bit(0);
export const EERD_DONE: Field = bit(1);
export const EERD_ADDR: Field = bits(15, 2); // word address
export const EERD_DATA: Field = bits(31, 16);

/** EEPROM Write Register - EEWR: laid out as EERD. */
export const EEWR_START: Field = bit(0);
export const EEWR_DONE: Field = bit(1);
export const EEWR_ADDR: Field = bits(15, 2);
export const EEWR_DATA: Field = bits(31, 16);

/** EEPROM/Flash Control Register - EECD: bits 3:0 are the wires of the serial EEPROM. */
export const EECD_SK: Field = bit(0); // clock
export const EECD_CS: Field = bit(1); // chip select, the level of the pin: low selects an SPI EEPROM
export const EECD_DI: Field = bit(2); // to the EEPROM
export const EECD_DO: Field = bit(3); // from it, RO
export const EECD_FWE: Field = bits(5, 4);
export const EECD_REQ: Field = bit(6); // software asks for the wires
export const EECD_GNT: Field = bit(7); // and has them, RO
export const EECD_AUTO_RD: Field = bit(9); // the automatic load has ended
export const EECD_EE_PRES: Field = bit(8); // an EEPROM is present

/** Packet Buffer Allocation - PBA: KiB of the 40 KiB buffer. */
export const PBA_RXA: Field = bits(15, 0);
export const PACKET_BUFFER_KIB = 40;
export const PBA_TXA: Field = bits(31, 16);

/** Software Semaphore - SWSM. */
export const SWSM_SMBI: Field = bit(0);
export const SWSM_SWESMBI: Field = bit(1);
