/** A kernel on a hart that only writes down what is done to it, with two domains beside the kernel's own. */
import { kernel as abi, type Right } from '@bulkhead/abi';
import { objects } from '@bulkhead/capabilities';
import { Clock } from '@bulkhead/clock';
import { Ledger } from '@bulkhead/ledger';
import type { HartPort, PhysicalMemoryPort } from '@bulkhead/ports';
import { S_EXTERNAL_INTERRUPT, S_TIMER_INTERRUPT } from '@bulkhead/riscv-datasheet';
import {
  Domain,
  Kernel,
  type KernelOptions,
  type KernelPrimitives,
  Life,
  RESERVABLE_PAGE,
  Seat,
} from '../src/index.ts';

const PRIMITIVES = [
  'kernelEntryExit',
  'registerSave',
  'addressSpaceSwitch',
  'ipcPath',
  'ipcSlowPath',
  'messageWord',
  'capTransfer',
  'notificationSignal',
  'notificationWait',
  'ringEntry',
  'directCall',
  'castQueue',
  'castDispatch',
  'schedule',
  'invocation',
  'capLookup',
  'pageMap',
  'pageUnmap',
  'tlbInvalidatePage',
  'interruptEntry',
  'interruptAcknowledge',
  'idle',
] as const satisfies readonly (keyof KernelPrimitives)[];

const BASE_PAGE = 0x80000;
const RAM_PAGES = 0x8000;
const MIB_PAGES = 256;
const MIB_BITS = 20;
/** Identities that the fake interrupt file has. */
export const IDENTITIES = 63;

class FakeHart implements HartPort {
  readonly lo: Int32Array = new Int32Array(32);
  readonly hi: Int32Array = new Int32Array(32);
  mode = 1;
  trapCount = 0;
  satpWriteCount = 0;
  /** Pages and address spaces that were fenced. */
  readonly fences: string[] = [];
  timerAt = 0;
  /** What interrupts the hart, or -1. */
  cause = -1;
  #previous = 1;

  trap(): void {
    this.#previous = this.mode;
    this.mode = 1;
    this.trapCount++;
  }
  sret(): void {
    this.mode = this.#previous;
  }
  setPreviousMode(mode: number): void {
    this.#previous = mode;
  }
  writeSatp(): void {
    this.satpWriteCount++;
  }
  sfence(vpn: number, asid: number): void {
    this.fences.push(`${vpn}/${asid}`);
  }
  pendingInterrupt(): number {
    return this.cause;
  }
  writeCsr(): boolean {
    return true;
  }
  setTimer(atCycles: number): void {
    this.timerAt = atCycles;
  }
}

const memoryOf = (bytes: Uint8Array<ArrayBuffer>): PhysicalMemoryPort => {
  const words = new Int32Array(bytes.buffer);
  return {
    basePage: BASE_PAGE,
    pageCount: RAM_PAGES,
    bytes,
    words,
    holdsPage: (page) => page >= BASE_PAGE && page < BASE_PAGE + RAM_PAGES,
    word: (page, index) => words[(page - BASE_PAGE) * 1024 + index]!,
    setWord: (page, index, value) => {
      words[(page - BASE_PAGE) * 1024 + index] = value;
    },
  };
};

/** Who asks: `user` has a domain of its own, `native` stands in the kernel's, `child` is what `user` may start. */
export const USER = 0;
export const NATIVE = 1;
export const CHILD = 2;

export class Fixture {
  readonly hart: FakeHart = new FakeHart();
  readonly clock: Clock = new Clock(1e9);
  readonly ledger: Ledger;
  readonly domains: readonly Domain[] = [
    new Domain(0, 'kernel', true),
    new Domain(1, 'user', false),
    new Domain(2, 'child', false),
  ];
  readonly kernel: Kernel;
  readonly enabled = new Set<number>();
  readonly pending = new Set<number>();
  #untypedMiB = 16;

