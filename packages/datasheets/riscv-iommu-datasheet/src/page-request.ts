/**
 * Page requests and their answers. RISC-V IOMMU Architecture Specification 1.0, §3.3 "Page-Request-Queue (PQ)", §3.1.4
 * "IOMMU PCIe ATS commands"; the payloads are those of PCI Express Base, "Address Translation Services".
 */
import { bit, bits, type Field } from '@bulkhead/bits';

/** §3.3, "Page-request-queue record": words 0 and 1; words 2 and 3 are the payload. */
export const PAGE_REQUEST_SIZE_BYTES = 16;
export const PAGE_REQUEST_0_RESERVED: Field = bits(11, 0);
export const PAGE_REQUEST_0_PID: Field = bits(31, 12);
export const PAGE_REQUEST_1_PV: Field = bit(0); // 32
export const PAGE_REQUEST_1_PRIV: Field = bit(1); // 33
export const PAGE_REQUEST_1_EXEC: Field = bit(2); // 34
export const PAGE_REQUEST_1_RESERVED: Field = bits(7, 3); // 39:35
export const PAGE_REQUEST_1_DID: Field = bits(31, 8); // 63:40

/** §3.3, "PAYLOAD of a Page request message", low word; the high word is Page Address[63:32]. */
export const PAGE_REQUEST_PAYLOAD_R: Field = bit(0);
export const PAGE_REQUEST_PAYLOAD_W: Field = bit(1);
export const PAGE_REQUEST_PAYLOAD_L: Field = bit(2);
export const PAGE_REQUEST_PAYLOAD_PRGI: Field = bits(11, 3);
export const PAGE_REQUEST_PAYLOAD_ADDRESS: Field = bits(31, 12);

/** §3.1.4, "PAYLOAD of an ATS.PRGR command", high word; the low word is 0. */
export const PRGR_PAYLOAD_PRGI: Field = bits(8, 0); // 40:32
export const PRGR_PAYLOAD_RESPONSE: Field = bits(15, 12); // 47:44
export const PRGR_PAYLOAD_DESTINATION: Field = bits(31, 16); // 63:48
/** PCI Express Base, "Page Request Group Response Message", response codes (not checked against the document). */
export const PRGR_SUCCESS = 0;
export const PRGR_INVALID_REQUEST = 1;
export const PRGR_RESPONSE_FAILURE = 15;

/** PCI Express Base, message code of a Page Request message: what `iotval` holds for TTYP 9 (not checked). */
export const MESSAGE_CODE_PAGE_REQUEST = 4;
