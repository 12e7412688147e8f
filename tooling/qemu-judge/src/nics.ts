/** The NICs of QEMU that are judges here. */
import { QemuMachine } from './machine.ts';
import { QemuFunction } from './pci-function.ts';

export const MAC: Uint8Array = Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x56);
const DEVICE = 3;
const MAILBOX = 0x8000;

const mac = Array.from(MAC, (byte) => byte.toString(16).padStart(2, '0')).join(':');
const start = async (device: string): Promise<QemuFunction> =>
  new QemuFunction(
    await QemuMachine.start({ devices: [`${device},id=nic,netdev=wire,addr=${DEVICE},romfile=,mac=${mac}`] }),
    DEVICE,
    MAILBOX,
  );

/** An Intel 82574L. */
export const startE1000e = (): Promise<QemuFunction> => start('e1000e');
/** A virtio 1.x network device. What it says of its way to memory: by the platform, as everybody's. */
export const startVirtioNet = (): Promise<QemuFunction> => start('virtio-net-pci,disable-legacy=on,iommu_platform=on');
/** The same with everything that our model tells of itself: MTU, speed and duplex. */
export const startVirtioNetWithLink = (): Promise<QemuFunction> =>
  start('virtio-net-pci,disable-legacy=on,iommu_platform=on,host_mtu=1500,speed=1000,duplex=full');
