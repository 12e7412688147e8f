/** Our model on the bench: its clock runs until nothing is left to do. */
import { Clock } from '@bulkhead/clock';
import * as pci from '@bulkhead/pci-datasheet';
import { createVirtioNet, type VirtioNet } from '@bulkhead/virtio-net';
import { RIG_RAM_BYTES, RIG_RAM_START, type Width } from '../nic-rig.ts';
import { MAC } from '../nics.ts';
import { Structures, structuresOf, type VirtioRig } from './rig.ts';

const MESSAGE_ADDRESS = 0xfee0_0000;
const REFUSED = -1;
/** One event after another, at most so many: a timer that always comes again ends here. */
const EVENTS_MAX = 100_000;

export class ModelVirtio implements VirtioRig {
  readonly #ram: Uint8Array = new Uint8Array(RIG_RAM_BYTES);
  readonly #sent: Uint8Array[] = [];
  readonly #vectors: Set<number> = new Set();
  #clock: Clock = new Clock(1e9);
  #nic: VirtioNet = this.#create();
  readonly #structures: Structures = new Structures(structuresOf((at, width) => this.readConfig(at, width)));

  reset(): void {
    this.#ram.fill(0);
    this.#clock = new Clock(1e9);
    this.#nic = this.#create();
    this.#sent.length = 0;
    this.#vectors.clear();
  }
  enableMsix(): void {
    const { function: device } = this.#nic;
    const at = capability(this.#nic, pci.CAPABILITY_MSIX);
    const table = device.readConfig(at + pci.MSIX_TABLE, 4);
    const bar = device.bars.find(({ index }) => index === (table & pci.MSIX_BIR.mask))!.device;
    const count = (device.readConfig(at + pci.MSIX_MESSAGE_CONTROL, 2) & pci.MSIX_CONTROL_TABLE_SIZE.mask) + 1;
    for (let vector = 0; vector < count; vector++) {
      const entry = (table & pci.MSIX_OFFSET_MASK) + vector * pci.MSIX_ENTRY_SIZE_BYTES;
      bar.write(entry + pci.MSIX_ENTRY_MESSAGE_ADDRESS, 4, MESSAGE_ADDRESS);
      bar.write(entry + pci.MSIX_ENTRY_MESSAGE_UPPER_ADDRESS, 4, 0);
      bar.write(entry + pci.MSIX_ENTRY_MESSAGE_DATA, 4, vector);
      bar.write(entry + pci.MSIX_ENTRY_VECTOR_CONTROL, 4, 0);
    }
    device.writeConfig(at + pci.MSIX_MESSAGE_CONTROL, 2, pci.MSIX_CONTROL_ENABLE.mask);
  }
  readConfig(offset: number, width: Width): number {
    return this.#nic.function.readConfig(offset, width) >>> 0;
  }
  read(at: number, width: Width = 4): number {
    const value = this.#bar(at).read(this.#structures.offsetOf(at), width) >>> 0;
    this.#run();
    return value;
  }
  write(at: number, value: number, width: Width = 4): void {
    this.#bar(at).write(this.#structures.offsetOf(at), width, value >>> 0);
    this.#run();
  }
  readRam(address: number, lenBytes: number): Uint8Array {
    const at = address - RIG_RAM_START;
    return this.#ram.slice(at, at + lenBytes);
  }
  writeRam(address: number, bytes: Uint8Array): void {
    this.#ram.set(bytes, address - RIG_RAM_START);
  }
  receive(frame: Uint8Array): void {
    this.#nic.receive(frame, frame.length);
    this.#run();
  }
  sent(): Uint8Array[] {
    return this.#sent.splice(0);
  }
  messages(): number[] {
    const vectors = [...this.#vectors].sort((a, b) => a - b);
    this.#vectors.clear();
    return vectors;
  }

  #create(): VirtioNet {
    const wire = {
      transmit: (frame: Uint8Array, lenBytes: number) => void this.#sent.push(frame.slice(0, lenBytes)),
    };
    const nic = createVirtioNet({ clock: this.#clock, wire, macAddress: MAC });
    nic.setLink(true);
    nic.function.connect({
      dma: {
        read: (page, offset, into, at, lenBytes) => {
          const from = page * 4096 + offset - RIG_RAM_START;
          if (from < 0 || from + lenBytes > RIG_RAM_BYTES) return REFUSED;
          into.set(this.#ram.subarray(from, from + lenBytes), at);
          return 0;
        },
        write: (page, offset, from, at, lenBytes) => {
          const to = page * 4096 + offset - RIG_RAM_START;
          if (to < 0 || to + lenBytes > RIG_RAM_BYTES) return REFUSED;
          this.#ram.set(from.subarray(at, at + lenBytes), to);
          return 0;
        },
      },
      message: {
        send: (_page, _offset, data) => {
          this.#vectors.add(data);
          return 0;
        },
      },
    });
    const decodes = pci.COMMAND_IO_SPACE_ENABLE.mask | pci.COMMAND_MEMORY_SPACE_ENABLE.mask;
    nic.function.writeConfig(pci.COMMAND, 2, decodes | pci.COMMAND_BUS_MASTER_ENABLE.mask);
    return nic;
  }
  #bar(at: number): VirtioNet['function']['bars'][number]['device'] {
    const index = this.#structures.barOf(at);
    return this.#nic.function.bars.find((bar) => bar.index === index)!.device;
  }
  #run(): void {
    for (let event = 0; event < EVENTS_MAX && this.#clock.due < Number.MAX_SAFE_INTEGER; event++) {
      this.#clock.advance(Math.max(0, this.#clock.due - this.#clock.now));
      this.#clock.runDue();
    }
  }
}

function capability({ function: device }: VirtioNet, id: number): number {
  let at = device.readConfig(pci.CAPABILITIES_POINTER, 1);
  while (at !== 0 && device.readConfig(at + pci.CAPABILITY_ID, 1) !== id) {
    at = device.readConfig(at + pci.CAPABILITY_NEXT, 1);
  }
  return at;
}
