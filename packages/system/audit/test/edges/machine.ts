/** Attacks on and by devices: registers, transfers between the wire and memory, messages to the interrupt file. */

import { ECAM_PAGE, IMSIC_PAGE, IOMMU_PAGE } from '@bulkhead/board';
import * as nic from '@bulkhead/intel-82574-datasheet';
import * as pci from '@bulkhead/pci-datasheet';
import * as reg from '@bulkhead/riscv-iommu-datasheet';
import { CONFIGURATION_SPACE, INTERRUPT_FILE, IOMMU, PHYSICAL_MEMORY, WIRE } from '../../src/model.ts';
import type { Siege } from './evidence.ts';
import { MARK, type Reach } from './moles.ts';
import { type Spot, wordsAt } from './spots.ts';

const PAGE_BYTES = 4096;
const RING_ENTRIES = 256;
const DESCRIPTOR_BYTES = 16;
const FRAME_BYTES = 60;
const FLIGHT_NS = 30_000;
const RESTART_NS = 2_000_000;
const READ_WRITE_DEVICE = 2;
/** What a register of eight bits can hold. */
const BYTE = 0x5a;
/** PCIe Base 5.0 §2.3.2: what a read comes back with that nobody completed. */
const NOBODY_ANSWERS = 0xffff_ffff;

/** A network card, and who drives it. */
export interface Card {
  readonly name: string;
  readonly driver: string;
  readonly index: number;
  readonly requesterId: number;
  /** Physical page of its registers. */
  readonly registers: number;
}
export function cardsOf({ system, reach, memory }: Siege): Card[] {
  const cards = reach.devices.filter(({ interruptsTo }) => interruptsTo.some((name) => name.startsWith('nic-driver')));
  return cards.map(({ device, requesterId, interruptsTo }, index) => {
    const driver = interruptsTo.find((name) => name.startsWith('nic-driver'))!;
    const what = `BAR 0 of ${device}`;
    const runs = memory.domains.flatMap((space) => space.runs);
    const mapped = runs.find((run) => run.what === what);
    return {
      name: cards.length === 1 ? 'NIC' : `NIC of ${driver}`,
      driver,
      index,
      requesterId,
      registers: mapped?.physicalPage ?? barPage(system.board.pci, requesterId),
    };
  });
}
const barPage = (root: Siege['system']['board']['pci'], requesterId: number): number =>
  Math.floor((root.read(requesterId * PAGE_BYTES + pci.BAR0, 4) & ~0xf) / PAGE_BYTES) >>> 0;

// ---------------------------------------------------------------- registers

const holdersOf = (siege: Siege, page: number): string[] => {
  const seen = new Set<string>();
  return siege.names.filter((name) => {
    const domain = siege.domainOf(name);
    if (seen.has(domain) || siege.pageIn(domain, page * PAGE_BYTES, 'w') === null) return false;
    return seen.add(domain);
  });
};
/** Stores a word to a register through the address space of a component. @returns what `look` saw meanwhile. */
function poke(
  siege: Siege,
  component: string,
  page: number,
  offset: number,
  value: number,
  look: () => boolean,
): boolean {
  let seen = false;
  const at = siege.pageIn(siege.domainOf(component), page * PAGE_BYTES, 'w')!;
  siege.moles.strike(component, ({ context: { memory } }) => {
    const before = memory.load32(at, offset);
    memory.store32(at, offset, value);
    seen = look();
    memory.store32(at, offset, before);
  });
  return seen;
}

export function program(siege: Siege, cards: readonly Card[]): void {
  const { bus } = siege.system.board;
  const holds = (page: number, offset: number, value: number) => (): boolean => bus.load(page, offset, 4) === value;
  for (const card of cards) {
    const page = card.registers + Math.floor(nic.MTA / PAGE_BYTES);
    const offset = nic.MTA % PAGE_BYTES;
    for (const name of holdersOf(siege, page))
      if (poke(siege, name, page, offset, MARK, holds(page, offset, MARK)))
        siege.showBy('program', name, 'programs', card.name);
    const configuration = ECAM_PAGE + card.requesterId;
    for (const name of holdersOf(siege, configuration)) {
      if (!poke(siege, name, configuration, pci.COMMAND, 0, holds(page, offset, NOBODY_ANSWERS))) continue;
      siege.showBy('program', name, 'programs', CONFIGURATION_SPACE);
      siege.show('program', CONFIGURATION_SPACE, 'programs', card.name);
    }
  }
  const entry = reg.MSI_CFG_TBL + (reg.MSI_ENTRIES - 1) * reg.MSI_ENTRY_SIZE_BYTES + reg.MSI_DATA;
  for (const name of holdersOf(siege, IOMMU_PAGE)) {
    if (!poke(siege, name, IOMMU_PAGE, entry, MARK, holds(IOMMU_PAGE, entry, MARK))) continue;
    siege.showBy('program', name, 'programs', IOMMU);
    siege.show('program', PHYSICAL_MEMORY, 'contains', IOMMU);
  }
}

