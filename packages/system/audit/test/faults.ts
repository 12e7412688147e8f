/** Faults in one component of a system under load, and what is seen of them in others. */
import { kernelPage } from '@bulkhead/address-space';
import { assemble, type Description, KERNEL_DOMAIN, type Place, type System } from '@bulkhead/assembler';
import { injectBitFlip } from '@bulkhead/faults';
import { memoryOf } from '@bulkhead/inspection';
import type { Effect } from '../src/index.ts';
import { type Hands, Mole } from './mole.ts';
import { Pulse } from './pulse.ts';
import { booted, serve } from './running.ts';
import { multiserver } from './systems.ts';
import { watch } from './watchdog.ts';

/**
 * It stores where it should not, all the time or once where it may; what it reads is not what stands there; it spoils
 * what it copies, or keeps the hart.
 */
export const KINDS = ['stores', 'strays', 'loads', 'spoils', 'spins'] as const;

export interface Fault {
  readonly description: Description;
  readonly component: string;
  readonly kind: (typeof KINDS)[number];
  readonly bit: number;
  /** From the very start, or after so many frames. */
  readonly afterFrames: number;
}
/** An effect, and whom it met: where several are named, at least one of them. */
export interface Seen {
  readonly effect: Effect;
  readonly oneOf: readonly string[];
}
/** What came of a fault: who ended, itself included, and what others met. */
export interface Outcome {
  readonly ends: number;
  readonly seen: readonly Seen[];
}

const PAGE_BYTES = 4096;
const BOOT_NS = 5_000_000;
const SERVE_NS = 5_000_000;
const REQUESTS = 8;
const SPOILT_BYTES_MIN = 64;
const STRAY_OFFSET = PAGE_BYTES - 4;
const STRAY_WORD = 0x5afe0002;
/** Longer than any budget; where a limit ends a handler, one after another. */
const SPIN_NS = 6_000_000;
const HANDLERS = 6;

export function outcomeOf(fault: Fault): Outcome {
  const { description, component, kind } = fault;
  const pulse = new Pulse();
  const mole = new Mole(description, component, { observer: pulse.observer });
  const { system } = mole;
  const place = system.places.find(({ seat }) => seat.name === component)!;
  pulse.watch(system, component);
  const isAtBoot = fault.afterFrames < 0 && place.memory !== null && (kind === 'stores' || kind === 'loads');
  if (!isAtBoot) system.runUntil(system.clock.cyclesOf(BOOT_NS));
  const canaries = canariesOf(system);
  watch(system, place, BOOT_NS + 2 * SERVE_NS);
  if (kind === 'spins') spin(mole, place);
  else if (kind === 'strays') stray(mole, place, fault.bit);
  else breakMemory(system, place, fault, isAtBoot);
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  const { isRight } = served(system);
  const corrupted = canaries.filter(isTouched).map((canary) => canary.component);
  const seen: Seen[] = [
    ...each('falls', ended(system)),
    ...each('corrupted', corrupted),
    ...each('stalled', pulse.stalled),
    ...(isRight ? [] : [{ effect: 'data corrupted', oneOf: carriersAfter(component) } as const]),
  ];
  const ends = system.faults.length + (system.panic === null ? 0 : 1);
  return { ends, seen: seen.filter(({ oneOf }) => !oneOf.includes(component)) };
}
const each = (effect: Effect, names: Iterable<string>): Seen[] => [...names].map((name) => ({ effect, oneOf: [name] }));

/** @returns what is seen where nothing is broken. */
export function healthy(description: Description): string[] {
  const pulse = new Pulse();
  const system = assemble(description, { observer: pulse.observer });
  pulse.watch(system, description.components[0]!.name);
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  const canaries = canariesOf(system);
  const { isRight, answers } = served(system);
  const touched = canaries.filter(isTouched).map(({ component }) => component);
  return [...pulse.stalled, ...ended(system), ...(isRight && answers === REQUESTS ? [] : WAY), ...touched];
}

// ---------------------------------------------------------------- faults

