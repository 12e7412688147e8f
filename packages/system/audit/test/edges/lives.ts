/** Attacks that end somebody, or leave the system spoilt: lives and deaths, what is taken and taken back, tables. */
import { kernel as abi } from '@bulkhead/abi';
import type { Resource } from '@bulkhead/assembler';
import { IMSIC_PAGE } from '@bulkhead/board';
import { memoryOf, reachOf } from '@bulkhead/inspection';
import * as nic from '@bulkhead/intel-82574-datasheet';
import { domainId, INTERRUPT_FILE, KERNEL, KERNEL_MEMORY } from '../../src/model.ts';
import type { Siege } from './evidence.ts';
import { boundIn, type Card, cardsOf, fenceAt, isNotified } from './machine.ts';
import { MARK, type Reach } from './moles.ts';
import { wordsAt } from './spots.ts';

const PAGE_BYTES = 4096;
const RESTART_NS = 5_000_000;
const FLIGHT_NS = 30_000;
const SLOT_WORDS = 8;
const FRAME_BITS = 12;
const BAR_PAGES = 32;
const NIC_VENDOR_DEVICE: number = nic.DEVICE_ID * 0x1_0000 + nic.VENDOR_ID;
const USER_HALF_BYTES = 2048;

/** Who was given a resource, and under which name. */
function grantsOf({ system }: Siege, of: (resource: Resource) => boolean) {
  return Object.entries(system.description.authority).flatMap(([component, rights]) =>
    Object.entries(rights)
      .filter(([, resource]) => of(resource))
      .map(([right, resource]) => ({ component, right, resource })),
  );
}

/** An interrupt that nobody has. */
export function takeInterrupt(siege: Siege): void {
  const { interrupts } = siege.system.kernel;
  for (const { component, right } of grantsOf(siege, (resource) => resource === 'irq-control')) {
    let identity = interrupts.identities;
    while (interrupts.isIssued(identity)) identity--;
    siege.moles.strike(component, ({ context, ports }) => {
      ports['kernel']!['issueInterrupt']!(context.right(right), identity);
    });
    if (interrupts.isIssued(identity)) siege.showBy('take', component, 'takes', INTERRUPT_FILE);
  }
}

export function endAndStart(siege: Siege): void {
  for (const { component, right, resource } of grantsOf(siege, (one) => one.startsWith('domain:'))) {
    const name = resource.slice('domain:'.length);
    const domain = siege.system.kernel.domains.find((one) => one.name === name)!;
    const { starts } = domain;
    let ended = false;
    siege.moles.strike(component, ({ context, ports }) => {
      ports['kernel']!['endDomain']!(context.right(right));
      ended = !domain.alive;
      ports['kernel']!['startDomain']!(context.right(right));
    });
    if (ended) siege.showBy('end', component, 'ends', domainId(name));
    if (ended && domain.alive && domain.starts === starts + 1)
      siege.showBy('start', component, 'starts', domainId(name));
    siege.moles.run(RESTART_NS);
  }
}

/** A card that its holder gave back is claimed by whoever else may drive one of its kind. */
export function takeCards(siege: Siege, cards: readonly Card[]): void {
  for (const card of cards) {
    for (const rival of cards.filter((one) => one !== card)) {
      let taken = -1;
      siege.moles.strike(card.driver, ({ ports }) => void ports['pci']!['release']!(card.requesterId));
      siege.moles.strike(rival.driver, ({ ports }) => {
        taken = ports['pci']!['claim']!(card.requesterId);
        if (taken >= 0) ports['pci']!['release']!(card.requesterId);
      });
      if (taken >= 0) siege.showBy('take', rival.driver, 'takes', card.name);
      siege.moles.strike(card.driver, ({ ports }) => void ports['pci']!['claim']!(card.requesterId));
    }
  }
}

// ---------------------------------------------------------------- cards by the rights to their registers

