/**
 * The virtio network device over modern PCI: its structures in memory, and how its parts hang together. Virtio 1.2 §4.1
 * "Virtio Over PCI Bus", §5.1 "Network Device".
 *
 *     BAR 1                  BAR 4
 *     0x000  MSI-X table     0x0000  common configuration
 *     0x800  pending bits    0x1000  ISR
 *                            0x2000  device-specific configuration
 *                            0x3000  notifications, 4 bytes a queue
 *
 * CHOICE: the address of a notification says which queue is meant; the value is not looked at.
 * UNIMPLEMENTED: several queue pairs and receive-side scaling, packed rings, the legacy interface.
 */
import type { Clock } from '@bulkhead/clock';
import { type CapabilityOptions, PciFunction } from '@bulkhead/pci';
import * as pci from '@bulkhead/pci-datasheet';
import type { RegisterDevice, WidthBytes, WirePort } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import * as virtio from '@bulkhead/virtio-datasheet';
import { accessWindow } from './access-window.ts';
import { CommonConfiguration } from './common-configuration.ts';
import { Controller } from './control.ts';
import { ALL_FEATURES, Features } from './features.ts';
import { Interrupts } from './interrupts.ts';
import { NetConfiguration } from './net-configuration.ts';
import type { DeviceParts, NicStatistics } from './parts.ts';
import { Receiver } from './receive.ts';
import { ReceiveFilter } from './receive-filter.ts';
import { Timing, type TimingOptions } from './timing.ts';
import { Transmitter } from './transmit.ts';
import { Virtqueue } from './virtqueue.ts';

export interface VirtioNetOptions {
  readonly clock: Clock;
  /** Where frames leave; may be set later. */
  readonly wire?: WirePort;
  /** Six bytes. */
  readonly macAddress: Uint8Array;
  /** The largest Ethernet payload. @defaultValue 1500 */
  readonly mtuBytes?: number;
  /** Feature bits that the device offers, of those that it can. @defaultValue all of them */
  readonly features?: readonly number[];
  readonly options?: TimingOptions;
}

const NO_WIRE: WirePort = { transmit: () => {} };
const ETHERNET_CONTROLLER = 0x020000;
const QUEUES = [virtio.NET_RECEIVEQ, virtio.NET_TRANSMITQ, virtio.NET_CONTROLQ];
/** One for each queue, and one for the configuration. */
const VECTORS: number = QUEUES.length + 1;

const BAR_MSIX = 1;
const BAR_MSIX_SIZE_BYTES = 0x1000;
const PBA_OFFSET = 0x800;
const BAR_STRUCTURES = 4;
const BAR_STRUCTURES_SIZE_BYTES = 0x4000;
const STRUCTURE_SHIFT = 12;
const STRUCTURE_MASK = 0xfff;
const COMMON = 0;
const ISR = 1;
const DEVICE = 2;
const NOTIFY = 3;
const NOTIFY_MULTIPLIER = 4;

/** Where the capabilities stand; the structures' in the order of the list. */
const POWER_MANAGEMENT_AT = 0x40;
const EXPRESS_AT = 0x48;
const MSIX_AT = 0x84;
const COMMON_AT = 0x90;
const ISR_AT = 0xa0;
const DEVICE_AT = 0xb0;
const NOTIFY_AT = 0xc0;
const WINDOW_AT = 0xd4;

export class VirtioNet {
  readonly function: PciFunction;
  /** Totals since construction, for the machine's own accounts. */
  readonly statistics: NicStatistics;
  wire: WirePort;
  readonly #features: Features;
  readonly #configuration: NetConfiguration;
  readonly #interrupts: Interrupts;
  readonly #common: CommonConfiguration;
  readonly #queues: readonly Virtqueue[];
  readonly #filter: ReceiveFilter;
  readonly #receiver: Receiver;
  readonly #transmitter: Transmitter;
  readonly #controller: Controller;

