import * as reg from '@bulkhead/intel-82574-datasheet';
import { describe, expect, it } from 'vitest';
import { Bench, frameTo, MAC } from './bench.ts';

const RXQ0 = reg.ICR_RXQ0.mask;
const OTHER = reg.ICR_OTHER.mask;
/** RXQ0 to vector 2, TXQ0 to vector 1, OTHER to vector 4. */
const ROUTES = 0x8 | 2 | ((0x8 | 1) << 8) | ((0x8 | 4) << 16);

function withMsix(): Bench {
  const bench = new Bench();
  bench.enableMsix();
  bench.write(reg.IVAR, ROUTES);
  return bench;
}
const data = (bench: Bench): number[] => bench.messages.map((message) => message.data);

describe('82574 interrupts (datasheet 3.4 §7.4)', () => {
  it('routes causes to vectors by IVAR', () => {
    const bench = withMsix();
    bench.write(reg.IMS, RXQ0 | reg.ICR_TXQ0.mask | OTHER);
    bench.write(reg.ICS, reg.ICR_TXQ0.mask);
    bench.write(reg.ICS, RXQ0);
    bench.write(reg.ICS, reg.ICR_LSC.mask);
    expect(data(bench)).toEqual([0x101, 0x102, 0x104]);
  });

  it('a cause without a valid route, or routed to no vector, sends nothing', () => {
    const bench = withMsix();
    bench.write(reg.IVAR, (0x7 << 4) | (0x8 | 7));
    bench.write(reg.IMS, reg.ICR_CAUSES);
    bench.write(reg.ICS, RXQ0 | reg.ICR_RXQ1.mask);
    expect(data(bench)).toEqual([]);
  });

  it('a masked cause is remembered in ICR and sent when IMS unmasks it', () => {
    const bench = withMsix();
    bench.write(reg.ICS, RXQ0);
    expect(data(bench)).toEqual([]);
    bench.write(reg.IMS, RXQ0);
    expect(data(bench)).toEqual([0x102]);
    bench.write(reg.IMC, RXQ0);
    expect(bench.read(reg.IMS)).toBe(0);
  });

  it('a cause that stays set sends one message; cleared, it sends again', () => {
    const bench = withMsix();
    bench.write(reg.IMS, RXQ0);
    bench.write(reg.ICS, RXQ0);
    bench.write(reg.ICS, RXQ0);
    expect(data(bench)).toEqual([0x102]);
    bench.write(reg.ICR, RXQ0);
    bench.write(reg.ICS, RXQ0);
    expect(data(bench)).toEqual([0x102, 0x102]);
  });

  it('EIAC clears the cause and its mask when the message is sent', () => {
    const bench = withMsix();
    bench.write(reg.EIAC, RXQ0);
    bench.write(reg.IMS, RXQ0 | OTHER);
    bench.write(reg.ICS, RXQ0);
    expect(data(bench)).toEqual([0x102]);
    expect(bench.read(reg.IMS)).toBe(OTHER);
    bench.write(reg.ICS, RXQ0);
    expect(data(bench)).toEqual([0x102]);
    bench.write(reg.IMS, RXQ0);
    expect(data(bench)).toEqual([0x102, 0x102]);
  });

  it('with CTRL_EXT.IAME, EIAC leaves the mask', () => {
    const bench = withMsix();
    bench.write(reg.CTRL_EXT, reg.CTRL_EXT_IAME.mask);
    bench.write(reg.EIAC, RXQ0);
    bench.write(reg.IMS, RXQ0);
    bench.write(reg.ICS, RXQ0);
    bench.write(reg.ICS, RXQ0);
    expect(data(bench)).toEqual([0x102, 0x102]);
  });

  it('a received frame and a sent one raise the causes of their queues', () => {
    const bench = withMsix();
    bench.write(reg.IMS, RXQ0 | reg.ICR_TXQ0.mask);
    bench.startReceive();
    bench.nic.receive(frameTo(MAC, 60), 60);
    bench.run();
    bench.startTransmit();
    bench.transmitDescriptor(0, 0x8000, 60, reg.TDESC_CMD_EOP.mask | reg.TDESC_CMD_RS.mask);
    bench.write(reg.TDT, 1);
    bench.run();
    expect(data(bench)).toEqual([0x102, 0x101]);
  });

  it('a change of the link raises LSC and with it OTHER', () => {
    const bench = withMsix();
    bench.write(reg.IMS, OTHER);
    bench.nic.setLink(false);
    expect(data(bench)).toEqual([0x104]);
    expect(bench.read(reg.ICR) & (reg.ICR_LSC.mask | OTHER)).toBe(reg.ICR_LSC.mask | OTHER);
    bench.nic.setLink(false);
    expect(data(bench)).toEqual([0x104]);
  });

  it('EITR holds the second message back until its interval of 256 ns units ends', () => {
    const bench = withMsix();
    bench.write(reg.EITR + 2 * 4, 100);
    bench.write(reg.EIAC, RXQ0);
    const fire = (): void => {
      bench.write(reg.IMS, RXQ0);
      bench.write(reg.ICS, RXQ0);
    };
    fire();
    bench.run(1000);
    fire();
    bench.run(1000);
    fire();
    expect(data(bench)).toEqual([0x102]);
    bench.run();
    expect(bench.messages.map((message) => message.at)).toEqual([0, 25_600]);
    fire();
    expect(data(bench).length).toBe(3);
  });

  it('a postponed message whose cause was cleared meanwhile is not sent', () => {
    const bench = withMsix();
    bench.write(reg.EITR + 2 * 4, 100);
    bench.write(reg.IMS, RXQ0);
    bench.write(reg.ICS, RXQ0);
    bench.write(reg.ICR, RXQ0);
    bench.write(reg.ICS, RXQ0);
    bench.write(reg.ICR, RXQ0);
    bench.run();
    expect(data(bench)).toEqual([0x102]);
  });

  it('a masked vector keeps one pending bit, and unmasking it sends one message', () => {
    const bench = withMsix();
    bench.writeMsix(2 * 16 + 12, 1);
    bench.write(reg.EIAC, RXQ0);
    for (let i = 0; i < 3; i++) {
      bench.write(reg.IMS, RXQ0);
      bench.write(reg.ICS, RXQ0);
    }
    expect(data(bench)).toEqual([]);
    expect(bench.readMsix(reg.MSIX_PBA_OFFSET)).toBe(1 << 2);
    bench.writeMsix(2 * 16 + 12, 0);
    expect(data(bench)).toEqual([0x102]);
    expect(bench.readMsix(reg.MSIX_PBA_OFFSET)).toBe(0);
  });

  it('PBACLR clears pending bits', () => {
    const bench = withMsix();
    bench.writeMsix(2 * 16 + 12, 1);
    bench.write(reg.IMS, RXQ0);
    bench.write(reg.ICS, RXQ0);
    bench.write(reg.PBACLR, 1 << 2);
    expect(bench.readMsix(reg.MSIX_PBA_OFFSET)).toBe(0);
  });

  it('a message that may not leave is counted and throws nothing', () => {
    const bench = withMsix();
    bench.command(2);
    bench.write(reg.IMS, RXQ0);
    bench.write(reg.ICS, RXQ0);
    expect(bench.nic.messageFaultCount).toBe(1);
  });
});