// ---------------------------------------------------------------- transfers

type Write = (register: number, value: number) => void;
interface Cockpit {
  readonly read: (register: number) => number;
  readonly write: Write;
  /** @returns the address at which the device finds the spot, or null when its driver has no right to it. */
  readonly addressOf: (spot: Spot) => number | null;
  readonly rings: Reach['context'] extends { region(name: string): infer Region } ? Region : never;
}
function cockpit(siege: Siege, card: Card, { context, ports }: Reach): Cockpit {
  const domain = siege.domainOf(card.driver);
  const page = siege.pageIn(domain, card.registers * PAGE_BYTES, 'w')!;
  const frames = siege.reach.domains
    .find((one) => one.domain === domain)!
    .capabilities.filter(({ type }) => type === 'Frame');
  const addressOf = ({ address }: Spot): number | null => {
    if (siege.system.description.iommu === 'bare') return address;
    const frame = frames.find((one) => address >= one.address! && address < one.address! + one.lenBytes);
    if (frame === undefined) return null;
    const ioPage = ports['iommu']!['map']!(card.requesterId, frame.index, READ_WRITE_DEVICE);
    return ioPage < 0 ? null : ioPage * PAGE_BYTES + address - frame.address!;
  };
  return {
    read: (register) => context.memory.load32(page + Math.floor(register / PAGE_BYTES), register % PAGE_BYTES),
    write: (register, value) =>
      context.memory.store32(page + Math.floor(register / PAGE_BYTES), register % PAGE_BYTES, value),
    addressOf,
    rings: context.region('rings'),
  };
}

interface Aim {
  readonly spot: Spot;
  readonly words: Int32Array;
  readonly before: Int32Array;
  readonly mark: number;
}
const aimsAt = (siege: Siege, spots: readonly Spot[]): Aim[] =>
  spots.map((spot, i) => {
    const words = wordsAt(siege.system, spot.address, spot.lenBytes);
    return { spot, words, before: words.slice(), mark: MARK + 2 * i };
  });
const restore = (aims: readonly Aim[]): void => {
  for (const { words, before } of aims) words.set(before);
};
const wordOf = (frame: Uint8Array, at: number): number =>
  frame[at]! | (frame[at + 1]! << 8) | (frame[at + 2]! << 16) | (frame[at + 3]! << 24) | 0;

/** Where an edge ends that begins at a card: all of memory while the IOMMU is bare. */
const endOf = (siege: Siege, spot: Spot): string =>
  siege.system.description.iommu === 'bare' ? PHYSICAL_MEMORY : spot.id;

/** The device sends frames out of every piece that its driver can have it reach. @returns the spots that it sent. */
export function transmit(
  siege: Siege,
  card: Card,
  spots: readonly Spot[] = [...siege.spots.values()],
  address?: (spot: Spot) => number,
): Spot[] {
  const aims = aimsAt(siege, spots);
  const sent = new Set<number>();
  const { b: wire } = siege.system.board.links[card.index]!;
  wire.connect((frame, lenBytes) => {
    if (lenBytes >= FRAME_BYTES) sent.add(wordOf(frame, 0));
  });
  siege.moles.strike(card.driver, (reach) => {
    const { read, write, addressOf, rings } = cockpit(siege, card, reach);
    const found = aims
      .map((aim) => ({ ...aim, address: (address ?? addressOf)(aim.spot) }))
      .filter((one) => one.address !== null);
    for (const { words, mark } of found) words[0] = mark;
    const tail = read(nic.TDT);
    for (const [i, { address: target }] of found.entries()) {
      const at = ((tail + i) % RING_ENTRIES) * DESCRIPTOR_BYTES;
      rings.window.store32(at + nic.TDESC_BUFFER_ADDRESS, target! | 0);
      rings.window.store32(at + nic.TDESC_BUFFER_ADDRESS_HIGH, Math.floor(target! / 2 ** 32));
      rings.window.store32(at + nic.TDESC_LOWER, nic.TDESC_CMD_EOP.mask | nic.TDESC_CMD_IFCS.mask | FRAME_BYTES);
      rings.window.store32(at + nic.TDESC_UPPER, 0);
    }
    write(nic.TDT, (tail + found.length) % RING_ENTRIES);
  });
  siege.moles.run(FLIGHT_NS * 4);
  restore(aims);
  const reached = aims.filter(({ mark }) => sent.has(mark));
  for (const { spot } of reached) {
    siege.show('transmit', card.name, 'dma-reads', endOf(siege, spot));
    siege.show('transmit', card.name, 'exchanges-frames-with', WIRE);
  }
  return reached.map(({ spot }) => spot);
}

