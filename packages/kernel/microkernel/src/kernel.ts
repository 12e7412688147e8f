/**
 * The kernel core, the same in every system: it owns the hart's traps, the capability spaces, the address spaces and
 * the interrupts, and decides who runs. What stands in its domain shares its memory and its fate.
 */
import { kernel as abi, PEER_DIED } from '@bulkhead/abi';
import { AddressSpaces, mapKernel, PageTables } from '@bulkhead/address-space';
import { type Capabilities, errors, objects } from '@bulkhead/capabilities';
import type { Clock } from '@bulkhead/clock';
import { IO_SPACE_WORDS, type IommuPort, IoSpaceInvocations, IoSpaces } from '@bulkhead/io-spaces';
import type { KernelCore, NativeThreads } from '@bulkhead/kernel-core';
import type { Charge } from '@bulkhead/ledger';
import type { HartPort, PhysicalMemoryPort } from '@bulkhead/ports';
import { invariant } from '@bulkhead/result';
import { LOAD_PAGE_FAULT, SIE, SIE_SEIE, SIE_STIE, STORE_PAGE_FAULT } from '@bulkhead/riscv-datasheet';
import { Alarms } from './alarms.ts';
import { makeCore } from './book.ts';
import { Budgets } from './budgets.ts';
import { Deliveries } from './deliveries.ts';
import { Executive } from './executive.ts';
import { type Fault, hex } from './fault.ts';
import { Interrupts } from './interrupts.ts';
import { Invocations } from './invocations.ts';
import { KernelMemory } from './kernel-memory.ts';
import type { KernelOptions } from './kernel-options.ts';
import { Meeting } from './meeting.ts';
import { Meter } from './meter.ts';
import { Notices } from './notices.ts';
import { Panic } from './panic.ts';
import type { KernelPrimitives } from './primitives.ts';
import {
  type Domain,
  type Life,
  type Seat,
  START_BIT,
  TCB_COMPONENT,
  TCB_FAULT_CAUSE,
  TCB_FAULT_COMPONENT,
  TCB_FAULT_OFFSET,
  TCB_FAULT_PAGE,
  TCB_FAULT_TOKEN,
  TCB_PRIORITY,
  TCB_SEAT_WORD,
} from './seat.ts';
import { Spaces } from './spaces.ts';
import type { UserCode } from './user-code.ts';
import { UserThreads } from './user-threads.ts';

const GIGABYTES_MAPPED = 3;

export class Kernel {
  readonly core: KernelCore;
  readonly executive: Executive;
  readonly meeting: Meeting;
  readonly capabilities: Capabilities;
  readonly kernelMemory: KernelMemory;
  readonly spaces: Spaces;
  readonly interrupts: Interrupts;
  readonly alarms: Alarms;
  readonly notices: Notices;
  readonly invocations: Invocations;
  readonly memory: PhysicalMemoryPort;
  readonly clock: Clock;
  readonly charge: Charge;
  readonly primitives: KernelPrimitives;
  readonly hart: HartPort;
  readonly seats: readonly Seat[];
  readonly domains: readonly Domain[];
  /** Words beside a result of the kernel's own calls. */
  readonly answer: Int32Array = new Int32Array(8);
  /** Every death, in order. For people: no component sees it. */
  readonly faults: Fault[] = [];
  panic: Panic | null = null;
  /** Null without `userCode`. */
  readonly userThreads: UserThreads | null;
  readonly #addressSpaces: AddressSpaces;
  /** Null where the kernel does not map for devices. */
  readonly #ioSpaces: IoSpaceInvocations | null;
  readonly #load: (domain: Domain) => boolean;