  constructor({ clock, wire = NO_WIRE, macAddress, mtuBytes = 1500, features, options = {} }: VirtioNetOptions) {
    invariant(macAddress.length === 6, 'an Ethernet address has six bytes');
    invariant(mtuBytes >= 68 && mtuBytes <= 9216, 'the MTU is 68 to 9216 bytes');
    const timing = new Timing(clock, options);
    const { megabitsPerSecond } = timing;
    this.wire = wire;
    this.#features = new Features(offeredOf(features));
    this.#configuration = new NetConfiguration({ macAddress, mtuBytes, megabitsPerSecond });
    this.function = this.#createFunction();
    this.#interrupts = new Interrupts(this.function, VECTORS);
    this.statistics = { framesReceived: 0, framesTransmitted: 0, framesMissed: 0, dmaFaults: 0 };
    this.#queues = QUEUES.map((index) => new Virtqueue(index, this.function.dma, this.#features));
    this.#common = this.#createCommon();
    this.#filter = new ReceiveFilter(this.#features, this.#configuration.address);
    const parts = this.#createParts(clock, timing, mtuBytes);
    this.#receiver = new Receiver(parts, this.#queues[virtio.NET_RECEIVEQ]!, this.#filter);
    this.#transmitter = new Transmitter(parts, this.#queues[virtio.NET_TRANSMITQ]!);
    this.#controller = new Controller(parts, this.#queues[virtio.NET_CONTROLQ]!, this.#filter, {
      setAddress: (address) => this.#configuration.setAddress(address),
      acknowledgeAnnouncement: () => void this.#configuration.setStatus(virtio.NET_S_ANNOUNCE, false),
      setGuestOffloads: (offloads) => this.#setGuestOffloads(offloads),
    });
    this.reset();
  }

  /** How often the device came to need a reset. */
  get dmaFaultCount(): number {
    return this.statistics.dmaFaults;
  }
  /** Messages that were refused or faulted. */
  get messageFaultCount(): number {
    return this.#interrupts.faultCount;
  }

  /** What is to be seen from outside of the card's link. */
  get link(): NetConfiguration['link'] {
    return this.#configuration.link;
  }

  /** A frame arrives from the link. */
  receive(frame: Uint8Array, lenBytes: number): void {
    if (this.#configuration.isLinkUp) this.#receiver.arrive(frame, lenBytes);
  }

  /** The cable is plugged in or pulled out. */
  setLink(up: boolean): void {
    if (!this.#configuration.setStatus(virtio.NET_S_LINK_UP, up)) return;
    this.#notifyConfiguration();
    this.#transmitter.poke();
  }
  /** §5.1.6.5.4: asks a driver that agreed to it to tell the network where it is. */
  requestAnnouncement(): void {
    if (!this.#features.has(virtio.NET_F_GUEST_ANNOUNCE)) return;
    if (this.#configuration.setStatus(virtio.NET_S_ANNOUNCE, true)) this.#notifyConfiguration();
  }

  /** §2.4 "Device Reset": everything but configuration space and the link. What a status of 0 does. */
  reset(): void {
    this.#common.reset();
    this.#features.reset();
    this.#interrupts.reset();
    this.#configuration.reset();
    this.#filter.reset();
    for (const queue of this.#queues) queue.reset();
    this.#stop();
  }

  #stop(): void {
    this.#receiver.stop();
    this.#transmitter.stop();
    this.#controller.stop();
  }

  #createFunction(): PciFunction {
    const idle: RegisterDevice = { read: () => 0, write: () => {} };
    const structures: RegisterDevice = {
      read: (offset, widthBytes) => this.#read(offset, widthBytes),
      write: (offset, widthBytes, value) => this.#write(offset, widthBytes, value),
    };
    return new PciFunction({
      vendorId: virtio.VENDOR_ID,
      deviceId: virtio.DEVICE_ID_NETWORK,
      classCode: ETHERNET_CONTROLLER,
      revision: virtio.REVISION_ID,
      subsystem: { vendorId: virtio.VENDOR_ID, id: virtio.SUBSYSTEM_ID_MIN },
      interruptPin: pci.INTERRUPT_PIN_INTA,
      bars: [
        { index: BAR_MSIX, kind: 'mem32', sizeBytes: BAR_MSIX_SIZE_BYTES, device: idle },
        { index: BAR_STRUCTURES, kind: 'mem64', sizeBytes: BAR_STRUCTURES_SIZE_BYTES, device: structures },
      ],
      msix: { vectors: VECTORS, tableBar: BAR_MSIX, tableOffset: 0, pbaOffset: PBA_OFFSET },
      capabilityOffsets: { powerManagement: POWER_MANAGEMENT_AT, express: EXPRESS_AT, msix: MSIX_AT },
      capabilities: [
        structure(COMMON_AT, virtio.CAP_COMMON_CFG, COMMON, virtio.COMMON_CFG_SIZE_BYTES),
        structure(ISR_AT, virtio.CAP_ISR_CFG, ISR, 1),
        structure(DEVICE_AT, virtio.CAP_DEVICE_CFG, DEVICE, virtio.NET_CFG_SIZE_BYTES),
        notifications(),
        accessWindow({ at: WINDOW_AT, bar: BAR_STRUCTURES, structures, configuration: () => this.function }),
      ],
      onReset: () => this.reset(),
      onBusMasterEnable: () => this.#pokeAll(),
    });
  }

  #createCommon(): CommonConfiguration {
    return new CommonConfiguration({
      features: this.#features,
      queues: this.#queues,
      interrupts: this.#interrupts,
      configuration: this.#configuration,
      onReset: () => this.reset(),
      onReady: () => this.#pokeAll(),
      onFeatures: () => this.#setGuestOffloads(-1),
      onQueueReset: (queue) => this.#stopQueue(queue),
      onBroken: () => this.#fail(),
    });
  }

  #createParts(clock: Clock, timing: Timing, mtuBytes: number): DeviceParts {
    return {
      clock,
      features: this.#features,
      timing,
      statistics: this.statistics,
      mtuBytes,
      isLive: () => this.#common.isLive && this.function.busMasterEnabled,
      isLinkUp: () => this.#configuration.isLinkUp,
      notify: (queue) => this.#interrupts.notifyQueue(queue.vector),
      fail: () => this.#fail(),
      send: (frame, lenBytes) => this.wire.transmit(frame, lenBytes),
    };
  }

  #setGuestOffloads(offloads: number): void {
    const isOn = (offloads & (1 << virtio.NET_F_GUEST_CSUM)) !== 0;
    this.#receiver.checksChecksums = isOn && this.#features.has(virtio.NET_F_GUEST_CSUM);
  }

  /** §2.1.2: the driver is told when it is there to be told. */
  #fail(): void {
    const wasLive = this.#common.isLive;
    if (!this.#common.needReset()) return;
    this.statistics.dmaFaults += 1;
    this.#stop();
    if (wasLive) this.#interrupts.notifyConfiguration();
  }
  #notifyConfiguration(): void {
    if (this.#common.isLive) this.#interrupts.notifyConfiguration();
  }

  #pokeAll(): void {
    this.#receiver.poke();
    this.#transmitter.poke();
    this.#controller.poke();
  }
  #pokeQueue(index: number): void {
    if (index === virtio.NET_RECEIVEQ) this.#receiver.poke();
    else if (index === virtio.NET_TRANSMITQ) this.#transmitter.poke();
    else if (index === virtio.NET_CONTROLQ) this.#controller.poke();
  }
  #stopQueue({ index }: Virtqueue): void {
    if (index === virtio.NET_RECEIVEQ) this.#receiver.stop();
    else if (index === virtio.NET_TRANSMITQ) this.#transmitter.stop();
    else this.#controller.stop();
  }

  #read(offset: number, widthBytes: WidthBytes): number {
    const within = offset & STRUCTURE_MASK;
    switch (offset >>> STRUCTURE_SHIFT) {
      case COMMON:
        return this.#common.read(within, widthBytes);
      case ISR:
        return within === 0 ? this.#interrupts.readIsr() : 0;
      case DEVICE:
        return this.#configuration.read(within, widthBytes);
      default:
        return 0;
    }
  }
  #write(offset: number, widthBytes: WidthBytes, value: number): void {
    const within = offset & STRUCTURE_MASK;
    const structure = offset >>> STRUCTURE_SHIFT;
    if (structure === COMMON) this.#common.write(within, widthBytes, value);
    else if (structure === NOTIFY && within % NOTIFY_MULTIPLIER === 0) this.#pokeQueue(within / NOTIFY_MULTIPLIER);
  }
}