/** Has the card receive frames to any address, one after the other, at these addresses. */
function receiveAt({ write, rings }: Cockpit, addresses: readonly number[]): void {
  write(nic.IMC, 0xffffffff);
  write(nic.RCTL, 0);
  write(nic.RDH, 0);
  for (const [i, address] of addresses.entries()) {
    const at = PAGE_BYTES + i * DESCRIPTOR_BYTES;
    rings.window.store32(at + nic.RDESC_BUFFER_ADDRESS, address | 0);
    rings.window.store32(at + nic.RDESC_BUFFER_ADDRESS_HIGH, Math.floor(address / 2 ** 32));
    rings.window.store32(at + nic.RDESC_STATUS, 0);
  }
  write(nic.RDT, addresses.length);
  write(nic.RCTL, nic.RCTL_EN.mask | nic.RCTL_BAM.mask | nic.RCTL_UPE.mask | nic.RCTL_MPE.mask | nic.RCTL_SECRC.mask);
}
const frameOf = (word: number): Uint8Array => {
  const frame = new Uint8Array(FRAME_BYTES);
  new DataView(frame.buffer).setInt32(0, word, true);
  return frame;
};

/** Frames from the wire come to stand in every piece that its driver can have it reach. @returns the spots. */
export function receive(
  siege: Siege,
  card: Card,
  spots: readonly Spot[] = [...siege.spots.values()],
  address?: (spot: Spot) => number,
): Spot[] {
  const aims = aimsAt(siege, spots);
  let found: Aim[] = [];
  siege.moles.strike(card.driver, (reach) => {
    const pit = cockpit(siege, card, reach);
    const addresses = aims.map(({ spot }) => (address ?? pit.addressOf)(spot));
    found = aims.filter((_, i) => addresses[i] !== null);
    receiveAt(
      pit,
      addresses.filter((one) => one !== null),
    );
  });
  const { b: wire } = siege.system.board.links[card.index]!;
  const reached = found.filter(({ words, mark }) => {
    wire.transmit(frameOf(mark), FRAME_BYTES);
    siege.moles.run(FLIGHT_NS);
    return words[0] === mark;
  });
  restore(aims);
  for (const { spot } of reached) {
    siege.show('receive', card.name, 'dma-writes', endOf(siege, spot));
    siege.show('receive', WIRE, 'exchanges-frames-with', card.name);
  }
  return reached.map(({ spot }) => spot);
}

// ---------------------------------------------------------------- interrupts

/** Identities by whom they are bound by: one each. */
export const boundIn = ({ reach }: Siege): Map<string, number> =>
  new Map(reach.interrupts.flatMap(({ component, identity }) => (component === null ? [] : [[component, identity]])));
export const isNotified = ({ moles }: Siege, name: string): boolean =>
  moles.heard.some(({ component, port, method }) => component === name && port === 'kernel' && method === 'notified');

/**
 * The card, its own messages masked, writes identities to the page that takes messages. Where the IOMMU translates them the
 * first write faults, and the card's driver is ended; it sends a message of its own before.
 */
export function forge(siege: Siege, card: Card): void {
  if (translatesMessages(siege)) message(siege, card);
  const { iommu } = siege.system.board;
  for (const [name, identity] of boundIn(siege)) {
    const faults = iommu.faultCount;
    raise(siege, card, IMSIC_PAGE, identity);
    const isRefused = iommu.faultCount > faults;
    // Of a write that was refused the IOMMU tells its driver, by an interrupt.
    if (isNotified(siege, name)) siege.show('forge', INTERRUPT_FILE, 'interrupts', name);
    if (isNotified(siege, name) && !isRefused) siege.show('forge', card.name, 'interrupts', INTERRUPT_FILE);
    if (isRefused) break;
  }
  siege.moles.run(RESTART_NS);
}
const translatesMessages = ({ system: { description } }: Siege): boolean =>
  description.iommu === 'translating' && description.messages !== 'off';
