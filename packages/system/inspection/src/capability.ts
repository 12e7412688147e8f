/** One capability, as its slot says it. */
import type { System } from '@bulkhead/assembler';
import { objects } from '@bulkhead/capabilities';
import type { Seat } from '@bulkhead/microkernel';
import { type HeldSlot, heldSlotsOf } from './held-slots.ts';
import { ownerOf, type Reservation, reservationsOf } from './owners.ts';

export interface Capability extends HeldSlot {
  readonly type: string;
  /** Physical address of the object; null for what names no memory. */
  readonly address: number | null;
  /** Bytes that the object takes; 0 for what names no memory. */
  readonly lenBytes: number;
  /** Size in bits of an untyped or a frame, radix of a CNode; 0 for other types. */
  readonly sizeBits: number;
  /** Letters of `RIGHTS`, in its order; empty where the type carries none. */
  readonly rights: string;
  /** Of an endpoint or a notification; 0 is none. */
  readonly badge: number;
  /** The identity of an interrupt's handler, or null. */
  readonly interrupt: number | null;
  /** True for memory of devices. */
  readonly device: boolean;
  /** Whose memory the object stands in, or null: a device's, or nobody's. */
  readonly owner: string | null;
  /** The component that a thread, an endpoint, a notification or a reply object belongs to. */
  readonly component: string | null;
  /** Where this very capability has mapped its frame: the domain and the first page there. */
  readonly mapping: { readonly domain: string; readonly page: number } | null;
}

/** What the letters of `rights` stand for. */
export const RIGHTS: readonly (readonly [letter: string, bit: number, meaning: string])[] = [
  ['R', objects.READ, 'read a frame; receive or wait'],
  ['W', objects.WRITE, 'write a frame; send or signal'],
  ['G', objects.GRANT, 'pass capabilities along'],
  ['P', objects.GRANT_REPLY, 'pass the right to reply'],
];

const GRANULE_BYTES = 16;

/** @returns every capability of the system, in the order of `heldSlotsOf`. */
export function capabilitiesOf(system: System): Capability[] {
  const reservations = reservationsOf(system);
  return heldSlotsOf(system).map((held) => readCapability(system, reservations, held));
}

function readCapability(system: System, reservations: readonly Reservation[], held: HeldSlot): Capability {
  const { capabilities } = system.kernel;
  const { slot } = held;
  const type = capabilities.typeOf(slot);
  const sizeBits = type === objects.UNTYPED || type === objects.FRAME || type === objects.CNODE;
  const bits = objects.objectBits(type, capabilities.sizeOf(slot));
  const device = capabilities.isDevice(slot);
  const address = bits < 0 ? null : capabilities.objectOf(slot) * GRANULE_BYTES;
  const badged = type === objects.ENDPOINT || type === objects.NOTIFICATION;
  const mappedIn = mapperOf(system, slot);
  return {
    ...held,
    type: objects.NAMES[type] ?? `type ${type}`,
    address,
    lenBytes: address === null ? 0 : objects.power(bits),
    sizeBits: sizeBits ? capabilities.sizeOf(slot) : 0,
    rights: rightsText(capabilities.rightsOf(slot)),
    badge: badged ? capabilities.badgeOf(slot) : 0,
    interrupt: type === objects.IRQ_HANDLER ? capabilities.objectOf(slot) : null,
    device,
    owner: address === null || device ? null : ownerOf(system, reservations, address),
    component: address === null ? null : (componentAt(system, type, capabilities.wordOf(slot))?.name ?? null),
    mapping: mappedIn === undefined ? null : { domain: mappedIn.name, page: capabilities.mappedVpnOf(slot) },
  };
}

/** @returns the domain in whose address space a frame's capability says that it is mapped. */
function mapperOf({ kernel }: System, slot: number): { readonly name: string } | undefined {
  const { capabilities, domains, spaces } = kernel;
  if (capabilities.typeOf(slot) !== objects.FRAME || !capabilities.isMapped(slot) || capabilities.isIoMapped(slot))
    return undefined;
  const asid = capabilities.mappedAsidOf(slot);
  // A domain that is closed may have left its ASID to another.
  return domains.find((domain) => domain.asid === asid && spaces.rootOf(domain.rootSlot) >= 0);
}
const rightsText = (rights: number): string =>
  RIGHTS.filter(([, bit]) => (rights & bit) !== 0)
    .map(([letter]) => letter)
    .join('');

/** @returns the component to which the thread, or the object at which it meets others, belongs. */
function componentAt({ kernel }: System, type: number, word: number): Seat | undefined {
  const { seats, capabilities } = kernel;
  switch (type) {
    case objects.TCB:
      return seats.find(({ tcbSlot }) => capabilities.wordOf(tcbSlot) === word);
    case objects.ENDPOINT:
      return seats.find(({ endpoint }) => endpoint === word);
    case objects.NOTIFICATION:
      return seats.find(({ notification }) => notification === word);
    case objects.REPLY:
      return seats.find(({ reply }) => reply === word);
    default:
      return undefined;
  }
}