  constructor(more: Partial<KernelOptions> = {}) {
    const [native, user, child] = this.domains as [Domain, Domain, Domain];
    this.ledger = new Ledger({
      clock: this.clock,
      primitives: PRIMITIVES.map((name) => ({ name, cause: 'kernel' as const })),
      prices: PRIMITIVES.map(() => 1),
      components: ['kernel'],
    });
    this.kernel = new Kernel({
      hart: this.hart,
      memory: memoryOf(new Uint8Array(RAM_PAGES * 4096)),
      clock: this.clock,
      charge: this.ledger.charge(0, () => {}),
      primitives: Object.fromEntries(PRIMITIVES.map((name, index) => [name, index])) as unknown as KernelPrimitives,
      interruptFile: {
        claim: () => this.#claim(),
        enable: (identity, on) => void (on ? this.enabled.add(identity) : this.enabled.delete(identity)),
        setPending: (identity, on) => void (on ? this.pending.add(identity) : this.pending.delete(identity)),
        isPending: (identity) => this.pending.has(identity),
      },
      interruptIdentities: IDENTITIES,
      domains: this.domains,
      seats: [
        new Seat(USER, 'user', 10, user),
        new Seat(NATIVE, 'native', 20, native),
        new Seat(CHILD, 'child', 5, child),
      ],
      load: (domain) => this.#load(domain),
      ...more,
    });
    this.domains.forEach((domain, i) => {
      domain.untypedSlot = this.#promise(4 * i, 2);
    });
    for (const domain of [native, user]) {
      this.kernel.spaces.mustOpen(domain);
      domain.starts++;
      this.#load(domain);
      this.kernel.begin([domain]);
    }
  }
  #promise(atMiB: number, sizeLog2MiB: number): number {
    const page = BASE_PAGE + RESERVABLE_PAGE + atMiB * MIB_PAGES;
    return this.kernel.kernelMemory.installUntyped(page, MIB_BITS + sizeLog2MiB, false);
  }
  /** What an assembler does, with components that have nothing. */
  #load(domain: Domain): boolean {
    const { spaces, capabilities } = this.kernel;
    const make = (type: number): number => spaces.slotAt(domain, spaces.make(domain, type, 0, 1));
    for (const seat of domain.seats) {
      seat.life = new Life(seat.index);
      seat.endpoint = capabilities.wordOf(make(objects.ENDPOINT));
      seat.notificationSlot = make(objects.NOTIFICATION);
      seat.notification = capabilities.wordOf(seat.notificationSlot);
      seat.reply = capabilities.wordOf(make(objects.REPLY));
    }
    return true;
  }

  #claim(): number {
    const identity = [...this.pending].find((each) => this.enabled.has(each)) ?? 0;
    this.pending.delete(identity);
    return identity;
  }
  /** A message comes to the interrupt file, and the hart takes what is not masked. */
  interrupt(identity: number): void {
    this.pending.add(identity);
    this.hart.cause = S_EXTERNAL_INTERRUPT;
    this.kernel.executive.interrupted();
    this.hart.cause = -1;
  }
  /** Time passes, and the hart takes its timer as often as it is due. */
  pass(cycles: number): void {
    const end = this.clock.now + cycles;
    while (this.hart.timerAt > this.clock.now && this.hart.timerAt <= end) {
      this.clock.advance(this.hart.timerAt - this.clock.now);
      this.hart.cause = S_TIMER_INTERRUPT;
      this.kernel.executive.interrupted();
      this.hart.cause = -1;
    }
    if (this.clock.now < end) this.clock.advance(end - this.clock.now);
  }
  /** What a component was told since the last time: a bit each. */
  told(who: number): number {
    return this.kernel.executive.takeNotification(this.kernel.seats[who]!);
  }

  domainOf(who: number): Domain {
    return this.kernel.seats[who]!.domain;
  }
  slot(who: number, right: Right): number {
    return this.kernel.spaces.slotAt(this.domainOf(who), right);
  }
  /** Fresh frames, whose rights follow each other. */
  frames(who: number, count = 1, sizeBits: 12 | 21 = 12): Right {
    return this.kernel.spaces.make(this.domainOf(who), objects.FRAME, sizeBits, count) as Right;
  }
  /** RAM of its own that nothing was made from. */
  untyped(who: number, sizeLog2MiB = 0): Right {
    const slot = this.#promise(this.#untypedMiB, sizeLog2MiB);
    this.#untypedMiB += Math.max(1, 2 ** sizeLog2MiB);
    return this.kernel.spaces.grant(slot, this.domainOf(who)) as Right;
  }
  /** Registers of a device, at the page of another one each time. */
  deviceUntyped(who: number, page: number): Right {
    return this.kernel.spaces.grant(
      this.kernel.kernelMemory.installUntyped(page, 14, true),
      this.domainOf(who),
    ) as Right;
  }
  irqControl(who: number): Right {
    const { spaces, capabilities } = this.kernel;
    const right = spaces.freeSlots(this.domainOf(who), 1);
    capabilities.install(spaces.slotAt(this.domainOf(who), right), objects.IRQ_CONTROL, 0, 0);
    return right as Right;
  }
  /** A right to a component's domain. */
  thread(who: number, of: number): Right {
    return this.kernel.spaces.grant(this.kernel.seats[of]!.tcbSlot, this.domainOf(who)) as Right;
  }
  endpoint(who: number): Right {
    return this.kernel.spaces.make(this.domainOf(who), objects.ENDPOINT, 0, 1) as Right;
  }
  /** Fills every free slot but `left` of them. */
  fillSlots(who: number, left: number): void {
    const domain = this.domainOf(who);
    const { spaces } = this.kernel;
    const frame = spaces.slotAt(domain, this.frames(who));
    const free: number[] = [];
    for (let right = 1; right < 4096; right++)
      if (this.kernel.capabilities.typeOf(spaces.slotAt(domain, right)) === objects.NULL) free.push(right);
    for (const right of free.slice(0, free.length - left))
      this.kernel.capabilities.copy(spaces.slotAt(domain, right), frame, objects.ALL_RIGHTS);
  }
  typeOf(who: number, right: Right): number {
    return this.kernel.capabilities.typeOf(this.slot(who, right));
  }
}

export { abi };
export const NOWHERE = 4000 as Right;
