/** QEMU's Intel 82574L. */
import { QemuMachine } from './machine.ts';
import { QemuFunction } from './pci-function.ts';

export const MAC: Uint8Array = Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x56);
const DEVICE = 3;
const MAILBOX = 0x8000;

export async function startE1000e(): Promise<QemuFunction> {
  const mac = Array.from(MAC, (byte) => byte.toString(16).padStart(2, '0')).join(':');
  const device = `e1000e,id=nic,netdev=wire,addr=${DEVICE},romfile=,mac=${mac}`;
  return new QemuFunction(await QemuMachine.start({ devices: [device] }), DEVICE, MAILBOX);
}
