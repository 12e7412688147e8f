/** A kernel's capability space, just enough: untyped memory with a watermark, frames, handlers, derivation. */
import { type ClientPort, kernel } from '@bulkhead/abi';

export const CONFIG = 1;
export const WINDOW = 2;
export const IRQ_CONTROL = 3;
export const IO_WINDOW = 4;
const IO_PAGE = 0x3000;
const IO_BITS = 16;

interface Cap {
  readonly kind: 'untyped' | 'frame' | 'control' | 'handler';
  readonly page: number;
  readonly sizeBits: number;
  readonly parent: number;
  usedPages: number;
}

export class FakeKernel {
  readonly caps: (Cap | undefined)[] = [undefined];
  readonly trace: string[] = [];
  readonly answer: Int32Array;
  refuseMap = false;
  /** Hears of every revocation and deletion besides. */
  hears: (line: string) => void = () => {};
  /** Identities that were issued, in order. */
  readonly issued: number[] = [];

  constructor(answer: Int32Array, ecamPage: number, windowPage: number, windowBits: number) {
    this.answer = answer;
    this.add('frame', ecamPage, 21, 0);
    this.add('untyped', windowPage, windowBits, 0);
    this.add('control', 0, 0, 0);
    this.add('untyped', IO_PAGE, IO_BITS, 0);
  }
  add(kind: Cap['kind'], page: number, sizeBits: number, parent: number): number {
    return this.caps.push({ kind, page, sizeBits, parent, usedPages: 0 }) - 1;
  }
  /** What a gate does with a right that crosses it. */
  lend(index: number): number {
    const { kind, page, sizeBits } = this.caps[index]!;
    return this.add(kind, page, sizeBits, index);
  }
  #retype(untyped: number, type: number, sizeBits: number, count: number): number {
    const cap = this.caps[untyped];
    if (cap?.kind !== 'untyped') return kernel.INVALID_CAPABILITY;
    const sizePages = 2 ** (sizeBits - 12);
    const start = Math.ceil((cap.page + cap.usedPages) / sizePages) * sizePages - cap.page;
    if (start + count * sizePages > 2 ** (cap.sizeBits - 12)) return kernel.NOT_ENOUGH_MEMORY;
    cap.usedPages = start + count * sizePages;
    const first = this.caps.length;
    const kind = type === kernel.UNTYPED ? 'untyped' : 'frame';
    for (let i = 0; i < count; i++) this.add(kind, cap.page + start + i * sizePages, sizeBits, untyped);
    return first;
  }
  #tell(line: string): void {
    this.trace.push(line);
    this.hears(line);
  }
  #revoke(index: number): number {
    if (this.caps[index] === undefined) return kernel.INVALID_CAPABILITY;
    this.#tell(`revoke ${this.caps[index].kind}`);
    this.#deleteDerived(index);
    return 0;
  }
  #deleteDerived(index: number): void {
    for (const [at, cap] of this.caps.entries()) {
      if (cap?.parent !== index) continue;
      this.#deleteDerived(at);
      this.caps[at] = undefined;
    }
    this.caps[index]!.usedPages = 0;
  }

  readonly port: ClientPort<typeof kernel.contractOfKernel> = {
    retype: (untyped, type, sizeBits, count) => this.#retype(untyped, type, sizeBits, count),
    map: (frame) => {
      const cap = this.caps[frame];
      if (this.refuseMap) return kernel.ILLEGAL_OPERATION;
      if (cap?.kind !== 'frame') return kernel.INVALID_CAPABILITY;
      this.answer[1] = cap.page;
      return 0;
    },
    unmap: () => 0,
    address: (frame) => this.caps[frame]?.page ?? kernel.INVALID_CAPABILITY,
    delete: (index) => {
      this.#tell(`delete ${this.caps[index]?.kind}`);
      this.#deleteDerived(index);
      this.caps[index] = undefined;
      return 0;
    },
    revoke: (index) => this.#revoke(index),
    issueInterrupt: (control, identity) => {
      if (this.caps[control]?.kind !== 'control') return kernel.INVALID_CAPABILITY;
      this.issued.push(identity);
      return this.add('handler', identity, 0, control);
    },
    bindInterrupt: () => 0,
    acknowledge: () => 0,
    setAlarm: () => 0,
    bindFaults: () => 0,
    faultOf: () => 0,
    endDomain: () => 0,
    startDomain: () => 0,
  };
}
