/** PHY registers, read through MDIC. IEEE 802.3-2018 §22.2.4 "Management functions"; Intel 82574 Datasheet §10.2.9. */
import { bit, bits, type Field } from '@bulkhead/bits';

export const PHY_CONTROL = 0; // RW
export const PHY_STATUS = 1; // RO, link status latches low
export const PHY_IDENTIFIER_1 = 2; // RO
export const PHY_IDENTIFIER_2 = 3; // RO
export const PHY_AUTONEGOTIATION_ADVERTISEMENT = 4; // RW
export const PHY_LINK_PARTNER_ABILITY = 5; // RO
export const PHY_AUTONEGOTIATION_EXPANSION = 6; // RO
export const PHY_1000BASE_T_CONTROL = 9; // RW
export const PHY_1000BASE_T_STATUS = 10; // RO
export const PHY_EXTENDED_STATUS = 15; // RO
export const PHY_SPECIFIC_STATUS = 17; // RO
export const PHY_REGISTER_COUNT = 32;

export const PHY_IDENTIFIER_1_VALUE = 0x0141;
export const PHY_IDENTIFIER_2_VALUE = 0x0cb1;

/** IEEE 802.3-2018 §22.2.4.1 "Control register (Register 0)". */
export const PHY_CONTROL_RESET: Field = bit(15); // self-clearing
export const PHY_CONTROL_LOOPBACK: Field = bit(14);
export const PHY_CONTROL_AUTONEGOTIATION_ENABLE: Field = bit(12);
export const PHY_CONTROL_RESTART_AUTONEGOTIATION: Field = bit(9); // self-clearing
export const PHY_CONTROL_DUPLEX: Field = bit(8);
export const PHY_CONTROL_SPEED_1000: Field = bit(6);
export const PHY_CONTROL_INITIAL = 0x1140;

/** §22.2.4.2 "Status register (Register 1)". */
export const PHY_STATUS_LINK: Field = bit(2);
export const PHY_STATUS_AUTONEGOTIATION_COMPLETE: Field = bit(5);
/** What the PHY can do: 10 and 100 Mb/s both ways, extended status, auto-negotiation, extended registers. */
export const PHY_STATUS_ABILITIES = 0x7949;
export const PHY_AUTONEGOTIATION_ADVERTISEMENT_INITIAL = 0x0de1;
export const PHY_LINK_PARTNER_ABILITY_1000 = 0x45e1; // acknowledged: every mode and flow control
export const PHY_1000BASE_T_CONTROL_INITIAL = 0x0e00;
export const PHY_1000BASE_T_STATUS_1000 = 0x7c00; // both receivers fine, the partner does 1000BASE-T
export const PHY_EXTENDED_STATUS_1000BASE_T = 0x3000;

/** Copper Specific Status Register: resolved once auto-negotiation is complete. */
export const PHY_SPECIFIC_STATUS_SPEED: Field = bits(15, 14); // 2: 1000 Mb/s
export const PHY_SPECIFIC_STATUS_DUPLEX: Field = bit(13);
export const PHY_SPECIFIC_STATUS_RESOLVED: Field = bit(11);
export const PHY_SPECIFIC_STATUS_LINK: Field = bit(10);