function offeredOf(features: readonly number[] | undefined): readonly number[] {
  return features === undefined ? ALL_FEATURES : features.filter((feature) => ALL_FEATURES.includes(feature));
}

/** §4.1.4: where one structure stands. */
function structure(at: number, type: number, index: number, lenBytes: number, sizeBytes = virtio.CAP_SIZE_BYTES) {
  return {
    id: pci.CAPABILITY_VENDOR_SPECIFIC,
    at,
    sizeBytes,
    registers: [
      { offset: virtio.CAP_LEN, widthBytes: 1, initial: sizeBytes },
      { offset: virtio.CAP_CFG_TYPE, widthBytes: 1, initial: type },
      { offset: virtio.CAP_BAR, widthBytes: 1, initial: BAR_STRUCTURES },
      { offset: virtio.CAP_OFFSET, widthBytes: 4, initial: index << STRUCTURE_SHIFT },
      { offset: virtio.CAP_LENGTH, widthBytes: 4, initial: lenBytes },
    ],
  } satisfies CapabilityOptions;
}
function notifications(): CapabilityOptions {
  const lenBytes = QUEUES.length * NOTIFY_MULTIPLIER;
  const placed = structure(NOTIFY_AT, virtio.CAP_NOTIFY_CFG, NOTIFY, lenBytes, virtio.NOTIFY_CAP_SIZE_BYTES);
  const multiplier = { offset: virtio.NOTIFY_CAP_MULTIPLIER, widthBytes: 4, initial: NOTIFY_MULTIPLIER } as const;
  return { ...placed, registers: [...placed.registers, multiplier] };
}

/** Creates a virtio network device. */
export const createVirtioNet = (options: VirtioNetOptions): VirtioNet => new VirtioNet(options);
