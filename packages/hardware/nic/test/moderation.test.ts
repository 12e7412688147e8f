import * as reg from '@bulkhead/intel-82574-datasheet';
import * as pci from '@bulkhead/pci-datasheet';
import { describe, expect, it } from 'vitest';
import { Bench, BUFFERS, ECAM, frameTo, MAC } from './bench.ts';
import { FLOW4, packet } from './internet.ts';

const UNIT = reg.DELAY_UNIT_NS;
const RXT0 = reg.ICR_RXT0.mask;
const TXDW = reg.ICR_TXDW.mask;
const RS = reg.TDESC_CMD_EOP.mask | reg.TDESC_CMD_IFCS.mask | reg.TDESC_CMD_RS.mask;
const IDE = RS | reg.TDESC_CMD_IDE.mask;

/** When each of the causes was first seen, polled every microsecond by ICR. */
function watch(bench: Bench, causes: number, ns: number): number[] {
  const seen: number[] = [];
  for (let at = 0; at < ns; at += 1000) {
    bench.run(1000);
    if ((bench.read(reg.ICR) & causes) !== 0) seen.push(bench.clock.now);
  }
  return seen;
}
const receive = (bench: Bench, lenBytes = 60): void => bench.nic.receive(frameTo(MAC, lenBytes), lenBytes);

describe('82574 receive timers (datasheet 3.4 §7.1.9)', () => {
  it('RDTR delays RXT0 until no packet has come for so long', () => {
    const bench = new Bench();
    bench.write(reg.RDTR, 20);
    bench.startReceive();
    receive(bench);
    bench.run(10_000);
    receive(bench);
    const seen = watch(bench, RXT0, 60_000);
    expect(seen.length).toBe(1);
    expect(Math.abs(seen[0]! - (10_000 + 20 * UNIT + 800))).toBeLessThan(1000);
  });
  it('RADV bounds the delay from the first packet on', () => {
    const bench = new Bench();
    bench.write(reg.RDTR, 20);
    bench.write(reg.RADV, 30);
    bench.startReceive(64);
    receive(bench);
    const seen: number[] = [];
    for (let i = 0; i < 10; i++) {
      bench.run(5000);
      if ((bench.read(reg.ICR) & RXT0) !== 0) seen.push(bench.clock.now);
      receive(bench);
    }
    expect(seen).toEqual([35_000]);
  });
  it('RDTR.FPD ends the wait, and does nothing while nothing waits', () => {
    const bench = new Bench();
    bench.startReceive();
    bench.write(reg.RDTR, 1000 | reg.DELAY_FPD.mask);
    expect(bench.read(reg.ICR) & RXT0).toBe(0);
    receive(bench);
    bench.run(3000);
    expect(bench.read(reg.ICR) & RXT0).toBe(0);
    bench.write(reg.RDTR, 1000 | reg.DELAY_FPD.mask);
    expect(bench.read(reg.ICR) & RXT0).toBe(RXT0);
    expect(bench.read(reg.RDTR)).toBe(1000);
  });
  it('another interrupt takes what waits with it, and nothing is told twice', () => {
    const bench = new Bench();
    bench.write(reg.RDTR, 20);
    bench.startReceive();
    receive(bench);
    bench.run(3000);
    bench.write(reg.IMS, reg.ICR_LSC.mask);
    bench.write(reg.ICS, reg.ICR_MDAC.mask);
    expect(bench.read(reg.ICR)).toBe(reg.ICR_MDAC.mask);
    bench.nic.setLink(false);
    expect(bench.read(reg.ICR) & ~reg.ICR_INT_ASSERTED.mask).toBe(RXT0 | reg.ICR_LSC.mask);
    expect(watch(bench, RXT0, 40_000)).toEqual([]);
  });
  it('SRPD: a packet of RSRPD bytes with FCS, or fewer, is told at once', () => {
    const bench = new Bench();
    bench.write(reg.RDTR, 0xffff);
    bench.write(reg.RSRPD, 100);
    bench.startReceive();
    receive(bench, 97);
    bench.run(5000);
    expect(bench.read(reg.ICR)).toBe(0);
    receive(bench, 96);
    bench.run(5000);
    expect(bench.read(reg.ICR)).toBe(RXT0 | reg.ICR_SRPD.mask);
  });
  it('ACK: an acknowledgement is told at once, or after RAID', () => {
    const { bytes } = packet(FLOW4, []);
    const bench = new Bench();
    bench.startReceive();
    bench.nic.receive(Uint8Array.from(bytes), bytes.length);
    bench.run(3000);
    expect(bench.read(reg.ICR) & reg.ICR_ACK.mask).not.toBe(0);
    bench.write(reg.RAID, 20);
    bench.write(reg.RDTR, 0xffff);
    bench.nic.receive(Uint8Array.from(bytes), bytes.length);
    expect(watch(bench, reg.ICR_ACK.mask, 60_000).map((at) => Math.round((at - 3000) / UNIT))).toEqual([21]);
  });
});

