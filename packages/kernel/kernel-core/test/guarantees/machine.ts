/**
 * What lies around the kernel: what its tables and records say, read from the words alone as MMU, IOMMU and interrupt
 * file read them, what these were told, and what they may still remember.
 */
import {
  type Everything,
  everythingOn,
  type Hardware,
  IDENTITIES,
  IO_DOMAINS,
  IO_RECORDS,
  IRQ_RECORDS,
  KERNEL_ROOT,
  wordOfPage,
} from '../everything.ts';
import type { World, WorldOptions } from '../support.ts';

const [V, R, W, X, U] = [1, 2, 4, 8, 16] as const;
const LEAF = R | W | X;
const LETTERS = [
  [R, 'r'],
  [W, 'w'],
  [X, 'x'],
  [U, 'u'],
] as const;
const ENTRIES = 512;
const POOLS = 8;
const ALL = -1;
const NEVER = -1;
const HANDLER_WORDS = 16;
const IO_WORDS = 4;

interface Entry {
  readonly index: number;
  readonly page: number;
  /** '' for a table. */
  readonly flags: string;
}
/** Where a mapping is: an address space's or an IO domain's number, and a page. Then what is there. */
type Line = readonly [space: string, page: number, what: string];

export class Machine {
  readonly w: World;
  readonly #all: Everything;
  /** Which interrupts are let through. */
  readonly enabled = new Int32Array(IDENTITIES + 1);
  /** What MMU and IOMMU may have kept since the last change began. */
  #remembered: Line[] = [];
  /** Devices that are let through. */
  #attached = new Set<number>();
  #cutAfter = NEVER;
  /** Whether the last system call was cut short. */
  wasCut = false;