  constructor(options: KernelOptions) {
    const { hart, memory, clock, charge, primitives, interruptFile, interruptIdentities, domains, seats, load } =
      options;
    const { observer } = options;
    this.hart = hart;
    this.memory = memory;
    this.clock = clock;
    this.charge = charge;
    this.primitives = primitives;
    this.seats = seats;
    this.domains = domains;
    this.#load = load;
    this.core = makeCore(memory, {
      addressSpaces: () => this.#addressSpaces,
      interrupts: () => this.interrupts,
      ioSpaces: () => this.#ioSpaces,
      native: this.#nativeThreads(),
      preempt: () => clock.isEventDue,
      onCorruption: () => this.#die(new Panic('kernel', abi.FAULT_EXCEPTION, 'kernel: corrupted record')),
    });
    this.capabilities = this.core.capabilities;
    this.kernelMemory = new KernelMemory(memory, this.capabilities);
    const kernelRootPage = this.kernelMemory.rootTablePage;
    invariant(mapKernel(new PageTables(memory), kernelRootPage, GIGABYTES_MAPPED) === 0, 'an empty root table');
    this.#addressSpaces = new AddressSpaces({
      capabilities: this.capabilities,
      memory,
      kernelRootPage,
      fence: { fence: (vpn, asid) => this.#fence(vpn, asid) },
      fencesNewEntries: false,
    });
    const addressSpaces = this.#addressSpaces;
    this.spaces = new Spaces({ kernelMemory: this.kernelMemory, addressSpaces, charge, primitives });
    this.#ioSpaces = options.iommu === undefined ? null : this.#makeIoSpaces(options.iommu);
    for (const seat of seats) this.#makeThread(seat);
    const { kernelMemory, capabilities } = this;
    const budgets = new Budgets({ clock, kernelMemory, capabilities, seats });
    this.alarms = new Alarms(memory.words, hart, seats, budgets);
    const [file, identities] = [interruptFile, interruptIdentities];
    this.notices = new Notices({ kernel: this, file, identities, budgets, patience: options.patience ?? {} });
    const watch = this.notices.unacknowledged;
    this.interrupts = new Interrupts({ kernelMemory, file, identities, seats, watch });
    this.meeting = new Meeting(this.core, seats);
    const { meeting } = this;
    this.executive = new Executive({
      hart,
      meeting,
      meter: new Meter(clock, seats, budgets),
      clock,
      charge,
      primitives,
      seats,
      ...(observer === undefined ? {} : { observer }),
    });
    const deliveries = new Deliveries(this);
    this.executive.attach({
      serveExternal: () => deliveries.interrupts(),
      serveTimer: () => deliveries.timer(),
      caught: (seat, life, error) => this.caught(seat, life, error),
      postpone: (seat) => deliveries.postpone(seat),
      overran: (seat) => this.#overran(seat),
    });
    this.invocations = new Invocations(this);
    this.userThreads = options.userCode === undefined ? null : this.#makeUserThreads(options.userCode);
    hart.writeSatp(0, this.kernelMemory.rootTablePage);
    hart.writeCsr(SIE, SIE_SEIE.mask | SIE_STIE.mask, 0);
  }

  /** Components. */
  #nativeThreads(): NativeThreads {
    const seatOf = (thread: number): Seat => this.seats[this.meeting.seatOf(thread)]!;
    return {
      isNative: (thread) => this.meeting.seatOf(thread) >= 0,
      signalled: (thread) => this.executive.makeReady(seatOf(thread)),
      received: (thread) => this.meeting.turnDown(seatOf(thread)),
    };
  }
  /** What is fenced was mapped: for one page that has a price. */
  #fence(vpn: number, asid: number): void {
    this.hart.sfence(vpn, asid);
    if (vpn < 0) {
      this.executive.forget(asid);
      return;
    }
    this.charge.spend(this.primitives.pageUnmap);
    this.charge.spend(this.primitives.tlbInvalidatePage);
  }
  #makeIoSpaces(iommu: IommuPort): IoSpaceInvocations {
    const { capabilities, kernelMemory, memory } = this;
    const base = kernelMemory.ioSpaceWord;
    const domains = kernelMemory.ioSpaceWords / IO_SPACE_WORDS - 1;
    capabilities.install(kernelMemory.ioSpaceControl, objects.IO_SPACE_CONTROL, 0, 0);
    const spaces = new IoSpaces({ capabilities, basePage: memory.basePage, base, domains, iommu });
    return new IoSpaceInvocations(capabilities, spaces);
  }
  #makeUserThreads(code: UserCode): UserThreads {
    const { core, executive, meeting, spaces, clock, seats, alarms } = this;
    const wakeAt = (atCycles: number): void => alarms.wakeThreadsAt(atCycles);
    const threads = new UserThreads({ core, executive, meeting, spaces, clock, seats, code, wakeAt });
    executive.runBeside(threads);
    return threads;
  }

  #makeThread(seat: Seat): void {
    const slot = this.kernelMemory.make(this.kernelMemory.bootUntyped, objects.TCB, 0);
    seat.tcb = this.capabilities.wordOf(slot) + TCB_SEAT_WORD;
    seat.tcbSlot = slot;
    seat.thread = this.core.tcbs.threadOf(this.capabilities, slot);
    this.memory.words[seat.tcb + TCB_COMPONENT] = seat.index;
    this.memory.words[seat.tcb + TCB_PRIORITY] = seat.level;
  }
  /** @param word the first of a thread control block. */
  seatOfTcb(word: number): Seat | undefined {
    return this.seats[this.memory.words[word + TCB_SEAT_WORD + TCB_COMPONENT]!];
  }

  // ---------------------------------------------------------------- life and death

  /** Takes back what the domain had, and gives it an empty capability space and address space. */
  open(domain: Domain): boolean {
    if (!domain.isKernel) this.executive.forget(domain.asid);
    if (domain.starts > 0) this.spaces.close(domain);
    domain.starts++;
    return this.spaces.open(domain) === 0;
  }
  /** Loaded domains live from now on; their components are ready to start, those of one level in their own order. */
  begin(domains: readonly Domain[]): void {
    const seats = domains.flatMap((domain) => domain.seats).sort((a, b) => a.index - b.index);
    for (const domain of domains) domain.alive = true;
    for (const seat of seats) {
      this.memory.words[seat.tcb + TCB_FAULT_CAUSE] = 0;
      this.meeting.join(seat);
      this.executive.signal(seat, 1 << START_BIT);
    }
  }
  /** @returns false when the domain's memory did not suffice. */
  start(domain: Domain): boolean {
    if (this.open(domain) && this.#load(domain)) {
      this.begin([domain]);
      return true;
    }
    this.spaces.close(domain);
    return false;
  }
  /** Ends the domain in which `seat` stands: nothing of it runs any more. Its memory and rights stay until it is started. */
  end(seat: Seat, cause: number, page: number, offset: number, message: string): void {
    const { domain } = seat;
    if (!domain.alive) return;
    domain.alive = false;
    if (this.userThreads !== null) this.userThreads.stop(domain);
    const { words } = this.memory;
    for (const member of domain.seats) {
      member.life.over = true;
      this.executive.withdraw(member);
      this.alarms.takePostponed(member);
      this.alarms.cancel(member);
      this.meeting.part(member, PEER_DIED);
      words[member.tcb + TCB_FAULT_CAUSE] = cause;
      words[member.tcb + TCB_FAULT_PAGE] = page;
      words[member.tcb + TCB_FAULT_OFFSET] = offset;
      words[member.tcb + TCB_FAULT_COMPONENT] = seat.index;
      words[member.tcb + TCB_FAULT_TOKEN] = 0;
    }
    this.faults.push({ component: seat.name, domain: domain.name, cause, message, atCycles: this.clock.now });
    this.notices.tell(domain);
  }
  /** Why the domain ended. */
  faultCauseOf({ seats }: Domain): number {
    return this.memory.words[seats[0]!.tcb + TCB_FAULT_CAUSE]! || abi.FAULT_ENDED;
  }
  /** An access that the MMU refused. A component of the kernel's domain takes everything with it. */
  pageFault(seat: Seat, life: Life, page: number, offset: number, store: boolean): never {
    this.hart.trap(store ? STORE_PAGE_FAULT : LOAD_PAGE_FAULT, false, page + (offset >> 12), offset & 0xfff);
    this.charge.spend(this.primitives.kernelEntryExit);
    this.charge.spend(this.primitives.registerSave);
    const message = `page fault: ${store ? 'store to' : 'load from'} ${hex(page, offset)}`;
    this.#fault(seat, abi.FAULT_PAGE, page + (offset >> 12), offset & 0xfff, message);
    throw life.ended;
  }
  /**
   * What left a component's handler is that component's processor exception, whatever it is: a broken invariant of its
   * own, too. Only a panic passes on.
   */
  caught(seat: Seat, life: Life, error: unknown): void {
    if (error instanceof Panic) throw error;
    if (error === life.ended) return;
    const message = error instanceof Error ? error.message : String(error);
    this.#fault(seat, abi.FAULT_EXCEPTION, 0, 0, `exception: ${message}`);
  }
  /** A handler passed its limit. It is noticed at its next charge, or when it comes back from the kernel. */
  #overran(seat: Seat): void {
    const us = (cycles: number): number => Math.floor((cycles * 1e6) / this.clock.cyclesPerSecond);
    const took = us(this.executive.meter.tookCycles(seat.index));
    const message = `timeout: a handler of '${seat.name}' took ${took} us; its limit is ${us(seat.limitCycles)} us`;
    this.#fault(seat, abi.FAULT_TIMEOUT, 0, 0, message);
  }
  #fault(seat: Seat, cause: number, page: number, offset: number, message: string): void {
    if (seat.domain.isKernel) this.#die(new Panic(seat.name, cause, `${seat.name}: ${message}`));
    this.end(seat, cause, page, offset, message);
  }
  /** Nothing runs any more, not even what would catch this. */
  #die(panic: Panic): never {
    this.panic = panic;
    for (const seat of this.seats) {
      seat.life.over = true;
      this.executive.withdraw(seat);
    }
    throw panic;
  }
  /** Passes an answer of capabilities on; broken kernel memory is a panic. @returns 0 for every other error. */
  sound(answer: number): number {
    if (answer === errors.CORRUPTED)
      this.#die(new Panic('kernel', abi.FAULT_EXCEPTION, 'kernel: corrupted capability'));
    return 0;
  }
}
