/**
 * A bus to drive, and what is behind its bridges: configuration requests find their way by bus numbers, memory requests
 * by the bridges' windows. Every write to configuration space and to a device's memory is told in `writes`.
 */
import { FlatMemory } from '@bulkhead/runtime';
import type { FakeFunction } from './fake-function.ts';

export { type FakeBar, FakeFunction, type FakeFunctionOptions } from './fake-function.ts';

export const ECAM_PAGE = 0x1000;
const BUS_FUNCTIONS = 256;
const BUSES = 256;
const FIRST_DEVICE_PAGE = 0x4_0000;

export class FakeBus extends FlatMemory {
  readonly functions: readonly FakeFunction[];
  readonly writes: string[] = [];
  /** Writes name the function too. */
  namesFunctions = false;
  /** Reads of 16 bits are told as well. */
  tellsReads = false;
  /** A BAR was sized or moved while it decoded. */
  movedWhileDecoding = false;

  constructor(functions: readonly FakeFunction[]) {
    super(16);
    this.functions = functions;
  }
  /** §7.3.3: type 1 requests go down where the bus number is in a bridge's range. */
  #config(page: number): FakeFunction | undefined {
    const id = page - ECAM_PAGE;
    const bus = Math.floor(id / BUS_FUNCTIONS);
    let here = this.functions;
    for (let at = 0; at !== bus; ) {
      const next: FakeFunction | undefined = here.find(
        (one) => one.isBridge && !one.gone && one.buses[1] > at && one.buses[1] <= bus && bus <= one.buses[2],
      );
      if (next === undefined) return undefined;
      at = next.buses[1];
      here = next.behind;
    }
    return here.find((one) => one.id === id % BUS_FUNCTIONS && !one.gone);
  }
  #isConfig(page: number): boolean {
    return page >= ECAM_PAGE && page < ECAM_PAGE + BUS_FUNCTIONS * BUSES;
  }
  override load8(page: number, offset: number): number {
    const at = page + (offset >>> 12);
    if (!this.#isConfig(at)) return super.load8(page, offset);
    return this.#config(at)?.bytes.getUint8(offset & 0xfff) ?? 0xff;
  }
  override load16(page: number, offset: number): number {
    const at = page + (offset >>> 12);
    if (!this.#isConfig(at)) return super.load16(page, offset);
    if (this.tellsReads) this.writes.push(`read ${(offset & 0xfff).toString(16)}`);
    return this.#config(at)?.bytes.getUint16(offset & 0xfff, true) ?? 0xffff;
  }
  override load32(page: number, offset: number): number {
    const at = page + (offset >>> 12);
    if (at >= FIRST_DEVICE_PAGE) return this.device(at * 4096 + (offset & 0xfff)) ?? -1;
    if (!this.#isConfig(at)) return super.load32(page, offset);
    return this.#config(at)?.bytes.getInt32(offset & 0xfff, true) ?? -1;
  }
  override store16(page: number, offset: number, value: number): void {
    const at = page + (offset >>> 12);
    if (this.#isConfig(at)) this.#write(at, offset & 0xfff, 2, value);
    else super.store16(page, offset, value);
  }
  override store32(page: number, offset: number, value: number): void {
    const at = page + (offset >>> 12);
    if (at >= FIRST_DEVICE_PAGE) this.#storeDevice(at * 4096 + (offset & 0xfff), value);
    else if (this.#isConfig(at)) this.#write(at, offset & 0xfff, 4, value);
    else super.store32(page, offset, value);
  }
  #write(page: number, register: number, lenBytes: number, value: number): void {
    const hit = this.#config(page);
    if (hit === undefined) return;
    const isBar = register >= 0x10 && register < (hit.isBridge ? 0x18 : 0x28);
    if (isBar && (hit.command & 3) !== 0) this.movedWhileDecoding = true;
    const name = this.namesFunctions ? `${(page - ECAM_PAGE).toString(16)} ` : '';
    this.writes.push(`config ${name}${register.toString(16)} = ${(value >>> 0).toString(16)}`);
    hit.write(register, lenBytes, value);
  }
  /** @returns the word at a physical address, or undefined where nothing decodes. */
  device(address: number): number | undefined {
    const [hit] = this.decode(address);
    return hit === undefined ? undefined : (hit.device.memory.get(hit.word) ?? 0);
  }
  #storeDevice(address: number, value: number): void {
    const [hit] = this.decode(address);
    if (hit === undefined) return;
    this.writes.push(`memory ${hit.word} = ${(value >>> 0).toString(16)}`);
    hit.device.memory.set(hit.word, value);
  }
  /** @returns everybody that answers at a physical address: two is one too many. */
  decode(address: number, here: readonly FakeFunction[] = this.functions): { device: FakeFunction; word: string }[] {
    return here.flatMap((device) => {
      if ((device.command & 2) === 0 || device.gone) return [];
      const inside = device.windows.some(([base, limit]) => address >= base && address <= limit);
      const below = inside ? this.decode(address, device.behind) : [];
      const own = device.bars.flatMap(({ index, sizeBytes, kind }) => {
        const offset = address - device.barAddress(index);
        return kind !== 'io' && offset >= 0 && offset < sizeBytes ? [{ device, word: `${index}:${offset}` }] : [];
      });
      return [...own, ...below];
    });
  }
}
