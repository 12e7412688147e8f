import * as reg from '@bulkhead/intel-82574-datasheet';
import * as pci from '@bulkhead/pci-datasheet';
import { describe, expect, it } from 'vitest';
import { Bench, MAC } from './bench.ts';

const INITIAL: readonly (readonly [string, number, number])[] = [
  ['CTRL', reg.CTRL, reg.CTRL_INITIAL],
  ['STATUS', reg.STATUS, reg.STATUS_INITIAL],
  ['EECD', reg.EECD, reg.EECD_INITIAL],
  ['TIPG', reg.TIPG, reg.TIPG_INITIAL],
  ['TARC0', reg.TARC, reg.TARC_INITIAL],
  ['TARC1', reg.TARC + reg.QUEUE_STRIDE_BYTES, reg.TARC_INITIAL],
  ['RXDCTL0', reg.RXDCTL, reg.RXDCTL_INITIAL],
  ['RXCSUM', reg.RXCSUM, reg.RXCSUM_INITIAL],
  ['VET', reg.VET, reg.VET_INITIAL],
  ['RCTL', reg.RCTL, 0],
  ['TCTL', reg.TCTL, 0],
  ['RAL0', reg.RAL, 0x1200_5452],
  ['RAH0', reg.RAH, 0x8000_5634],
];

describe('82574 registers (datasheet 3.4 §10.2)', () => {
  it.each(INITIAL)('%s holds its initial value after reset, and again after CTRL.RST', (_name, offset, initial) => {
    const bench = new Bench();
    expect(bench.read(offset)).toBe(initial);
    bench.write(offset, 0xffff_ffff & ~reg.CTRL_RST.mask);
    bench.write(reg.CTRL, reg.CTRL_RST.mask);
    expect(bench.read(offset)).toBe(initial);
  });

  it('CTRL_DUP is CTRL', () => {
    const bench = new Bench();
    bench.write(reg.CTRL_DUP, 0x41);
    expect(bench.read(reg.CTRL)).toBe(0x41);
    expect(bench.read(reg.CTRL_DUP)).toBe(0x41);
  });

  it('a register that does not exist reads 0 and ignores writes', () => {
    const bench = new Bench();
    bench.write(0x1_f000, 0xffff_ffff);
    expect(bench.read(0x1_f000)).toBe(0);
  });

  it('registers are 32 bits wide (§10.1): a write that covers no whole register is ignored, a read gives its lanes', () => {
    const bench = new Bench();
    bench.write(reg.VET, 0x1234);
    for (const [offset, width] of [
      [0, 1],
      [0, 2],
      [1, 4],
      [2, 4],
      [3, 4],
    ] as const)
      bench.bus.memory.write(reg.VET + offset, width, 0xffff_ffff);
    expect([0, 1, 2].map((offset) => bench.bus.memory.read(reg.VET + offset, 4))).toEqual([0x1234, 0x12, 0]);
  });

  it('ring lengths are multiples of 128 bytes and bases of 16', () => {
    const bench = new Bench();
    bench.write(reg.RDLEN, 0xffff_ffff);
    bench.write(reg.TDBAL, 0xffff_ffff);
    expect(bench.read(reg.RDLEN)).toBe(0x000f_ff80);
    expect(bench.read(reg.TDBAL)).toBe(0xffff_fff0);
  });

  it('CTRL.RST leaves configuration space alone; function level reset does not', () => {
    const bench = new Bench();
    bench.write(reg.CTRL, reg.CTRL_RST.mask);
    expect(bench.nic.function.busMasterEnabled).toBe(true);
    const control = reg.CAPABILITY_PCI_EXPRESS_OFFSET + pci.DEVICE_CONTROL;
    bench.write(reg.RCTL, 2);
    bench.bus.write(0x8000 + control, 2, pci.DEVICE_CONTROL_INITIATE_FUNCTION_LEVEL_RESET.mask);
    expect(bench.nic.function.busMasterEnabled).toBe(false);
    expect(bench.read(reg.RCTL)).toBe(0xffff_ffff); // nobody claims the address any more
    expect(bench.bus.read(0x8000 + control, 2) & 0x8000).toBe(0);
  });

  it('STATUS.GIO_MASTER_ENABLE follows CTRL.GIO_MASTER_DISABLE', () => {
    const bench = new Bench();
    bench.write(reg.CTRL, reg.CTRL_INITIAL | reg.CTRL_GIO_MASTER_DISABLE.mask);
    expect(bench.read(reg.STATUS) & reg.STATUS_GIO_MASTER_ENABLE.mask).toBe(0);
  });

  it('transmission gets what PBA leaves of 40 KiB, and CTRL.RST keeps the division', () => {
    const bench = new Bench();
    expect(bench.read(reg.PBA)).toBe(reg.PBA_INITIAL);
    bench.write(reg.PBA, 26);
    expect(bench.read(reg.PBA)).toBe(26 | (14 << 16));
    bench.write(reg.CTRL, reg.CTRL_RST.mask);
    expect(bench.read(reg.PBA)).toBe(26 | (14 << 16));
  });

  it('the I/O BAR reaches the same registers through IOADDR and IODATA (§10.1)', () => {
    const bench = new Bench();
    bench.bus.write(0x8000 + pci.BAR2, 4, 0x1000);
    bench.command(7);
    bench.bus.io.write(0x1000 + reg.IOADDR, 4, reg.VET);
    expect(bench.bus.io.read(0x1000 + reg.IODATA, 4)).toBe(reg.VET_INITIAL);
    bench.bus.io.write(0x1000 + reg.IODATA, 4, 0x88a8);
    expect(bench.read(reg.VET)).toBe(0x88a8);
  });
});