/** The card sends a message of its own. */
function message(siege: Siege, card: Card): void {
  siege.moles.heard.length = 0;
  siege.moles.strike(card.driver, (reach) => {
    const { write } = cockpit(siege, card, reach);
    write(nic.EITR, 0);
    write(nic.IMS, nic.ICR_RXQ0.mask);
    write(nic.ICS, nic.ICR_RXQ0.mask);
  });
  siege.moles.run(FLIGHT_NS);
  if (!isNotified(siege, card.driver)) return;
  siege.show('forge', card.name, 'interrupts', card.driver);
  siege.show('forge', INTERRUPT_FILE, 'interrupts', card.driver);
}
/** Writes a number to a page, as the device sees it, with every cause of its own masked. */
function raise(siege: Siege, card: Card, page: number, identity: number): void {
  siege.moles.strike(card.driver, (reach) => {
    const pit = cockpit(siege, card, reach);
    pit.write(nic.IMC, 0xffffffff);
    receiveAt(pit, [page * PAGE_BYTES]);
  });
  siege.moles.heard.length = 0;
  siege.system.board.links[card.index]!.b.transmit(frameOf(identity), FRAME_BYTES);
  siege.moles.run(FLIGHT_NS);
}

// ---------------------------------------------------------------- what the IOMMU does by itself

/** Fences, each with a word for a physical address; as many more as bring the queue's tail back. RISC-V IOMMU 1.0 §3.1.2 "IOFENCE". */
export function fenceAt(siege: Siege, aims: readonly { readonly address: number; readonly word: number }[]): void {
  const registers = siege.pageIn(siege.domainOf('iommu-driver'), IOMMU_PAGE * PAGE_BYTES, 'w')!;
  siege.moles.strike('iommu-driver', ({ context }) => {
    const { window } = context.region('tables');
    for (let i = 0; i < RING_ENTRIES; i++) {
      const aim = aims[i];
      const tail = context.memory.load32(registers, reg.CQT);
      const at = PAGE_BYTES + tail * reg.COMMAND_SIZE_BYTES;
      window.store32(at, reg.OPCODE_IOFENCE | (aim === undefined ? 0 : reg.IOFENCE_0_AV.mask));
      window.store32(at + 4, aim?.word ?? 0);
      window.store32(at + 8, Math.floor((aim?.address ?? 0) / 4));
      window.store32(at + 12, 0);
      context.memory.store32(registers, reg.CQT, (tail + 1) & (RING_ENTRIES - 1));
    }
  });
}
export function fence(siege: Siege, cards: readonly Card[]): void {
  const aims = aimsAt(siege, [...siege.spots.values()]);
  const registers = cards.flatMap(({ name, registers: page, requesterId }) => [
    { id: name, address: page * PAGE_BYTES + nic.MTA },
    { id: CONFIGURATION_SPACE, address: (ECAM_PAGE + requesterId) * PAGE_BYTES + pci.INTERRUPT_LINE },
  ]);
  const { bus } = siege.system.board;
  const isThere = ({ address }: { readonly address: number }): boolean =>
    (bus.load(Math.floor(address / PAGE_BYTES), address % PAGE_BYTES, 4) & 0xff) === BYTE;
  const shows = (id: string): void => {
    siege.show('fence', PHYSICAL_MEMORY, 'contains', id);
    siege.show('fence', IOMMU, 'dma-writes', PHYSICAL_MEMORY);
    siege.show('fence', IOMMU, 'dma-reads', PHYSICAL_MEMORY);
  };
  fenceAt(
    siege,
    aims.map(({ spot, mark }) => ({ address: spot.address, word: mark })),
  );
  const reached = aims.filter(({ words, mark }) => words[0] === mark);
  restore(aims);
  for (const { spot } of reached) shows(spot.id);
  const own = registers.filter((one) => !isThere(one));
  fenceAt(
    siege,
    own.map(({ address }) => ({ address, word: BYTE })),
  );
  for (const one of own) if (isThere(one)) shows(one.id);
  siege.moles.heard.length = 0;
  fenceAt(siege, [{ address: IMSIC_PAGE * PAGE_BYTES, word: boundIn(siege).get('iommu-driver')! }]);
  siege.moles.run(FLIGHT_NS);
  if (!isNotified(siege, 'iommu-driver')) return;
  shows(INTERRUPT_FILE);
  siege.show('fence', IOMMU, 'interrupts', INTERRUPT_FILE);
}

export function attack(siege: Siege): void {
  const cards = cardsOf(siege);
  program(siege, cards);
  fence(siege, cards);
  for (const card of cards) {
    transmit(siege, card);
    receive(siege, card);
    forge(siege, card);
  }
}