describe('82574 transmit timers and write-back (datasheet 3.4 §7.2.4)', () => {
  function send(bench: Bench, commands: readonly number[], from = 0): void {
    commands.forEach((command, i) => {
      bench.transmitDescriptor(from + i, BUFFERS, 60, command);
    });
    bench.write(reg.TDT, from + commands.length);
  }
  const done = (bench: Bench, count: number): number[] =>
    Array.from({ length: count }, (_, i) => bench.transmitStatus(i) & 1);

  it('IDE delays TXDW by TIDV; the status is written at once', () => {
    const bench = new Bench();
    bench.write(reg.TIDV, 20);
    bench.startTransmit();
    send(bench, [IDE]);
    bench.run(4000);
    expect([bench.read(reg.ICR) & TXDW, ...done(bench, 1)]).toEqual([0, 1]);
    expect(watch(bench, TXDW, 60_000).map((at) => Math.round((at - 1420) / UNIT))).toEqual([20]);
  });
  it('TADV bounds it; a descriptor without IDE ends it at once', () => {
    const bench = new Bench();
    bench.write(reg.TIDV, 20);
    bench.write(reg.TADV, 30);
    bench.startTransmit(64);
    const seen: number[] = [];
    for (let i = 0; i < 10; i++) {
      send(bench, [IDE], i);
      bench.run(5000);
      if ((bench.read(reg.ICR) & TXDW) !== 0) seen.push(bench.clock.now);
    }
    expect(seen).toEqual([35_000]);
    send(bench, [IDE, RS], 10);
    bench.run(4000);
    expect(bench.read(reg.ICR) & TXDW).toBe(TXDW);
  });
  it('WTHRESH holds back the status of delayed descriptors, from the first with RS on, until there are so many', () => {
    const bench = new Bench();
    bench.write(reg.TIDV, 1000);
    bench.write(reg.TXDCTL, (3 << reg.TXDCTL_WTHRESH.shift) | reg.TXDCTL_GRAN.mask);
    bench.startTransmit(16);
    const plain = reg.TDESC_CMD_EOP.mask | reg.TDESC_CMD_IFCS.mask;
    send(bench, [plain, IDE, plain]);
    bench.run(10_000);
    expect(done(bench, 3)).toEqual([0, 0, 0]);
    send(bench, [IDE], 3);
    bench.run(10_000);
    expect(done(bench, 4)).toEqual([0, 1, 1, 1]);
  });
  it('TIDV.FPD, and the timer, write back what was held', () => {
    const bench = new Bench();
    bench.write(reg.TIDV, 100);
    bench.write(reg.TXDCTL, 2 << reg.TXDCTL_WTHRESH.shift);
    bench.startTransmit(16);
    send(bench, [IDE]);
    bench.run(10_000);
    bench.write(reg.TIDV, 100 | reg.DELAY_FPD.mask);
    expect([...done(bench, 1), bench.read(reg.ICR) & TXDW]).toEqual([1, TXDW]);
    send(bench, [IDE], 1);
    bench.run(110 * UNIT);
    expect(done(bench, 2)).toEqual([1, 1]);
  });
  it('TXD_LOW: the descriptors have come down to eight times LWTHRESH', () => {
    const bench = new Bench();
    bench.write(reg.TXDCTL, 1 << reg.TXDCTL_LWTHRESH.shift);
    bench.startTransmit(32);
    const low = reg.ICR_TXD_LOW.mask;
    send(bench, new Array(20).fill(RS));
    const seen = watch(bench, low, 40_000);
    expect(seen.length).toBe(1);
  });
});

