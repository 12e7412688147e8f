/** What attacks on one system have shown so far: edges, each with the attacks that went along it. */
import { kernelPage } from '@bulkhead/address-space';
import { type Description, KERNEL_DOMAIN } from '@bulkhead/assembler';
import { type MemorySnapshot, memoryOf, type Reach, reachOf } from '@bulkhead/inspection';
import type { AuditEdge } from '../../src/index.ts';
import { domainId, type Verb } from '../../src/model.ts';
import type { Attack } from '../../src/showing.ts';
import { Moles } from './moles.ts';
import { type Spot, spotsOf } from './spots.ts';

const BOOT_NS = 5_000_000;
const PAGE_BYTES = 4096;

export const keyOf = ({ from, verb, to }: Pick<AuditEdge, 'from' | 'verb' | 'to'>): string => `${from} ${verb} ${to}`;

/** A system under attack. */
export class Siege {
  readonly moles: Moles;
  readonly spots: ReadonlyMap<string, Spot>;
  /** As they were after boot. */
  readonly memory: MemorySnapshot;
  readonly reach: Reach;
  readonly #shown = new Map<string, Set<Attack>>();

  constructor(description: Description) {
    this.moles = new Moles(description);
    this.moles.run(BOOT_NS);
    this.memory = memoryOf(this.moles.system);
    this.spots = spotsOf(this.moles.system, this.memory);
    this.reach = reachOf(this.moles.system);
  }
  get system(): Moles['system'] {
    return this.moles.system;
  }
  get names(): string[] {
    return this.system.places.map(({ seat }) => seat.name);
  }
  domainOf(component: string): string {
    return this.system.places.find(({ seat }) => seat.name === component)!.seat.domain.name;
  }
  identityOf(component: string): number {
    return this.system.places.findIndex(({ seat }) => seat.name === component);
  }
  /** @returns where a component of a domain finds a physical address, or null. */
  pageIn(domain: string, address: number, access: 'r' | 'w'): number | null {
    const wanted = Math.floor(address / PAGE_BYTES);
    if (domain === KERNEL_DOMAIN) return kernelPage(wanted);
    const { runs } = this.memory.domains.find((space) => space.domain === domain)!;
    const run = runs.find(
      ({ physicalPage, count, access: allowed }) =>
        wanted >= physicalPage && wanted < physicalPage + count && allowed.includes(access),
    );
    return run === undefined ? null : run.page + wanted - run.physicalPage;
  }

  show(attack: Attack, from: string, verb: Verb, to: string): void {
    const key = keyOf({ from, verb, to });
    const attacks = this.#shown.get(key);
    if (attacks === undefined) this.#shown.set(key, new Set([attack]));
    else attacks.add(attack);
  }
  /** As a domain does what its component did. */
  showBy(attack: Attack, component: string, verb: Verb, to: string): void {
    this.show(attack, domainId(this.domainOf(component)), verb, to);
  }
  get shown(): ReadonlyMap<string, ReadonlySet<Attack>> {
    return this.#shown;
  }
}
