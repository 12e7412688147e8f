/** Our model on the bench: its clock runs until nothing is left to do, as QEMU's device does everything at once. */
import { Clock } from '@bulkhead/clock';
import { BAR_MEMORY, BAR_MSIX, CAPABILITY_MSIX_OFFSET, MSIX_VECTOR_COUNT } from '@bulkhead/intel-82574-datasheet';
import { createIntel82574, type Intel82574 } from '@bulkhead/nic';
import * as pci from '@bulkhead/pci-datasheet';
import type { RegisterDevice } from '@bulkhead/ports';
import { type NicRig, RIG_RAM_BYTES, RIG_RAM_START, type Width } from './nic-rig.ts';
import { MAC } from './nics.ts';

const MESSAGE_ADDRESS = 0xfee0_0000;
/** One event after another, at most so many: a timer that always comes again ends here. */
const EVENTS_MAX = 100_000;
const REFUSED = -1;

export class ModelNic implements NicRig {
  readonly #ram: Uint8Array = new Uint8Array(RIG_RAM_BYTES);
  readonly #sent: Uint8Array[] = [];
  readonly #vectors: Set<number> = new Set();
  #clock: Clock = new Clock(1e9);
  #nic: Intel82574 = this.#create();
  #registers: RegisterDevice = this.#bar(BAR_MEMORY);

  reset(): void {
    this.#ram.fill(0);
    this.#sent.length = 0;
    this.#vectors.clear();
    this.#clock = new Clock(1e9);
    this.#nic = this.#create();
    this.#registers = this.#bar(BAR_MEMORY);
  }
  enableMsix(): void {
    const table = this.#bar(BAR_MSIX);
    for (let vector = 0; vector < MSIX_VECTOR_COUNT; vector++) {
      const entry = vector * pci.MSIX_ENTRY_SIZE_BYTES;
      table.write(entry + pci.MSIX_ENTRY_MESSAGE_ADDRESS, 4, MESSAGE_ADDRESS);
      table.write(entry + pci.MSIX_ENTRY_MESSAGE_UPPER_ADDRESS, 4, 0);
      table.write(entry + pci.MSIX_ENTRY_MESSAGE_DATA, 4, vector);
      table.write(entry + pci.MSIX_ENTRY_VECTOR_CONTROL, 4, 0);
    }
    const control = CAPABILITY_MSIX_OFFSET + pci.MSIX_MESSAGE_CONTROL;
    this.#nic.function.writeConfig(control, 2, pci.MSIX_CONTROL_ENABLE.mask);
    this.#run();
  }
  read(offset: number, width: Width = 4): number {
    const value = this.#registers.read(offset, width) >>> 0;
    this.#run();
    return value;
  }
  write(offset: number, value: number, width: Width = 4): void {
    this.#registers.write(offset, width, value >>> 0);
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

  #create(): Intel82574 {
    const wire = {
      transmit: (frame: Uint8Array, lenBytes: number) => void this.#sent.push(frame.slice(0, lenBytes)),
    };
    const nic = createIntel82574({ clock: this.#clock, wire, macAddress: MAC });
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
  #bar(index: number): RegisterDevice {
    return this.#nic.function.bars[index]!.device;
  }
  #run(): void {
    for (let event = 0; event < EVENTS_MAX && this.#clock.due < Number.MAX_SAFE_INTEGER; event++) {
      this.#clock.advance(Math.max(0, this.#clock.due - this.#clock.now));
      this.#clock.runDue();
    }
  }
}