/** Maps registers by an untyped right to them, and stores to one. @returns whether the card has it. */
function pokeBy(siege: Siege, { context, ports }: Reach, card: Card, untyped: number): boolean {
  const kernel = ports['kernel']!;
  const frames = kernel['retype']!(untyped, abi.FRAME, FRAME_BITS, BAR_PAGES);
  if (frames < 0 || kernel['map']!(frames, BAR_PAGES, abi.READ_WRITE) < 0) return false;
  const page = context.answer[1]! + Math.floor(nic.MTA / PAGE_BYTES);
  context.memory.store32(page, nic.MTA % PAGE_BYTES, MARK);
  const { bus } = siege.system.board;
  return bus.load(card.registers + Math.floor(nic.MTA / PAGE_BYTES), nic.MTA % PAGE_BYTES, 4) === MARK;
}

/** The bus driver takes back what the card's driver has mapped, uses it itself, and the driver ends at its next access. */
export function revoke(siege: Siege, card: Card): void {
  const domain = siege.domainOf('pci-bus-driver');
  if (domain === siege.domainOf(card.driver)) return;
  const own = reachOf(siege.system).domains.find((one) => one.domain === domain)!;
  const right = own.capabilities.find(
    ({ type, address, lenBytes }) =>
      type === 'Untyped' && address === card.registers * PAGE_BYTES && lenBytes === BAR_PAGES * PAGE_BYTES,
  );
  const page = pageOf(siege, card);
  if (right === undefined || page === null) return;
  siege.moles.strike('pci-bus-driver', (reach) => {
    reach.ports['kernel']!['revoke']!(right.index);
    if (pokeBy(siege, reach, card, right.index)) siege.showBy('program', 'pci-bus-driver', 'programs', card.name);
    reach.ports['kernel']!['revoke']!(right.index);
  });
  const ends = siege.system.faults.length;
  siege.moles.strike(card.driver, ({ context: { memory } }) => void memory.load32(page, 0));
  if (siege.system.faults.slice(ends).some(({ domain: ended }) => ended === siege.domainOf(card.driver)))
    siege.showBy('revoke', 'pci-bus-driver', 'revokes', card.driver);
  siege.moles.run(RESTART_NS);
}
/** Where the driver has its registers now. */
function pageOf(siege: Siege, card: Card): number | null {
  const space = memoryOf(siege.system).domains.find(({ domain }) => domain === siege.domainOf(card.driver))!;
  return space.runs.find(({ physicalPage }) => physicalPage === card.registers)?.page ?? null;
}

/** The supervisor takes the card from its holder; asks for it itself, in vain, and for what its holder left mapped. */
export function seize(siege: Siege, card: Card): void {
  siege.moles.strike('supervisor', (reach) => {
    const { context, ports } = reach;
    const pci = ports['pci']!;
    if (pci['reclaim']!(siege.identityOf(card.driver)) > 0) siege.showBy('take', 'supervisor', 'takes', card.name);
    pci['allow']!(context.self, NIC_VENDOR_DEVICE);
    if (pci['claim']!(card.requesterId) < 0 || pci['bar']!(card.requesterId, 0) < 0) return;
    if (pokeBy(siege, reach, card, context.answer[1]!)) siege.showBy('program', 'supervisor', 'programs', card.name);
  });
}

// ---------------------------------------------------------------- what the kernel and the MMU look up

/** An empty table of interrupts: what arrives is nobody's. */
export function spoilInterrupts(siege: Siege): void {
  const { kernelMemory, interrupts, memory } = siege.system.kernel;
  const from = kernelMemory.interruptTableWord;
  const table = memory.words.subarray(from, from + interrupts.wordCount);
  const identity = boundIn(siege).get('iommu-driver')!;
  const isTold = (): boolean => {
    siege.moles.heard.length = 0;
    fenceAt(siege, [{ address: IMSIC_PAGE * PAGE_BYTES, word: identity }]);
    siege.moles.run(FLIGHT_NS);
    return isNotified(siege, 'iommu-driver');
  };
  const before = table.slice();
  const told = isTold();
  table.fill(0);
  if (told && !isTold()) siege.show('overwrite', KERNEL_MEMORY, 'holds-state-of', KERNEL);
  table.set(before);
}

