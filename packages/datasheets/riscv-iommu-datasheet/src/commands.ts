/**
 * Commands in the command queue. RISC-V IOMMU Architecture Specification 1.0, §3.1 "Command-Queue (CQ)".
 * A command is 16 bytes: words 0 and 1 are its first doubleword, words 2 and 3 its second.
 */
import { bit, bits, type Field } from '@bulkhead/bits';

export const COMMAND_SIZE_BYTES = 16;

/** §3.1, word 0 of every command. */
export const COMMAND_OPCODE: Field = bits(6, 0);
export const COMMAND_FUNC3: Field = bits(9, 7);

/** §3.1, table "IOMMU command opcodes". */
export const OPCODE_IOTINVAL = 1;
export const OPCODE_IOFENCE = 2;
export const OPCODE_IODIR = 3;
export const OPCODE_ATS = 4;

/** Values of `func3`, each in the section of its opcode below. */
export const IOTINVAL_VMA = 0;
export const IOTINVAL_GVMA = 1;
export const IOFENCE_C = 0;
export const IODIR_INVAL_DDT = 0;
export const IODIR_INVAL_PDT = 1;
export const ATS_INVAL = 0;
export const ATS_PRGR = 1;

/** §3.1.1 "IOMMU Page-Table cache invalidation commands". ADDR[63:12] stands at [61:10] of the second doubleword. */
export const IOTINVAL_0_AV: Field = bit(10);
export const IOTINVAL_0_RESERVED: Field = bit(11);
export const IOTINVAL_0_PSCID: Field = bits(31, 12);
export const IOTINVAL_1_PSCV: Field = bit(0); // 32
export const IOTINVAL_1_GV: Field = bit(1); // 33
export const IOTINVAL_1_GSCID: Field = bits(27, 12); // 59:44
export const IOTINVAL_1_RESERVED_LOW: Field = bits(11, 2); // 43:34
export const IOTINVAL_1_RESERVED_HIGH: Field = bits(31, 28); // 63:60
export const IOTINVAL_2_RESERVED: Field = bits(9, 0);
export const IOTINVAL_2_ADDR: Field = bits(31, 10);
export const IOTINVAL_3_ADDR: Field = bits(29, 0);
export const IOTINVAL_3_RESERVED: Field = bits(31, 30);

/** §3.1.2 "IOMMU Command-queue Fence commands". Word 1 is DATA; ADDR[63:2] stands at [61:0] of the second doubleword. */
export const IOFENCE_0_AV: Field = bit(10);
export const IOFENCE_0_WSI: Field = bit(11);
export const IOFENCE_0_PR: Field = bit(12);
export const IOFENCE_0_PW: Field = bit(13);
export const IOFENCE_0_RESERVED: Field = bits(31, 14);
export const IOFENCE_3_ADDR: Field = bits(29, 0);
export const IOFENCE_3_RESERVED: Field = bits(31, 30);

/** §3.1.3 "IOMMU directory cache invalidation commands". Words 2 and 3 are reserved. */
export const IODIR_0_RESERVED: Field = bits(11, 10);
export const IODIR_0_PID: Field = bits(31, 12);
export const IODIR_1_RESERVED_LOW: Field = bit(0); // 32
export const IODIR_1_DV: Field = bit(1); // 33
export const IODIR_1_RESERVED_HIGH: Field = bits(7, 2); // 39:34
export const IODIR_1_DID: Field = bits(31, 8); // 63:40

/** §3.1.4 "IOMMU PCIe ATS commands". Words 2 and 3 are the payload of the message. */
export const ATS_0_RESERVED: Field = bits(11, 10);
export const ATS_0_PID: Field = bits(31, 12);
export const ATS_1_PV: Field = bit(0); // 32
export const ATS_1_DSV: Field = bit(1); // 33
export const ATS_1_RESERVED: Field = bits(7, 2); // 39:34
export const ATS_1_RID: Field = bits(23, 8); // 55:40
export const ATS_1_DSEG: Field = bits(31, 24); // 63:56
