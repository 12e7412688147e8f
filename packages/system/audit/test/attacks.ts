/** Directed attacks by one component of a system: each does what it can and tells what that did to whom. */
import { kernelPage } from '@bulkhead/address-space';
import { type Description, KERNEL_DOMAIN, type System } from '@bulkhead/assembler';
import { memoryOf } from '@bulkhead/inspection';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import type { Effect } from '../src/index.ts';
import { type Attack, type Hands, Mole } from './mole.ts';
import { serve } from './running.ts';
import * as seizing from './seizing.ts';

/** What an attack did: whom it met, and how. */
export type Harm = `${string}: ${Effect}`;
export type AttackName = 'store' | 'hog' | 'crash' | 'revoke' | 'discard' | 'end' | 'dma' | 'fence' | 'seize';

const PAGE_BYTES = 4096;
const MARK = 0x5afe0001;
/** Each byte of the address that a frame is for: a broadcast, and a card that is not on the wire. */
const EVERYBODY = 0xff;
const FOREIGN = 0x02;
const BOOT_NS = 5_000_000;
const HOG_HANDLERS = 7;
const HOG_NS = 1_000_000;
/** That a domain can hold. */
const RIGHTS = 4096;

/** A word of somebody's memory: at the end of a piece, where nothing stands that is needed. */
export interface Target {
  readonly piece: string;
  readonly address: number;
  readonly lenBytes: number;
}

/** One attack on one fresh system. */
export class Raid {
  readonly system: System;
  readonly #mole: Mole;
  readonly #name: string;
  readonly #entered = new Set<string>();
  #watching = false;