  constructor(options: WorldOptions) {
    const hardware: Hardware = {
      fence: { fence: (page, asid) => this.#forget((space) => asid === ALL || space === spaceName(asid), page) },
      mask: {
        enable: (identity, isEnabled) => {
          this.enabled[identity] = isEnabled ? 1 : 0;
        },
        setPending: () => {},
      },
      iommu: {
        attach: (device) => this.#attached.add(device),
        detach: (device) => this.#attached.delete(device),
        invalidate: (domain, page) => this.#forget((space) => space === ioName(domain), page),
      },
    };
    const preempt = (): boolean => this.#mustStop();
    this.#all = everythingOn(hardware, { ...options, kernel: { ...options.kernel, preempt } });
    this.w = this.#all.w;
  }

  /** The next system call stops when it has asked so often whether it must; with -1 it never must. */
  cutAfter(count: number): void {
    this.#cutAfter = count;
    this.wasCut = false;
  }
  #mustStop(): boolean {
    if (this.#cutAfter === NEVER) return false;
    this.wasCut = this.#cutAfter-- === 0;
    return this.wasCut;
  }
  /** An interrupt comes that is let through. */
  interrupt(identity: number): void {
    const { capabilities } = this.w.kernel;
    const slot = this.#all.handlers.deliver(identity);
    if (slot !== 0) this.w.kernel.signal(capabilities.wordOf(slot), capabilities.badgeOf(slot));
  }

  // ---------------------------------------------------------------- what may be remembered

  /** MMU and IOMMU read all that there is. */
  readAhead(): void {
    this.#remember(this.#lines());
  }
  #remember(lines: Line[]): void {
    this.#remembered = lines;
    this.#attached = new Set(this.#devices());
  }
  #devices(): number[] {
    return this.ioSpaces().flatMap(({ device, root }) => (root < 0 ? [] : [device]));
  }
  #forget(isIn: (space: string) => boolean, page: number): void {
    this.#remembered = this.#remembered.filter(([space, at]) => !(isIn(space) && (page === ALL || page === at)));
  }
  #stale(lines: readonly string[]): string[] {
    const now = new Set(lines);
    const kept = this.#remembered.map(describe).filter((line) => !now.has(line));
    const through = this.#devices();
    const wrong = [...this.#attached].filter((device) => !through.includes(device));
    return [
      ...kept.map((line) => `it is remembered that ${line}`),
      ...wrong.map((device) => `device ${device} is still let through`),
    ];
  }

  // ---------------------------------------------------------------- what the words say

  /**
   * All that hardware acts upon, in words; and what is remembered though it is not so any more. It is all read ahead
   * then.
   */
  look(): { view: string[]; stale: string[] } {
    const lines = this.#lines();
    const said = lines.map(describe);
    const stale = this.#stale(said);
    this.#remember(lines);
    return { view: [...this.#roots(), ...said, ...this.#interrupts()], stale };
  }
  #roots(): string[] {
    const spaces = this.addressSpaces().map(({ asid, root }) => rootLine(spaceName(asid), root));
    const domains = this.ioSpaces().map(({ device, domain, root }) =>
      rootLine(`${ioName(domain)} of device ${device}`, root),
    );
    return [...spaces, ...domains];
  }
  #interrupts(): string[] {
    const { words } = this.w;
    const lines: string[] = [];
    for (let identity = 1; identity <= IDENTITIES; identity++) {
      const at = handlerSlot(identity);
      const [isIssued, awaits] = [words[at + 8] !== 0, words[at + 9] !== 0];
      if (isIssued || awaits || this.enabled[identity] !== 0)
        lines.push(interruptLine(identity, isIssued, this.enabled[identity] !== 0, awaits));
    }
    return lines;
  }
  /** Address spaces that have an ASID. */
  addressSpaces(): { asid: number; root: number }[] {
    const { words } = this.w;
    const recorded = (at: number): number => (words[at + 1] === 1 ? words[at]! >>> 1 : -1);
    const found: { asid: number; root: number }[] = [];
    for (const [pool, page] of this.poolPages().entries())
      for (let entry = 0; page >= 0 && entry < ENTRIES; entry++) {
        const root = recorded(wordOfPage(page) + entry * 2);
        if (root >= 0) found.push({ asid: pool * ENTRIES + entry, root });
      }
    return found;
  }
  /** The pool's pages, by number; -1 for none. */
  poolPages(): number[] {
    const { words } = this.w;
    const at = (pool: number): number => KERNEL_ROOT + pool * 2;
    return Array.from({ length: POOLS }, (_, pool) => (words[at(pool) + 1] === 1 ? words[at(pool)]! >>> 1 : -1));
  }
  /** IO spaces that were issued. */
  ioSpaces(): { domain: number; device: number; root: number }[] {
    const { words } = this.w;
    const all = Array.from({ length: IO_DOMAINS }, (_, i) => {
      const at = IO_RECORDS + (i + 1) * IO_WORDS;
      return { domain: i + 1, device: words[at]! - 1, root: words[at + 1]! - 1 };
    });
    return all.filter(({ device }) => device >= 0);
  }
  #lines(): Line[] {
    const lines: Line[] = [];
    for (const { asid, root } of this.addressSpaces()) this.#read(lines, spaceName(asid), root, 0, 2, ENTRIES / 2);
    for (const { domain, root } of this.ioSpaces())
      if (root >= 0) this.#read(lines, ioName(domain), root, 0, 2, ENTRIES);
    return lines;
  }
  #read(lines: Line[], space: string, table: number, first: number, level: number, count: number): void {
    for (const { index, page: there, flags } of this.entries(table, count)) {
      const page = first + index * ENTRIES ** level;
      lines.push([space, page, entryLine(level, there, flags)]);
      if (flags === '' && level > 0) this.#read(lines, space, there, page, level - 1, ENTRIES);
    }
  }
  /** What stands in the first entries of a table. */
  entries(table: number, count: number): Entry[] {
    const { words } = this.w;
    const found: Entry[] = [];
    for (let index = 0, at = wordOfPage(table); index < count; index++, at += 2) {
      const low = words[at] ?? 0;
      if ((low & V) === 0) continue;
      const letters = LETTERS.map(([bit, letter]) => ((low & bit) === 0 ? '' : letter));
      const flags = (low & LEAF) === 0 ? '' : letters.join('');
      found.push({ index, page: words[at + 1]! * 2 ** 22 + (low >>> 10), flags });
    }
    return found;
  }
}

/** Where the notification's capability of an interrupt's handler is. */
export const handlerSlot = (identity: number): number => IRQ_RECORDS + identity * HANDLER_WORDS;
export const spaceName = (asid: number): string => `address space ${asid}`;
export const ioName = (domain: number): string => `IO domain ${domain}`;
export const rootLine = (space: string, root: number): string =>
  `${space} ${root < 0 ? 'maps nothing' : `begins at page ${root}`}`;
/** @param flags '' for a table */
export const entryLine = (level: number, page: number, flags: string): string =>
  flags === '' ? `has a table of level ${level - 1} on ${page}` : `reaches ${page} with ${flags} at level ${level}`;
export const describe = ([space, page, what]: Line): string => `page ${page} of ${space} ${what}`;
export const interruptLine = (identity: number, issued: boolean, enabled: boolean, awaits: boolean): string =>
  `interrupt ${identity}${issued ? '' : ' of nobody'} is ${enabled ? 'let through' : 'masked'}${awaits ? ' and awaits acknowledgement' : ''}`;
