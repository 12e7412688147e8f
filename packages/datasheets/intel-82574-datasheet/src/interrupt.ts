/** Fields of the interrupt registers. Intel 82574 Datasheet revision 3.4 §10.2.4 and §7.4 "Interrupts". */
import { bit, bits, type Field } from '@bulkhead/bits';

/** Interrupt causes: the same bits in ICR, ICS, IMS, IMC and, where they apply, IAM and EIAC. */
export const ICR_TXDW: Field = bit(0); // transmit descriptor written back
export const ICR_TXQE: Field = bit(1); // transmit queue empty
export const ICR_LSC: Field = bit(2); // link status change
export const ICR_RXSEQ: Field = bit(3);
export const ICR_RXDMT0: Field = bit(4); // receive descriptor minimum threshold reached
export const ICR_RXO: Field = bit(6); // receiver overrun
export const ICR_RXT0: Field = bit(7); // receiver timer
export const ICR_MDAC: Field = bit(9); // MDIO access complete
export const ICR_TXD_LOW: Field = bit(15);
export const ICR_SRPD: Field = bit(16); // small receive packet detected
export const ICR_ACK: Field = bit(17); // receive ACK frame detected
export const ICR_MNG: Field = bit(18);
export const ICR_RXQ0: Field = bit(20);
export const ICR_RXQ1: Field = bit(21);
export const ICR_TXQ0: Field = bit(22);
export const ICR_TXQ1: Field = bit(23);
export const ICR_OTHER: Field = bit(24); // any of LSC, RXO, MDAC, SRPD, ACK, MNG
export const ICR_INT_ASSERTED: Field = bit(31); // RO
/** The causes that OTHER stands for. */
export const ICR_OTHER_CAUSES = 0x0007_0244;
/** Every cause that software can set or mask. */
export const ICR_CAUSES = 0x01f7_82df;

/** Interrupt Vector Allocation Register - IVAR: a vector number and a valid bit a cause. */
export const IVAR_RXQ0: Field = bits(2, 0);
export const IVAR_RXQ0_VALID: Field = bit(3);
export const IVAR_RXQ1: Field = bits(6, 4);
export const IVAR_RXQ1_VALID: Field = bit(7);
export const IVAR_TXQ0: Field = bits(10, 8);
export const IVAR_TXQ0_VALID: Field = bit(11);
export const IVAR_TXQ1: Field = bits(14, 12);
export const IVAR_TXQ1_VALID: Field = bit(15);
export const IVAR_OTHER: Field = bits(18, 16);
export const IVAR_OTHER_VALID: Field = bit(19);
/** 1: a transmit interrupt at every write-back, even of a descriptor without RS. */
export const IVAR_INT_ON_ALL_WRITE_BACKS: Field = bit(31);

/** Causes that EIAC can clear when their MSI-X message is sent. */
export const EIAC_CAUSES: Field = bits(24, 20);

/** Interrupt Throttling - ITR, EITR. 0 switches moderation off. */
export const ITR_INTERVAL: Field = bits(15, 0);
export const ITR_UNIT_NS = 256;
/** RDTR, RADV, TIDV and TADV count in units of 1.024 µs. */
export const DELAY_UNIT_NS = 1024;
export const DELAY_VALUE: Field = bits(15, 0);
export const DELAY_FPD: Field = bit(31); // RDTR and TIDV: flush at once, self-clearing