describe('82574 Interrupt Cause Read (datasheet 3.4 §7.4.3, §10.2.4)', () => {
  it('without MSI-X a read clears every cause, and shows whether one is asserted', () => {
    const bench = new Bench();
    bench.write(reg.IMS, reg.ICR_LSC.mask);
    bench.write(reg.ICS, reg.ICR_LSC.mask | reg.ICR_RXT0.mask);
    expect(bench.read(reg.ICR)).toBe((reg.ICR_INT_ASSERTED.mask | reg.ICR_LSC.mask | reg.ICR_RXT0.mask) >>> 0);
    expect(bench.read(reg.ICR)).toBe(0);
  });
  it('with MSI-X a read leaves causes that nobody enabled while others are', () => {
    const bench = withMsix();
    bench.write(reg.IMS, RXQ0);
    bench.write(reg.ICS, reg.ICR_TXQ0.mask);
    expect(bench.read(reg.ICR)).toBe(reg.ICR_TXQ0.mask);
    expect(bench.read(reg.ICR)).toBe(reg.ICR_TXQ0.mask);
  });
  it('a written 1 clears; OTHER clears what it stands for', () => {
    const bench = withMsix();
    bench.write(reg.IMS, RXQ0);
    bench.write(reg.ICS, reg.ICR_LSC.mask | reg.ICR_TXQ0.mask);
    bench.write(reg.ICR, OTHER);
    expect(bench.read(reg.ICR)).toBe(reg.ICR_TXQ0.mask);
  });
  it('with CTRL_EXT.IAME an acknowledgement masks what IAM names', () => {
    const bench = new Bench();
    bench.write(reg.CTRL_EXT, reg.CTRL_EXT_IAME.mask);
    bench.write(reg.IAM, reg.ICR_LSC.mask);
    bench.write(reg.IMS, reg.ICR_LSC.mask | reg.ICR_RXT0.mask);
    bench.write(reg.ICS, reg.ICR_LSC.mask);
    bench.read(reg.ICR);
    expect(bench.read(reg.IMS)).toBe(reg.ICR_RXT0.mask);
  });
});
