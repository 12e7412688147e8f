/** The device's registers, by the offsets of the datasheet, once the memory BAR is mapped. */
import { BAR_MEMORY_SIZE_BYTES } from '@bulkhead/intel-82574-datasheet';
import { type MemoryPort, Window } from '@bulkhead/runtime';

export class Registers {
  readonly #memory: MemoryPort;
  #bar: Window;

  constructor(memory: MemoryPort) {
    this.#memory = memory;
    this.#bar = new Window(memory, 0, 0, 0);
  }
  /** The BAR stands at this page of our address space from now on. */
  mapped(page: number): void {
    this.#bar = new Window(this.#memory, page, 0, BAR_MEMORY_SIZE_BYTES);
  }
  read(register: number): number {
    return this.#bar.load32(register);
  }
  write(register: number, value: number): void {
    this.#bar.store32(register, value);
  }
}