  constructor(description: Description, name: string) {
    this.#name = name;
    const entered = (component: number): void => {
      if (this.#watching) this.#entered.add(this.system.places[component]!.seat.name);
    };
    this.#mole = new Mole(description, name, { observer: { entered, left: () => {} } });
    this.system = this.#mole.system;
    this.system.runUntil(this.system.clock.cyclesOf(BOOT_NS));
  }

  get #isKernel(): boolean {
    return this.system.description.domains[KERNEL_DOMAIN]!.includes(this.#name);
  }
  get #others(): readonly string[] {
    return this.system.places.map(({ seat }) => seat.name).filter((name) => name !== this.#name);
  }

  // ---------------------------------------------------------------- the attacks

  /** Stores to whatever its address space lets it reach. */
  store(): Set<Harm> {
    const before = this.#targets();
    const domain = this.system.places.find(({ seat }) => seat.name === this.#name)!.seat.domain.name;
    const runs = memoryOf(this.system).domains.find((space) => space.domain === domain)!.runs;
    return this.#compared(before, () =>
      this.#mole.strike(({ context: { memory } }) => {
        for (const { address } of before.filter(({ piece }) => this.#isKernel && piece !== '')) {
          memory.store32(kernelPage(Math.floor(address / PAGE_BYTES)), address % PAGE_BYTES, MARK);
        }
        for (const { page, physicalPage, count, access } of this.#isKernel ? [] : runs) {
          const target = before.find(({ address }) => isIn(address, physicalPage, count));
          if (target === undefined || !access.includes('w')) continue;
          memory.store32(
            page + Math.floor(target.address / PAGE_BYTES) - physicalPage,
            target.address % PAGE_BYTES,
            MARK,
          );
        }
      }),
    );
  }
  /**
   * Does not give the hart back while everybody else has an alarm to answer. Who has a budget takes it again as soon as it
   * gave it back, for longer than the budget lasts.
   */
  hog(): Set<Harm> {
    const { clock, kernel, places } = this.system;
    const own = places.find(({ seat }) => seat.name === this.#name)!;
    for (const { seat } of places.filter((place) => place !== own))
      kernel.alarms.set(seat, 12, clock.now + clock.cyclesOf(200_000));
    const hasBudget = this.system.description.budgets?.[this.#name] !== undefined;
    let after = new Set<string>();
    for (let handlers = hasBudget ? HOG_HANDLERS : 1; handlers > 0; handlers--)
      this.#mole.strike(({ context }) => {
        const work = context.work.id(own.definition.work[0]!);
        this.#watching = true;
        for (const until = clock.now + clock.cyclesOf(HOG_NS); clock.now < until; ) context.work.spendMany(work, 10);
        after = new Set(this.#entered);
      });
    this.#watching = false;
    // Its budget comes back.
    if (hasBudget) this.system.runUntil(clock.now + clock.cyclesOf(HOG_HANDLERS * 2 * HOG_NS));
    return new Set(this.#others.filter((name) => !after.has(name)).map((name): Harm => `${name}: stalled`));
  }
  crash(): Set<Harm> {
    const harms = this.#endedBy(() =>
      this.#mole.strike(() => {
        throw new Error('an attack');
      }),
    );
    for (const name of this.#others)
      if (!harms.has(`${name}: falls`) && this.#talksTo(name)) harms.add(`${name}: notices`);
    if (!harms.has('kernel: falls')) harms.add('kernel: notices');
    return harms;
  }
  /** Takes back all memory that was ever derived from what it holds, of devices too. */
  revoke(): Set<Harm> {
    return this.#endedByServing(({ context, ports: { kernel } }) => {
      const given = Object.entries(this.system.description.authority[this.#name] ?? {});
      const named = given
        .filter(([, resource]) => resource === 'pci-window' || resource === 'pci-io')
        .map(([right]) => Number(context.right(right)));
      for (let right = 1; right < RIGHTS; right++) {
        if (named.includes(right) || kernel!['address']!(right) >= 0) kernel!['revoke']!(right);
      }
    });
  }
  /** Deletes all that it holds, and with it whatever it shares. */
  discard(): Set<Harm> {
    return this.#endedByServing(({ ports: { kernel } }) => {
      for (let right = 1; right < RIGHTS; right++) kernel!['delete']!(right);
    });
  }
  /** Ends every domain to which it was given a right. */
  end(): Set<Harm> {
    const rights = Object.entries(this.system.description.authority[this.#name] ?? {});
    const domains = rights.filter(([, resource]) => resource.startsWith('domain:')).map(([right]) => right);
    return this.#endedBy(() =>
      this.#mole.strike(({ context, ports }) => {
        for (const right of domains) ports['kernel']!['endDomain']!(context.right(right));
      }),
    );
  }
  /** Gives its device the addresses of others' memory to receive into. */
  dma(): Set<Harm> {
    const before = this.#targets();
    return this.#compared(before, () => {
      this.#mole.strike(({ context }) => {
        const { window } = context.region('rings');
        for (let i = 0; i < 256; i++) {
          const { address } = before[i % before.length]!;
          window.store32(PAGE_BYTES + i * 16, Math.floor((address + 4) / 64) * 64 - 64);
          window.store32(PAGE_BYTES + i * 16 + 4, 0);
        }
      });
      this.#sendFrames(3 * before.length, EVERYBODY);
    });
  }
  /** Takes the device away from its driver, and has it receive into memory that is not its own. */
  seize(): Set<Harm> {
    const targets = this.#targets();
    const oracle = seizing.oracleOf(this.system, this.#name, targets);
    this.#mole.strike((hands) => seizing.seize(hands, oracle));
    const isWhole = this.system.description.iommu === 'translating';
    return this.#compared(targets, () => this.#sendFrames(3 * targets.length, FOREIGN), isWhole);
  }
  /** Has the IOMMU itself store words: a fence's, wherever it is told. RISC-V IOMMU 1.0 §3.1.2 "IOFENCE". */
  fence(): Set<Harm> {
    const before = this.#targets();
    return this.#compared(before, () =>
      this.#mole.strike((hands) => {
        for (const { address } of before) fenceTo(hands, address);
      }),
    );
  }

  #sendFrames(count: number, to: number): void {
    const { clock, board } = this.system;
    const { b: wire } = board.links[this.#name.endsWith('-b') ? 1 : 0]!;
    const frame = new Uint8Array(64).fill(to);
    for (let i = 0; i < count; i++) {
      wire.transmit(frame, frame.length);
      this.system.runUntil(clock.now + clock.cyclesOf(30_000));
    }
  }

  // ---------------------------------------------------------------- what came of it

  /** The last word of every piece that belongs to another, or to another too; and one of the kernel's own memory. */
  #targets(): Target[] {
    const { ram } = memoryOf(this.system);
    const pieces = ram.filter(
      ({ what, purpose }) => purpose !== null && !what.startsWith('code ') && purpose.component !== null,
    );
    const others = pieces.filter(({ purpose }) => purpose!.kind !== 'unknown');
    return [
      ...others.map(({ what, address, lenBytes }) => ({ piece: what, address: address + lenBytes - 4, lenBytes })),
      { piece: 'kernel memory', address: (this.system.board.ram.basePage + 32) * PAGE_BYTES - 4, lenBytes: PAGE_BYTES },
    ];
  }
  /** A sum over the end of a piece, or over all of it: nobody else is at work there. */
  #sumOf({ address, lenBytes }: Target, isWhole: boolean): number {
    const { ram } = this.system.board;
    const end = (address + 4 - ram.basePage * PAGE_BYTES) / 4;
    const words = ram.words.subarray(end - (isWhole ? lenBytes / 4 : 16), end);
    return words.reduce((sum, word, i) => (sum + Math.imul(word, 2 * i + 1)) | 0, 0);
  }
  #compared(targets: readonly Target[], act: () => void, isWhole = false): Set<Harm> {
    const before = targets.map((target) => this.#sumOf(target, isWhole));
    act();
    const harms = new Set<Harm>();
    targets.forEach((target, i) => {
      if (this.#sumOf(target, isWhole) !== before[i])
        for (const harm of harmOf(this.system, target.piece)) harms.add(harm);
    });
    for (const kind of ['corrupted', 'data corrupted'] as const) harms.delete(`${this.#name}: ${kind}`);
    return harms;
  }
  /** Whoever does not live through an attack and the work that comes in after it. */
  #endedByServing(attack: Attack): Set<Harm> {
    return this.#endedBy(() => {
      this.#mole.strike(attack);
      serve(this.system, { requests: 4, patienceNs: 10e6 });
    });
  }
  #endedBy(act: () => void): Set<Harm> {
    const ended = this.system.faults.length;
    act();
    const domains = new Set(this.system.faults.slice(ended).map(({ domain }) => domain));
    const places = this.system.places.filter(({ seat }) => this.system.panic !== null || domains.has(seat.domain.name));
    const names = [...places.map(({ seat }) => seat.name), ...(this.system.panic === null ? [] : ['kernel'])];
    return new Set(names.filter((name) => name !== this.#name).map((name): Harm => `${name}: falls`));
  }
  #isMate(domain: string): boolean {
    return this.system.description.domains[domain]!.includes(this.#name);
  }
  #talksTo(name: string): boolean {
    return this.system.connections.some(
      ({ client, server }) =>
        (client.seat.name === name && this.#isMate(server.seat.domain.name)) ||
        (server.seat.name === name && this.#isMate(client.seat.domain.name)),
    );
  }
}

const isIn = (address: number, page: number, count: number): boolean =>
  address >= page * PAGE_BYTES && address < (page + count) * PAGE_BYTES;

/** Memory of one component is its state; memory of a connection carries data of both ends. */
function harmOf(system: System, piece: string): Harm[] {
  if (piece === 'kernel memory') return ['kernel: corrupted'];
  const shared = /^(?:shared region|queue) of ([\w-]+)\.[\w-]+ -> ([\w-]+)\./.exec(piece);
  if (shared !== null) return [`${shared[1]}: data corrupted`, `${shared[2]}: data corrupted`];
  const owner = system.places.map(({ seat }) => seat.name).find((name) => piece.endsWith(` of ${name}`));
  return owner === undefined ? [] : [`${owner}: corrupted`];
}

function fenceTo({ context, mappedPages }: Hands, address: number): void {
  const { memory } = context;
  const { window } = context.region('tables');
  const registers = mappedPages[0]!;
  const tail = memory.load32(registers, reg.CQT);
  const at = PAGE_BYTES + tail * reg.COMMAND_SIZE_BYTES;
  window.store32(at, reg.OPCODE_IOFENCE | reg.IOFENCE_0_AV.mask);
  window.store32(at + 4, MARK);
  window.store32(at + 8, Math.floor(address / 4));
  window.store32(at + 12, 0);
  memory.store32(registers, reg.CQT, (tail + 1) & 0xff);
}

/** Attacks that one component can try at all, those on one fresh system together. */
function raidsOf(description: Description, name: string): (readonly AttackName[])[] {
  const { uses } = description.components.find((component) => component.name === name)!;
  const isOutside = !description.domains[KERNEL_DOMAIN]!.includes(name);
  const rights = Object.values(description.authority[name] ?? {});
  return [
    ['hog', 'store', 'crash'],
    ...(isOutside && uses['kernel'] !== undefined ? [['revoke', 'discard'] as const] : []),
    ...(isOutside && rights.some((right) => right.startsWith('domain:')) ? [['end'] as const] : []),
    ...(isOutside && rights.includes('iommu-registers') ? [['fence'] as const] : []),
    ...(isOutside && ['supervisor', 'pci-bus-driver'].includes(name) ? [['seize'] as const] : []),
    ...(isOutside && name.startsWith('nic-driver') ? [['dma'] as const] : []),
  ];
}
/** @returns all harm that a component does when it tries whatever it can. */
export function harmBy(description: Description, name: string): Set<Harm> {
  const harms = new Set<Harm>();
  for (const attacks of raidsOf(description, name)) {
    const raid = new Raid(description, name);
    for (const attack of attacks) for (const harm of raid[attack]()) harms.add(harm);
  }
  return harms;
}
