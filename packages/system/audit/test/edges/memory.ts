/** Attacks on memory by loads and stores: each component, on whatever its address space names. */
import { KERNEL_DOMAIN } from '@bulkhead/assembler';
import { domainId, PHYSICAL_MEMORY } from '../../src/model.ts';
import type { Siege } from './evidence.ts';
import { MARK } from './moles.ts';
import { type Spot, wordsAt } from './spots.ts';

const PAGE_BYTES = 4096;

interface View {
  readonly spot: Spot;
  readonly page: number;
  readonly words: Int32Array;
  readonly mark: number;
}
function viewsOf(siege: Siege, domain: string, access: 'r' | 'w'): View[] {
  return [...siege.spots.values()].flatMap((spot, i) => {
    const page = siege.pageIn(domain, spot.address, access);
    const words = wordsAt(siege.system, spot.address, spot.lenBytes);
    return page === null ? [] : [{ spot, page, words, mark: MARK + 2 * i }];
  });
}

/** A word is planted in each piece; what the component loads is compared with it. */
export function load(siege: Siege, component: string): void {
  const domain = siege.domainOf(component);
  const views = viewsOf(siege, domain, 'r');
  const before = views.map(({ words }) => words[0]!);
  let loaded: number[] = [];
  const came = siege.moles.strike(component, ({ context: { memory } }) => {
    for (const { words, mark } of views) words[0] = mark;
    loaded = views.map(({ page, spot }) => memory.load32(page, spot.address % PAGE_BYTES));
    for (const [i, { words }] of views.entries()) words[0] = before[i]!;
  });
  if (!came) return;
  for (const { spot } of views.filter(({ mark }, i) => loaded[i] === mark)) {
    siege.show('load', component, 'runs-in', domainId(domain));
    if (domain !== KERNEL_DOMAIN) siege.show('load', domainId(domain), 'reads', spot.id);
    else siege.show('load', domainId(domain), 'reads', PHYSICAL_MEMORY);
  }
}
/** What the component stored is looked for in each piece, and taken away again. */
export function store(siege: Siege, component: string): void {
  const domain = siege.domainOf(component);
  const views = viewsOf(siege, domain, 'w');
  let isThere: boolean[] = [];
  siege.moles.strike(component, ({ context: { memory } }) => {
    isThere = views.map(({ spot, page, words, mark }) => {
      const before = words[0]!;
      memory.store32(page, spot.address % PAGE_BYTES, mark);
      const found = words[0] === mark;
      words[0] = before;
      return found;
    });
  });
  for (const { spot } of views.filter((_, i) => isThere[i])) {
    if (domain !== KERNEL_DOMAIN) siege.show('store', domainId(domain), 'writes', spot.id);
    else siege.show('store', domainId(domain), 'writes', PHYSICAL_MEMORY);
  }
}

/** Each end of a connection stores in the region that they share, and the other loads. */
export function exchange(siege: Siege): void {
  for (const { client, clientPort, server, serverPort } of siege.system.connections) {
    const id = `shared region of ${client.seat.name}.${clientPort} -> ${server.seat.name}.${serverPort}`;
    if (!siege.spots.has(id)) continue;
    const ends = [
      { name: client.seat.name, port: clientPort, peer: undefined },
      { name: server.seat.name, port: serverPort, peer: client.seat.index },
    ] as const;
    const arrived = ends.map((from, i) => {
      const to = ends[1 - i]!;
      let word = 0;
      siege.moles.strike(from.name, ({ context }) => {
        const { window } = context.shared(from.port, from.peer);
        window.store32(window.lenBytes - 4, MARK + i);
      });
      siege.moles.strike(to.name, ({ context }) => {
        const { window } = context.shared(to.port, to.peer);
        word = window.load32(window.lenBytes - 4);
      });
      return word === MARK + i;
    });
    if (arrived.every(Boolean)) for (const { name } of ends) siege.show('exchange', id, 'carries-data-of', name);
  }
}
