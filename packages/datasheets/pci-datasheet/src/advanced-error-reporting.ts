/** Advanced error reporting. PCIe Base 5.0 §7.8.4 "Advanced Error Reporting Extended Capability". Offsets from its start. */
import { bit, bits, type Field } from '@bulkhead/bits';

export const UNCORRECTABLE_ERROR_STATUS = 0x04; // W1C, sticky, 32 bits
export const UNCORRECTABLE_ERROR_MASK = 0x08; // RW, sticky
export const UNCORRECTABLE_ERROR_SEVERITY = 0x0c; // RW, sticky
export const CORRECTABLE_ERROR_STATUS = 0x10; // W1C, sticky
export const CORRECTABLE_ERROR_MASK = 0x14; // RW, sticky
export const ERROR_CAPABILITIES_AND_CONTROL = 0x18; // RO and RW, sticky
export const HEADER_LOG = 0x1c; // RO, sticky, four dwords: the header's first byte stands highest
export const ROOT_ERROR_COMMAND = 0x2c; // RW, of root ports
export const ROOT_ERROR_STATUS = 0x30; // W1C, sticky
export const ERROR_SOURCE_IDENTIFICATION = 0x34; // RO, sticky, 16 bits each: correctable, then fatal and non-fatal
export const ERROR_REPORTING_SIZE_BYTES = 0x2c;
export const ROOT_ERROR_REPORTING_SIZE_BYTES = 0x38;
export const ERROR_REPORTING_VERSION = 1;

/** §7.8.4.2 "Uncorrectable Error Status Register"; mask and severity have the same layout. */
export const UNCORRECTABLE_DATA_LINK_PROTOCOL: Field = bit(4);
export const UNCORRECTABLE_SURPRISE_DOWN: Field = bit(5);
export const UNCORRECTABLE_POISONED: Field = bit(12);
export const UNCORRECTABLE_FLOW_CONTROL: Field = bit(13);
export const UNCORRECTABLE_COMPLETION_TIMEOUT: Field = bit(14);
export const UNCORRECTABLE_COMPLETER_ABORT: Field = bit(15);
export const UNCORRECTABLE_UNEXPECTED_COMPLETION: Field = bit(16);
export const UNCORRECTABLE_RECEIVER_OVERFLOW: Field = bit(17);
export const UNCORRECTABLE_MALFORMED: Field = bit(18);
export const UNCORRECTABLE_ECRC: Field = bit(19);
export const UNCORRECTABLE_UNSUPPORTED_REQUEST: Field = bit(20);
/** Those of the first revision of the capability, without surprise down, which is a downstream port's. */
export const UNCORRECTABLE_ERRORS: Field = { shift: 4, mask: 0x001ff010 };
/** Initial severity: what breaks the link is fatal. */
export const UNCORRECTABLE_SEVERITY_INITIAL = 0x00062010;

/** §7.8.4.5 "Correctable Error Status Register"; the mask has the same layout. */
export const CORRECTABLE_RECEIVER: Field = bit(0);
export const CORRECTABLE_ADVISORY_NON_FATAL: Field = bit(13);
export const CORRECTABLE_ERRORS: Field = { shift: 0, mask: 0x000031c1 };
/** Initial mask: advisory errors do not disturb software that does not know of them. */
export const CORRECTABLE_MASK_INITIAL = 0x00002000;

/** §7.8.4.7 "Advanced Error Capabilities and Control Register". */
export const FIRST_ERROR_POINTER: Field = bits(4, 0); // RO, valid while the status bit that it names is set

/** §7.8.4.9 "Root Error Command Register", §7.8.4.10 "Root Error Status Register". */
export const ROOT_ERROR_COMMAND_CORRECTABLE: Field = bit(0);
export const ROOT_ERROR_COMMAND_NON_FATAL: Field = bit(1);
export const ROOT_ERROR_COMMAND_FATAL: Field = bit(2);
export const ROOT_ERROR_CORRECTABLE_RECEIVED: Field = bit(0);
export const ROOT_ERROR_MULTIPLE_CORRECTABLE_RECEIVED: Field = bit(1);
export const ROOT_ERROR_UNCORRECTABLE_RECEIVED: Field = bit(2);
export const ROOT_ERROR_MULTIPLE_UNCORRECTABLE_RECEIVED: Field = bit(3);
export const ROOT_ERROR_FIRST_UNCORRECTABLE_FATAL: Field = bit(4);
export const ROOT_ERROR_NON_FATAL_RECEIVED: Field = bit(5);
export const ROOT_ERROR_FATAL_RECEIVED: Field = bit(6);