function breakMemory(system: System, place: Place, { kind, component, bit, afterFrames }: Fault, isAtBoot: boolean) {
  if (kind === 'loads') misread(place, bit);
  else if (kind === 'spoils') spoil(place, bit);
  else if (isAtBoot) place.memory!.skewBytes = 2 ** bit;
  else injectBitFlip(system, { component, bit, afterFrames: Math.max(0, afterFrames) });
}
/** From now on a bit is wrong in every word that a component of a user domain reads. */
function misread({ memory }: Place, bit: number): void {
  if (memory === null) return;
  const { load32 } = memory;
  memory.load32 = (...args: Parameters<typeof load32>) => load32.apply(memory, args) ^ (1 << bit);
}
/** One word goes somewhere into memory that its domain has writable; in the kernel's, that is all. */
function stray(mole: Mole, { seat }: Place, anywhere: number): void {
  const { domains, ram } = memoryOf(mole.system);
  const { domain } = seat;
  const { runs } = domains.find((space) => space.domain === domain.name)!;
  const inUse = ram.filter(({ purpose }) => purpose !== null).map(({ address }) => kernelPage(address / PAGE_BYTES));
  const writable = runs.filter(({ access }) => access.includes('w')).map(({ page }) => page);
  const pages = domain.name === KERNEL_DOMAIN ? inUse : writable;
  mole.strike(({ context: { memory } }) => memory.store32(pages[anywhere % pages.length]!, STRAY_OFFSET, STRAY_WORD));
}
/** From now on a bit is wrong in the middle of whatever it stores at once that is not short. */
function spoil({ memory }: Place, bit: number): void {
  if (memory === null) return;
  const { copy, storeBytes } = memory;
  const flip = (page: number, offset: number, lenBytes: number): void => {
    const at = offset + (lenBytes >> 1);
    if (lenBytes >= SPOILT_BYTES_MIN) memory.store8(page, at, memory.load8(page, at) ^ (1 << (bit & 7)));
  };
  memory.copy = (...args: Parameters<typeof copy>) => {
    copy.apply(memory, args);
    flip(args[0], args[1], args[4]);
  };
  memory.storeBytes = (...args: Parameters<typeof storeBytes>) => {
    storeBytes.apply(memory, args);
    flip(args[0], args[1], args[4]);
  };
}
function spin(mole: Mole, { definition, seat }: Place): void {
  const { clock, description } = mole.system;
  const handlers = description.limits?.[seat.name] === undefined ? 1 : HANDLERS;
  const each = clock.cyclesOf(SPIN_NS / handlers);
  const keepHart = ({ context: { work } }: Hands): void => {
    const id = work.id(definition.work[0]!);
    for (const until = clock.now + each; clock.now < until; ) work.spendMany(id, 10);
  };
  for (let left = handlers; left > 0; left--) mole.strike(keepHart);
}

// ---------------------------------------------------------------- what is seen

/** Memory of a component that nobody ever writes: code, and the data pages of a footprint, which are only read. */
interface Canary {
  readonly component: string;
  readonly words: Int32Array;
}
function canariesOf(system: System): Canary[] {
  const { ram } = system.board;
  return memoryOf(system).ram.flatMap(({ purpose, address, lenBytes }) => {
    if (purpose === null || (purpose.kind !== 'code' && purpose.kind !== 'data')) return [];
    const from = (address - ram.basePage * PAGE_BYTES) / 4;
    return [{ component: purpose.component!, words: ram.words.subarray(from, from + lenBytes / 4) }];
  });
}
const isTouched = ({ words }: Canary): boolean => words.some((word) => word !== 0);

function ended({ panic, places, faults }: System): string[] {
  const domains = new Set(faults.map(({ domain }) => domain));
  const names = places
    .filter(({ seat }) => panic !== null || domains.has(seat.domain.name))
    .map(({ seat }) => seat.name);
  return panic === null ? names : [...names, 'kernel'];
}

/** The way of an answer, from whoever makes it to the card. */
const WAY: readonly string[] = ['web-server', 'net-stack', 'nic-driver'];
/** Whoever took a wrong answer from the component: what stands next on the way, or before its end, or anybody there. */
function carriersAfter(component: string): readonly string[] {
  const at = WAY.indexOf(component);
  return at < 0 ? WAY : [WAY[at + 1] ?? WAY[at - 1]!];
}
/** Runs the load. An answer is right where each piece of its body is one of what a system without faults sends. */
function served(system: System): { readonly isRight: boolean; readonly answers: number } {
  let isRight = true;
  const onBody = (bytes: Uint8Array, from: number, to: number): void => {
    isRight &&= rightBody().includes(textOf(bytes, from, to));
  };
  const { completed } = serve(system, { requests: REQUESTS, patienceNs: SERVE_NS, onBody });
  return { isRight, answers: completed };
}
const textOf = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, to));
let known: string | null = null;
function rightBody(): string {
  if (known !== null) return known;
  let body = '';
  const onBody = (bytes: Uint8Array, from: number, to: number): void => {
    body += textOf(bytes, from, to);
  };
  serve(booted(multiserver), { requests: 1, onBody });
  known = body;
  return body;
}
