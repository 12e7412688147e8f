/**
 * A base address in a component's address space. Not a view: it adds whatever offset the component computed, unchecked,
 * and only what stands behind the memory port judges the access.
 */
import type { MemoryPort } from './memory-port.ts';

export class Window {
  readonly memory: MemoryPort;
  readonly page: number;
  /** Byte offset of the window's start from the start of `page`. */
  readonly base: number;
  /** What the window was made for. No access is checked against it. */
  readonly lenBytes: number;

  constructor(memory: MemoryPort, page: number, base: number, lenBytes: number) {
    this.memory = memory;
    this.page = page;
    this.base = base;
    this.lenBytes = lenBytes;
  }
  /** A window that starts `offset` bytes further on. */
  at(offset: number, lenBytes: number): Window {
    return new Window(this.memory, this.page, this.base + offset, lenBytes);
  }

  load8(offset: number): number {
    return this.memory.load8(this.page, (this.base + offset) | 0);
  }
  load16(offset: number): number {
    return this.memory.load16(this.page, (this.base + offset) | 0);
  }
  load32(offset: number): number {
    return this.memory.load32(this.page, (this.base + offset) | 0);
  }
  store8(offset: number, value: number): void {
    this.memory.store8(this.page, (this.base + offset) | 0, value);
  }
  store16(offset: number, value: number): void {
    this.memory.store16(this.page, (this.base + offset) | 0, value);
  }
  store32(offset: number, value: number): void {
    this.memory.store32(this.page, (this.base + offset) | 0, value);
  }
  /** Copies `lenBytes` from another window of the same address space. */
  copyFrom(offset: number, source: Window, sourceOffset: number, lenBytes: number): void {
    this.memory.copy(this.page, (this.base + offset) | 0, source.page, (source.base + sourceOffset) | 0, lenBytes);
  }
  fill(offset: number, byte: number, lenBytes: number): void {
    this.memory.fill(this.page, (this.base + offset) | 0, byte, lenBytes);
  }
  sum16(offset: number, lenBytes: number, sum: number): number {
    return this.memory.sum16(this.page, (this.base + offset) | 0, lenBytes, sum);
  }
  loadBytes(offset: number, into: Uint8Array, at: number, lenBytes: number): void {
    this.memory.loadBytes(this.page, (this.base + offset) | 0, into, at, lenBytes);
  }
  storeBytes(offset: number, from: Uint8Array, at: number, lenBytes: number): void {
    this.memory.storeBytes(this.page, (this.base + offset) | 0, from, at, lenBytes);
  }
}
