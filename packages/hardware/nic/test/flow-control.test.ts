import * as reg from '@bulkhead/intel-82574-datasheet';
import { describe, expect, it } from 'vitest';
import { Bench, BUFFERS, frameTo, MAC } from './bench.ts';

const MULTICAST = Uint8Array.of(0x01, 0x80, 0xc2, 0, 0, 1);
const SEND = reg.TDESC_CMD_EOP.mask | reg.TDESC_CMD_IFCS.mask;

function control(opcode: number, quanta: number, destination: Uint8Array = MULTICAST): Uint8Array {
  const frame = frameTo(destination, 60).fill(0, 12);
  frame.set([0x88, 0x08, opcode >> 8, opcode & 0xff, quanta >> 8, quanta & 0xff], 12);
  return frame;
}
/** The standard's address and type, and the directions that CTRL enables. */
function bench(directions: number = reg.CTRL_RFCE.mask | reg.CTRL_TFCE.mask): Bench {
  const made = new Bench();
  made.write(reg.FCAL, 0x00c2_8001);
  made.write(reg.FCAH, 0x0100);
  made.write(reg.FCT, 0x8808);
  made.write(reg.CTRL, reg.CTRL_INITIAL | directions);
  return made;
}
function send(made: Bench): void {
  made.startTransmit();
  made.transmitDescriptor(0, BUFFERS, 60, SEND);
  made.write(reg.TDT, 1);
}

describe('82574 reception of pause frames (datasheet 3.4 §6.2.6.1)', () => {
  it.each([
    ['the flow-control address', MULTICAST],
    ['its own address', MAC],
  ])('to %s: nothing is sent for so many times 512 bit times; STATUS.TXOFF tells', (_name, destination) => {
    const made = bench();
    made.startReceive(8, reg.RCTL_DPF.mask);
    made.nic.receive(control(1, 100, destination), 60);
    expect(made.read(reg.STATUS) & reg.STATUS_TXOFF.mask).not.toBe(0);
    send(made);
    made.run();
    expect(made.sent.map(({ at }) => at >= 100 * 512)).toEqual([true]);
    expect(made.sent[0]!.at).toBeLessThan(100 * 512 + 3000);
    expect(made.read(reg.STATUS) & reg.STATUS_TXOFF.mask).toBe(0);
    expect([made.read(reg.XOFFRXC), made.read(reg.XONRXC), made.read(reg.GPRC), made.read(reg.TPR)]).toEqual([
      1, 0, 0, 1,
    ]);
  });
  it('a count of 0 (XON) ends the pause', () => {
    const made = bench();
    made.startReceive(8, reg.RCTL_DPF.mask);
    made.nic.receive(control(1, 0xffff), 60);
    send(made);
    made.run(20_000);
    made.nic.receive(control(1, 0), 60);
    made.run(1000);
    expect([made.sent.length, made.read(reg.XONRXC)]).toEqual([0, 1]);
    made.run(2000);
    expect(made.sent.length).toBe(1);
  });
  it('without CTRL.RFCE, or of another type, they are ordinary frames', () => {
    const made = bench(0);
    made.startReceive(8);
    made.nic.receive(control(1, 0xffff, MAC), 60);
    made.run();
    expect([made.read(reg.RDH), made.read(reg.XOFFRXC)]).toEqual([1, 0]);
  });
  it('DPF keeps pause frames from software, PMCF lets other control frames through', () => {
    const made = bench();
    made.startReceive(8);
    made.nic.receive(control(1, 0, MAC), 60);
    made.nic.receive(control(2, 0, MULTICAST), 60);
    made.run();
    expect([made.read(reg.RDH), made.read(reg.FCRUC)]).toEqual([1, 1]);
    made.write(reg.RCTL, made.read(reg.RCTL) | reg.RCTL_DPF.mask | reg.RCTL_PMCF.mask);
    made.nic.receive(control(1, 0, MAC), 60);
    made.nic.receive(control(2, 0, MULTICAST), 60);
    made.run();
    expect([made.read(reg.RDH), made.read(reg.FCRUC)]).toEqual([2, 1]);
  });
});

describe('82574 transmission of pause frames (datasheet 3.4 §6.2.6.3)', () => {
  it('XOFF with FCTTV when the buffer fills up to FCRTH, XON when it has drained below FCRTL', () => {
    const made = bench();
    made.write(reg.FCRTH, 4000);
    made.write(reg.FCRTL, 2000 | reg.FCRTL_XONE.mask);
    made.write(reg.FCTTV, 0x1234);
    made.startReceive(8);
    made.write(reg.RDT, 0);
    for (let i = 0; i < 5; i++) made.nic.receive(frameTo(MAC, 1000), 1000);
    made.run();
    expect(made.sent.map(({ frame }) => [...frame])).toEqual([
      [...MULTICAST, ...MAC, 0x88, 0x08, 0, 1, 0x12, 0x34, ...new Array(42).fill(0)],
    ]);
    made.write(reg.RDT, 7);
    made.run();
    expect([...made.sent[1]!.frame.slice(12, 18)]).toEqual([0x88, 0x08, 0, 1, 0, 0]);
    expect([made.sent.length, made.read(reg.XOFFTXC), made.read(reg.XONTXC)]).toEqual([2, 1, 1]);
    expect([made.read(reg.GPTC), made.read(reg.TPT)]).toEqual([0, 2]);
  });
  it('TCTL.SWXOFF sends one, and clears itself; without CTRL.TFCE none is sent', () => {
    const made = bench();
    made.write(reg.TCTL, reg.TCTL_SWXOFF.mask);
    expect([made.sent.length, made.read(reg.TCTL)]).toEqual([1, 0]);
    const silent = bench(reg.CTRL_RFCE.mask);
    silent.write(reg.TCTL, reg.TCTL_SWXOFF.mask);
    expect(silent.sent.length).toBe(0);
  });
});
