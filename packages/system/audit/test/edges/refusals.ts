/** Attacks where no edge is: each is refused, or meets nothing, or ends the attacker. */
import type { Audit } from '../../src/index.ts';
import { domainId, INTERRUPT_FILE } from '../../src/model.ts';
import { keyOf, type Siege } from './evidence.ts';
import { type Card, cardsOf, receive, transmit } from './machine.ts';
import { MARK } from './moles.ts';
import { type Spot, wordsAt } from './spots.ts';

const PAGE_BYTES = 4096;
/** That a domain can hold. */
const RIGHTS = 4096;

/** What went through where no edge is: nothing, while the audit is right. */
export function breaches(siege: Siege, audit: Audit): string[] {
  const edges = new Set(audit.edges.map(keyOf));
  const isFree = (from: string, verb: Audit['edges'][number]['verb'], to: string): boolean =>
    !edges.has(keyOf({ from, verb, to }));
  return [
    ...byRights(siege, isFree),
    ...(audit.iommu === 'bare' ? [] : cardsOf(siege).flatMap((card) => byTransfers(siege, card, isFree))),
    ...byLoads(siege, isFree),
  ];
}
type IsFree = (from: string, verb: Audit['edges'][number]['verb'], to: string) => boolean;

/** Every index of a capability space, as if it were the right that is missing. */
function byRights(siege: Siege, isFree: IsFree): string[] {
  const { kernel } = siege.system;
  const domains = kernel.domains.filter(({ isKernel }) => !isKernel);
  return siege.system.places.flatMap(({ seat, definition }) => {
    if (definition.uses['kernel'] === undefined || seat.domain.isKernel) return [];
    const from = domainId(seat.domain.name);
    const spared = domains.filter(({ name }) => isFree(from, 'ends', domainId(name)) && name !== seat.domain.name);
    const mayNotTake = isFree(from, 'takes', INTERRUPT_FILE);
    const mayEndNobody = spared.length === domains.length - 1;
    const identity = kernel.interrupts.identities;
    siege.moles.strike(seat.name, ({ ports }) => {
      for (let right = 1; right < RIGHTS; right++) {
        if (mayNotTake) ports['kernel']!['issueInterrupt']!(right, identity);
        if (mayEndNobody) ports['kernel']!['endDomain']!(right);
      }
    });
    return [
      ...(mayNotTake && kernel.interrupts.isIssued(identity) ? [`${from} takes ${INTERRUPT_FILE}`] : []),
      ...spared.filter(({ alive }) => !alive).map(({ name }) => `${from} ends ${domainId(name)}`),
    ];
  });
}

/** Physical addresses, where the device has no mapping of them. */
function byTransfers(siege: Siege, card: Card, isFree: IsFree): string[] {
  const spots = [...siege.spots.values()];
  const unread = spots.filter(({ id }) => isFree(card.name, 'dma-reads', id));
  const unwritten = spots.filter(({ id }) => isFree(card.name, 'dma-writes', id));
  const physical = ({ address }: Spot): number => address;
  return [
    ...transmit(siege, card, unread, physical).map(({ id }) => `${card.name} dma-reads ${id}`),
    ...receive(siege, card, unwritten, physical).map(({ id }) => `${card.name} dma-writes ${id}`),
  ];
}

/** A load from the page at which another domain has what this one has not: it ends, or finds something else there. */
function byLoads(siege: Siege, isFree: IsFree): string[] {
  return siege.system.places.flatMap(({ seat }, i) => {
    if (seat.domain.isKernel || !seat.domain.alive) return [];
    const from = domainId(seat.domain.name);
    const foreign = [...siege.spots.values()].filter(({ id }) => isFree(from, 'reads', id));
    const others = siege.system.kernel.domains.filter(({ isKernel }) => !isKernel);
    const seen = foreign.flatMap((spot) =>
      others.flatMap(({ name }) => {
        const page = siege.pageIn(name, spot.address, 'r');
        return page === null ? [] : [{ spot, page }];
      }),
    );
    const target = seen[i % Math.max(1, seen.length)];
    if (target === undefined) return [];
    const words = wordsAt(siege.system, target.spot.address, target.spot.lenBytes);
    const before = words[0]!;
    let loaded = 0;
    words[0] = MARK;
    siege.moles.strike(seat.name, ({ context: { memory } }) => {
      loaded = memory.load32(target.page, target.spot.address % PAGE_BYTES);
    });
    words[0] = before;
    return loaded === MARK ? [`${from} reads ${target.spot.id}`] : [];
  });
}