/** A slot is emptied, and the right is none any more; a right of another's is written there, and the kernel believes it. */
export function spoilRights(siege: Siege): void {
  const { capabilities } = siege.system.kernel;
  const { domains } = reachOf(siege.system);
  for (const { domain, capabilities: held, components } of domains.filter(({ isKernel }) => !isKernel)) {
    const space = `capability space of ${domainId(domain)}`;
    const frame = held.find(({ type, device }) => type === 'Frame' && !device)!;
    const foreign = domains
      .filter((one) => one.domain !== domain)
      .flatMap((one) => one.capabilities)
      .find(({ type, device }) => type === 'Frame' && !device)!;
    for (const name of components) {
      const { uses } = siege.system.places[siege.identityOf(name)]!.definition;
      if (Object.values(uses).every((contract) => contract.name !== 'kernel')) {
        if (isCutOff(siege, name)) siege.show('overwrite', space, 'holds-state-of', name);
        continue;
      }
      const slot = wordsOf(siege, frame.slot);
      const before = slot.slice();
      let answers: number[] = [];
      siege.moles.strike(name, ({ ports }) => {
        const ask = (): number => ports['kernel']!['address']!(frame.index);
        answers = [ask()];
        slot.fill(0);
        answers.push(ask());
        slot.set(wordsOf(siege, foreign.slot));
        answers.push(ask());
        slot.set(before);
      });
      const [mine, none, others] = answers;
      if (mine! >= 0 && none! < 0) siege.show('overwrite', space, 'holds-state-of', name);
      if (others === capabilities.pageOf(foreign.slot) && others !== mine)
        siege.show('overwrite', space, 'holds-state-of', KERNEL);
    }
  }
}
const wordsOf = ({ system }: Siege, slot: number): Int32Array =>
  system.kernel.memory.words.subarray(slot, slot + SLOT_WORDS);

/** The right to the endpoint of whom it calls is emptied, and no call arrives. */
function isCutOff(siege: Siege, name: string): boolean {
  const { connections, kernel } = siege.system;
  const out = connections.find(({ client, up }) => client.seat.name === name && (up === 'ipc' || up === 'ring'));
  if (out === undefined) return false;
  const slot = wordsOf(siege, kernel.spaces.slotAt(out.client.seat.domain, out.endpointRight));
  const before = slot.slice();
  const [method, { args }] = Object.entries(out.contract.calls)[0]!;
  const isHeard = (): boolean => {
    siege.moles.heard.length = 0;
    siege.moles.strike(name, ({ ports }) => void ports[out.clientPort]![method]!(...args.map(() => MARK)));
    return siege.moles.heard.some(
      ({ component, method: heard }) => component === out.server.seat.name && heard === method,
    );
  };
  const could = isHeard();
  slot.fill(0);
  const can = isHeard();
  slot.set(before);
  return could && !can;
}

/** The entries of a root table for the domain's own half go, and whoever stands there ends at its next access. */
export function spoilTables(siege: Siege): void {
  const { kernel, board, faults } = siege.system;
  for (const { name, rootPage, seats } of kernel.domains.filter(({ isKernel }) => !isKernel)) {
    const ends = faults.length;
    wordsAt(siege.system, rootPage * PAGE_BYTES, USER_HALF_BYTES).fill(0);
    board.mmu.flushAll();
    siege.moles.strike(seats[0]!.name, () => {});
    if (!siege.system.faults.slice(ends).some(({ domain }) => domain === name)) continue;
    for (const seat of seats) siege.show('overwrite', `page tables of ${domainId(name)}`, 'holds-state-of', seat.name);
  }
}

export function attack(siege: Siege): void {
  const cards = cardsOf(siege);
  takeInterrupt(siege);
  endAndStart(siege);
  for (const card of cards) revoke(siege, card);
  takeCards(siege, cards);
  for (const card of cards) seize(siege, card);
  spoilInterrupts(siege);
  spoilRights(siege);
  spoilTables(siege);
}