describe('82574 without MSI-X (datasheet 3.4 §7.4)', () => {
  const status = (bench: Bench): boolean =>
    (bench.bus.read(ECAM + pci.STATUS, 2) & pci.STATUS_INTERRUPT_STATUS.mask) !== 0;
  const enableMsi = (bench: Bench): void => {
    const at = ECAM + reg.CAPABILITY_MSI_OFFSET;
    bench.bus.write(at + pci.MSI_MESSAGE_ADDRESS, 4, 0xfee0_0000);
    bench.bus.write(at + pci.MSI_MESSAGE_DATA_64, 2, 0x77);
    bench.bus.write(at + pci.MSI_MESSAGE_CONTROL, 2, pci.MSI_CONTROL_ENABLE.mask);
  };

  it('INTx is asserted while an enabled cause is set', () => {
    const bench = new Bench();
    bench.write(reg.ICS, reg.ICR_LSC.mask);
    expect(status(bench)).toBe(false);
    bench.write(reg.IMS, reg.ICR_LSC.mask);
    expect(status(bench)).toBe(true);
    bench.read(reg.ICR);
    expect(status(bench)).toBe(false);
    bench.write(reg.ICS, reg.ICR_LSC.mask);
    expect(status(bench)).toBe(true);
    bench.write(reg.IMC, reg.ICR_LSC.mask);
    expect(status(bench)).toBe(false);
  });
  it('CTRL.RST deasserts INTx', () => {
    const bench = new Bench();
    bench.write(reg.IMS, reg.ICR_LSC.mask);
    bench.write(reg.ICS, reg.ICR_LSC.mask);
    bench.write(reg.CTRL, reg.CTRL_RST.mask);
    expect(status(bench)).toBe(false);
  });
  it('MSI sends one message for each newly asserted cause', () => {
    const bench = new Bench();
    enableMsi(bench);
    bench.write(reg.IMS, reg.ICR_LSC.mask | RXT0);
    bench.write(reg.ICS, reg.ICR_LSC.mask);
    bench.write(reg.ICS, reg.ICR_LSC.mask);
    bench.write(reg.ICS, RXT0);
    expect(bench.messages.map(({ data }) => data)).toEqual([0x77, 0x77]);
    expect(bench.read(reg.IAC)).toBe(2);
  });
  it('ITR holds the next interrupt back until its interval of 256 ns units ends', () => {
    const bench = new Bench();
    enableMsi(bench);
    bench.write(reg.ITR, 100);
    bench.write(reg.IMS, RXT0);
    bench.write(reg.ICS, RXT0);
    bench.read(reg.ICR);
    bench.run(1000);
    bench.write(reg.ICS, RXT0);
    bench.run();
    expect(bench.messages.map(({ at }) => at)).toEqual([0, 25_600]);
  });
});

describe('82574 MSI-X side conditions (datasheet 3.4 §10.2.4, CTRL_EXT)', () => {
  function withMsix(control: number): Bench {
    const bench = new Bench();
    bench.enableMsix();
    bench.write(reg.IVAR, 0x8 | 2);
    bench.write(reg.CTRL_EXT, control);
    return bench;
  }
  const RXQ0 = reg.ICR_RXQ0.mask;

  it('EIAME: a message masks what IAM names of its causes', () => {
    const bench = withMsix(reg.CTRL_EXT_EIAME.mask);
    bench.write(reg.IAM, RXQ0);
    bench.write(reg.IMS, RXQ0 | reg.ICR_LSC.mask);
    bench.write(reg.ICS, RXQ0);
    expect(bench.read(reg.IMS)).toBe(reg.ICR_LSC.mask);
  });
  it('PBA_CLR: enabling a cause clears the pending bit of its vector', () => {
    const bench = withMsix(reg.CTRL_EXT_PBA_CLR.mask);
    bench.writeMsix(2 * 16 + 12, 1);
    bench.write(reg.IMS, RXQ0);
    bench.write(reg.ICS, RXQ0);
    expect(bench.readMsix(reg.MSIX_PBA_OFFSET)).toBe(4);
    bench.write(reg.IMS, RXQ0);
    expect(bench.readMsix(reg.MSIX_PBA_OFFSET)).toBe(0);
  });
  it('INT_TIMERS_CLEAR_ENA: enabling every cause ends the intervals', () => {
    const bench = withMsix(reg.CTRL_EXT_INT_TIMERS_CLEAR_ENA.mask);
    bench.write(reg.EITR + 8, 0xffff);
    bench.write(reg.EIAC, RXQ0);
    for (let i = 0; i < 2; i++) {
      bench.write(reg.IMS, RXQ0);
      bench.write(reg.ICS, RXQ0);
    }
    expect(bench.messages.length).toBe(1);
    bench.write(reg.IMS, reg.ICR_CAUSES);
    expect(bench.messages.length).toBe(2);
  });
});
