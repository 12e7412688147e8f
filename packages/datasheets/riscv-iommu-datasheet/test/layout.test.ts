import { describe, expect, it } from 'vitest';
import * as sheet from '../src/index.ts';

const words = (pattern: RegExp): number =>
  Object.entries(sheet)
    .filter(([name]) => pattern.test(name))
    .reduce((all, [, field]) => {
      const mask = (field as { mask: number }).mask;
      expect(all & mask, 'fields of one word do not overlap').toBe(0);
      return all | mask;
    }, 0);

describe('Command formats (RISC-V IOMMU 1.0 §3.1)', () => {
  it('every bit of word 0 is named once: opcode, function and operands', () => {
    const head = sheet.COMMAND_OPCODE.mask | sheet.COMMAND_FUNC3.mask;
    expect(words(/^IOTINVAL_0_/) | head).toBe(-1);
    expect(words(/^IOFENCE_0_/) | head).toBe(-1);
    expect(words(/^IODIR_0_/) | head).toBe(-1);
  });
  it('every bit of the other words is named once', () => {
    expect(words(/^IOTINVAL_1_/)).toBe(-1);
    expect(words(/^IOTINVAL_2_/)).toBe(-1);
    expect(words(/^IOTINVAL_3_/)).toBe(-1);
    expect(words(/^IOFENCE_3_/)).toBe(-1);
    expect(words(/^IODIR_1_/)).toBe(-1);
  });
});

describe('Fault record (RISC-V IOMMU 1.0 §3.2)', () => {
  it('every bit of words 0 and 1 is named once', () => {
    expect(words(/^FAULT_0_/)).toBe(-1);
    expect(words(/^FAULT_1_/)).toBe(-1);
  });
});

describe('Page-request record (RISC-V IOMMU 1.0 §3.3) and ATS commands (§3.1.4)', () => {
  it('every bit of the words with fields is named once', () => {
    expect(words(/^PAGE_REQUEST_0_/)).toBe(-1);
    expect(words(/^PAGE_REQUEST_1_/)).toBe(-1);
    expect(words(/^PAGE_REQUEST_PAYLOAD_/)).toBe(-1);
    expect(words(/^ATS_0_/) | sheet.COMMAND_OPCODE.mask | sheet.COMMAND_FUNC3.mask).toBe(-1);
    expect(words(/^ATS_1_/)).toBe(-1);
  });
});

describe('MSI page-table entry (RISC-V AIA 1.0, chapter 8)', () => {
  it('every bit of the words with fields is named once, in both modes', () => {
    const head = sheet.MSIPTE_0_V.mask | sheet.MSIPTE_0_M.mask;
    expect(words(/^MSIPTE_BASIC_0_/) | head).toBe(-1);
    expect(words(/^MSIPTE_BASIC_1_/) | sheet.MSIPTE_1_C.mask).toBe(-1);
    expect(words(/^MSIPTE_MRIF_0_/) | head).toBe(-1);
    expect(words(/^MSIPTE_MRIF_1_/) | sheet.MSIPTE_1_C.mask).toBe(-1);
    expect(words(/^MSIPTE_MRIF_2_/)).toBe(-1);
    expect(words(/^MSIPTE_MRIF_3_/)).toBe(-1);
  });
  it('a memory-resident interrupt file has a pending and an enable bit for each identity', () => {
    expect((sheet.MRIF_SIZE_BYTES * 8) / 2).toBe(sheet.MRIF_IDENTITIES);
    expect((sheet.MRIF_IDENTITIES / 64) * sheet.MRIF_PAIR_SIZE_BYTES).toBe(sheet.MRIF_SIZE_BYTES);
  });
});

describe('Process directory (RISC-V IOMMU 1.0 §2.2)', () => {
  it('the directory indices cut all 20 bits of a process_id, and a leaf page is filled by contexts', () => {
    expect(words(/^PDI\d$/)).toBe(0xfffff);
    expect((sheet.PDI0.mask + 1) * sheet.PC_SIZE_BYTES).toBe(4096);
    expect(words(/^PC_TA_/)).toBe(-1);
  });
});

describe('Device directory (RISC-V IOMMU 1.0 §2.1, §2.3)', () => {
  it('the directory indices cut all 24 bits of a device_id, in both formats', () => {
    expect(words(/^DDI\d_BASE$/)).toBe(0xffffff);
    expect(words(/^DDI\d_EXTENDED$/)).toBe(0xffffff);
  });
  it('a leaf page is filled by the contexts that DDI[0] can name', () => {
    expect((sheet.DDI0_BASE.mask + 1) * sheet.DC_BASE_SIZE_BYTES).toBe(4096);
    expect((sheet.DDI0_EXTENDED.mask + 1) * sheet.DC_EXTENDED_SIZE_BYTES).toBe(4096);
  });
  it('every bit of iohgatp and iosatp above the low word is named once', () => {
    expect(words(/^IOHGATP_HI_/)).toBe(-1);
    expect(words(/^IOSATP_HI_/)).toBe(-1);
    expect(words(/^MSIPTP_HI_/)).toBe(-1);
    expect(words(/^MSI_ADDR_HI_(PAGE|RESERVED)$/)).toBe(-1);
  });
});

describe('Register layout (RISC-V IOMMU 1.0 §5.1)', () => {
  it('the MSI configuration table has 256 bytes and ends before the reserved half page', () => {
    expect(sheet.MSI_ENTRIES * sheet.MSI_ENTRY_SIZE_BYTES).toBe(256);
    expect(sheet.MSI_CFG_TBL + 256).toBe(1024);
  });
  it('31 event counters and their selectors follow each other', () => {
    expect(sheet.IOHPMCTR_1 + 31 * 8).toBe(sheet.IOHPMEVT_1);
    expect(sheet.IOHPMEVT_1 + 31 * 8).toBe(sheet.TR_REQ_IOVA);
  });
});