describe('82574 EEPROM and PHY (datasheet 3.4 §6.1, §10.2.2)', () => {
  const word = (bench: Bench, address: number): number => {
    bench.write(reg.EERD, (address << reg.EERD_ADDR.shift) | reg.EERD_START.mask);
    const value = bench.read(reg.EERD);
    expect(value & reg.EERD_DONE.mask).not.toBe(0);
    return value >>> 16;
  };

  it('words 0 to 0x3F add up to 0xBABA, and the first three are the address', () => {
    const bench = new Bench();
    const words = Array.from({ length: reg.NVM_WORD_COUNT }, (_, i) => word(bench, i));
    expect(words.reduce((sum, value) => sum + value, 0) & 0xffff).toBe(reg.NVM_CHECKSUM_SUM);
    expect(words.slice(0, 3).flatMap((value) => [value & 0xff, value >>> 8])).toEqual([...MAC]);
  });

  it('EEWR writes a word, which every reset keeps and EE_RST loads', () => {
    const bench = new Bench();
    bench.write(reg.EEWR, (0x0302 << 16) | reg.EEWR_START.mask);
    expect(bench.read(reg.EEWR) & reg.EEWR_DONE.mask).not.toBe(0);
    expect(word(bench, 0)).toBe(0x0302);
    expect(bench.read(reg.RAL) & 0xffff).toBe(0x5452);
    bench.write(reg.CTRL_EXT, reg.CTRL_EXT_EE_RST.mask);
    expect(bench.read(reg.RAL) & 0xffff).toBe(0x0302);
    bench.write(reg.CTRL, reg.CTRL_RST.mask);
    expect(word(bench, 0)).toBe(0x0302);
  });
  it('EECD gives software the wires of the serial EEPROM (REQ, GNT), and READ shifts out its bytes', () => {
    const bench = new Bench();
    const { EECD_REQ, EECD_GNT, EECD_CS, EECD_SK, EECD_DI, EECD_DO } = reg;
    bench.write(reg.EECD, EECD_REQ.mask | EECD_CS.mask);
    expect(bench.read(reg.EECD) & EECD_GNT.mask).not.toBe(0);
    const clock = (bit: number): number => {
      const input = EECD_REQ.mask | (bit === 0 ? 0 : EECD_DI.mask);
      bench.write(reg.EECD, input);
      const out = bench.read(reg.EECD) & EECD_DO.mask;
      bench.write(reg.EECD, input | EECD_SK.mask);
      return out === 0 ? 0 : 1;
    };
    const shift = (byte: number): number =>
      [7, 6, 5, 4, 3, 2, 1, 0].reduce((value, n) => (value << 1) | clock((byte >> n) & 1), 0);
    bench.write(reg.EECD, EECD_REQ.mask);
    shift(0x03);
    shift(0);
    expect(Array.from({ length: 6 }, () => shift(0))).toEqual([...MAC]);
    bench.write(reg.EECD, 0);
    expect(bench.read(reg.EECD)).toBe(reg.EECD_INITIAL);
  });

  const mdic = (bench: Bench, op: number, address: number, data = 0, phy: number = reg.PHY_ADDRESS): number => {
    bench.write(reg.MDIC, data | (address << 16) | (phy << 21) | (op << 26));
    return bench.read(reg.MDIC);
  };

  it('MDIC reads the PHY identifiers and is ready', () => {
    const bench = new Bench();
    expect(mdic(bench, reg.MDIC_OP_READ, reg.PHY_IDENTIFIER_1) & 0x5000_ffff).toBe(0x1000_0141);
    expect(mdic(bench, reg.MDIC_OP_READ, reg.PHY_IDENTIFIER_2) & 0x5000_ffff).toBe(0x1000_0cb1);
  });
  it('MDIC writes can be read back, and a PHY that is not there is an error', () => {
    const bench = new Bench();
    mdic(bench, reg.MDIC_OP_WRITE, reg.PHY_AUTONEGOTIATION_ADVERTISEMENT, 0x01e1);
    expect(mdic(bench, reg.MDIC_OP_READ, reg.PHY_AUTONEGOTIATION_ADVERTISEMENT) & 0xffff).toBe(0x01e1);
    expect(mdic(bench, reg.MDIC_OP_READ, 0, 0, 7) & reg.MDIC_ERROR.mask).not.toBe(0);
  });
  it('the PHY tells the link, and STATUS.LU follows it and CTRL.SLU', () => {
    const bench = new Bench();
    bench.nic.setLink(false);
    expect(mdic(bench, reg.MDIC_OP_READ, reg.PHY_STATUS) & reg.PHY_STATUS_LINK.mask).toBe(0);
    expect(bench.read(reg.STATUS) & reg.STATUS_LU.mask).toBe(0);
    bench.nic.setLink(true);
    expect(bench.read(reg.STATUS) & reg.STATUS_LU.mask).not.toBe(0);
    bench.write(reg.CTRL, reg.CTRL_INITIAL & ~reg.CTRL_SLU.mask);
    expect(bench.read(reg.STATUS) & reg.STATUS_LU.mask).toBe(0);
  });
  it('PHY_RST resets the PHY alone and sets STATUS.PHYRA, which a written 0 clears; CTRL.RST keeps the PHY', () => {
    const bench = new Bench();
    mdic(bench, reg.MDIC_OP_WRITE, reg.PHY_AUTONEGOTIATION_ADVERTISEMENT, 0x01e1);
    bench.write(reg.VET, 0x88a8);
    bench.write(reg.CTRL, reg.CTRL_RST.mask);
    expect(mdic(bench, reg.MDIC_OP_READ, reg.PHY_AUTONEGOTIATION_ADVERTISEMENT) & 0xffff).toBe(0x01e1);
    bench.write(reg.VET, 0x88a8);
    bench.write(reg.CTRL, reg.CTRL_INITIAL | reg.CTRL_PHY_RST.mask);
    expect(mdic(bench, reg.MDIC_OP_READ, reg.PHY_AUTONEGOTIATION_ADVERTISEMENT) & 0xffff).toBe(0x0de1);
    expect([bench.read(reg.VET), bench.read(reg.STATUS) & reg.STATUS_PHYRA.mask]).toEqual([
      0x88a8,
      reg.STATUS_PHYRA.mask,
    ]);
    bench.write(reg.STATUS, 0);
    expect(bench.read(reg.STATUS)).toBe(reg.STATUS_INITIAL);
  });
  it.each(['RCTL.LBM of the transceiver', 'PHY register 0'])('loopback by %s', (by) => {
    const bench = new Bench();
    const isPhy = by.startsWith('PHY');
    bench.startReceive(8, reg.RCTL_UPE.mask | (isPhy ? 0 : reg.RCTL_LBM_PHY << reg.RCTL_LBM.shift));
    if (isPhy) mdic(bench, reg.MDIC_OP_WRITE, reg.PHY_CONTROL, reg.PHY_CONTROL_INITIAL | reg.PHY_CONTROL_LOOPBACK.mask);
    bench.startTransmit();
    bench.transmitDescriptor(0, 0x8000, 60, reg.TDESC_CMD_EOP.mask | reg.TDESC_CMD_IFCS.mask);
    bench.write(reg.TDT, 1);
    bench.run();
    expect([bench.sent.length, bench.read(reg.RDH)]).toEqual([0, 1]);
  });
});
