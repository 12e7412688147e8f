/** From a kernel to the model of what is there, and where the two differ later. */
import { objects } from '@bulkhead/capabilities';
import type { World } from '../support.ts';
import type { Cast } from './cast.ts';
import { Census, type Held } from './census.ts';
import { brokenInvariants } from './invariants.ts';
import { Model } from './model/model.ts';
import { pageOf } from './model/tables.ts';
import {
  BUFFER,
  type Cap,
  type Mapping,
  type Place,
  type State,
  type Thing,
  type Thread,
  thing,
  thread,
} from './model/things.ts';

const STATES: readonly State[] = ['running', 'sending', 'receiving', 'awaits an answer', 'waiting', 'inactive'];
const isTable = ({ type }: Thing): boolean => type === objects.PAGE_TABLE || type === objects.IO_PAGE_TABLE;

/** The model of what is there now: what each was given. */
export function modelOf(cast: Cast, census: Census = new Census(cast.w)): Model {
  const { w } = cast;
  const model = new Model((object, index) => census.wordOf(object) + index * 8);
  const keyOf = ({ type, object, size }: Held): string => `${type} ${object} ${size}`;
  const things = new Map<string, Thing>();
  for (const held of census.held.values()) if (!things.has(keyOf(held))) things.set(keyOf(held), thingOf(census, held));
  const places = new Map<number, Place>();
  for (const each of things.values()) for (const place of each.places) places.set(place.slot, place);
  const caps = new Map<number, Cap>();
  const put = (held: Held): Cap => {
    const known = caps.get(held.slot);
    if (known !== undefined) return known;
    const parentHeld = census.held.get(held.parent);
    const parent = parentHeld === undefined ? null : put(parentHeld);
    const cap = model.put(things.get(keyOf(held))!, places.get(held.slot)!, null, held.rights, held.revocable);
    const { mapping, guardSize } = held;
    Object.assign(cap, { parent, mapping, guardSize });
    if (held.type === objects.CNODE) cap.guard = held.data;
    else cap.badge = held.data;
    if (held.type === objects.UNTYPED) cap.used = (w.words[held.slot + 2]! >>> 0) * 16;
    caps.set(held.slot, cap);
    return cap;
  };
  for (const held of census.held.values()) put(held);
  for (const list of listsOf(w, census))
    for (const slot of list) {
      const cap = caps.get(slot)!;
      cap.parent?.children.push(cap);
    }
  for (const each of things.values()) {
    model.things.add(each);
    if (each.type === objects.TCB) addThread(w, each);
  }
  addHardware(cast, model);
  return model;
}
function thingOf(census: Census, held: Held): Thing {
  const made = thing(held.type, held.object, held.size, census.slotsOf(held));
  made.device = held.device;
  if (held.type === objects.IO_SPACE) made.index = held.data;
  return made;
}
function addThread({ kernel }: World, tcb: Thing): void {
  tcb.thread = thread(tcb);
  const number = kernel.tcbs.threadAt(tcb.object);
  tcb.thread.state = STATES[kernel.threads.state[number]!]!;
  tcb.thread.buffer = tcb.places[BUFFER]!.cap?.thing ?? null;
  tcb.thread.isInbox = true;
}
function listsOf(w: World, census: Census): number[][] {
  const first = [...census.held.keys()].filter((slot) => w.words[slot + 4] === 0);
  return first.map((start) => {
    const list: number[] = [];
    for (let slot = start; slot !== 0; slot = w.words[slot + 5]!) list.push(slot);
    return list;
  });
}
/** What the tables hold and the records say. */
function addHardware({ machine }: Cast, model: Model): void {
  const all = [...model.things];
  const tableOn = (page: number): Thing => all.find((each) => isTable(each) && pageOf(each) === page)!;
  const pools = machine.poolPages();
  for (const each of all) {
    if (each.type === objects.ASID_POOL) each.index = pools.indexOf(pageOf(each));
    if (each.type === objects.ASID_POOL)
      for (const { asid, root } of machine.addressSpaces())
        if (Math.floor(asid / 512) === each.index) each.entries.set(asid, { thing: tableOn(root), flags: '' });
    const domain = machine.ioSpaces().find((space) => each.type === objects.IO_SPACE && space.domain === each.index);
    if (domain !== undefined && domain.root >= 0) each.root = tableOn(domain.root);
    if (!isTable(each)) continue;
    const isRoot = machine.addressSpaces().some(({ root }) => root === pageOf(each));
    for (const { index, page, flags } of machine.entries(pageOf(each), isRoot ? 256 : 512))
      each.entries.set(index, { thing: flags === '' ? tableOn(page) : frameOn(all, page), flags });
  }
}
const frameOn = (all: readonly Thing[], page: number): Thing =>
  all.find((each) => each.type === objects.FRAME && pageOf(each) === page)!;

export function threadOf(cast: Cast, model: Model, number: number): Thread {
  return model.threads().find(({ tcb }) => cast.w.kernel.tcbs.threadAt(tcb.object) === number)!;
}

const where = (mapping: Mapping | null): string =>
  mapping === null
    ? ''
    : `, mapped at page ${mapping.page} of ${mapping.io ? 'IO domain' : 'address space'} ${mapping.space}`;
const line = (
  type: number,
  object: number,
  rights: number,
  badge: number,
  parent: number,
  mapping: Mapping | null,
  dying: boolean,
): string =>
  `${objects.NAMES[type]} ${object}, rights ${rights}, ${dying ? 'going' : `badge ${badge}`}, from slot ${parent}${where(mapping)}`;
function lineOf({ type, object, rights, data, parent, mapping, zombie }: Held): string {
  return line(type, object, rights, data, parent, mapping, zombie);
}
function lineOfCap({ thing: { type, object }, rights, badge, guard, parent, mapping, dying }: Cap): string {
  const data = type === objects.CNODE ? guard | 0 : badge;
  return line(type, object, rights, data, parent?.place.slot ?? 0, mapping, dying);
}

/**
 * Where kernel and model differ, and which invariants are broken, in words; nothing when all is well.
 * @param unfinished how many deletions were cut short and never went on
 */
export function differences(cast: Cast, model: Model, unfinished = 0, census: Census = new Census(cast.w)): string[] {
  const found: string[] = [];
  const seen = new Set<number>();
  for (const { slot, cap } of model.places()) {
    const held = census.held.get(slot);
    seen.add(slot);
    if (cap === null && held !== undefined) found.push(`slot ${slot} holds ${lineOf(held)}: nothing should be there`);
    if (cap === null) continue;
    if (held === undefined) {
      found.push(`slot ${slot} is empty: ${lineOfCap(cap)} should be there`);
      continue;
    }
    if (lineOf(held) !== lineOfCap(cap))
      found.push(`slot ${slot} holds ${lineOf(held)}; it should be ${lineOfCap(cap)}`);
    if (held.guardSize !== cap.guardSize || held.size !== cap.thing.size)
      found.push(`slot ${slot}: size or guard's size differ`);
  }
  for (const slot of census.held.keys()) if (!seen.has(slot)) found.push(`slot ${slot} should not exist`);
  compareHardware(cast, model, found);
  compareThreads(cast, model, found);
  return [...found, ...brokenInvariants(cast.w, census, unfinished)];
}
function compareHardware({ machine }: Cast, model: Model, found: string[]): void {
  const { view, stale } = machine.look();
  const expected = new Set(model.view());
  for (const each of view) if (!expected.delete(each)) found.push(`${each}: that should not be`);
  for (const each of expected) found.push(`it is not so that ${each}`);
  found.push(...stale);
}
function compareThreads(cast: Cast, model: Model, found: string[]): void {
  const { threads, tcbs, capabilities } = cast.w.kernel;
  const wordOf = (each: Thing | null): number => (each === null ? 0 : capabilities.wordOfGranule(each.object));
  for (const t of model.threads()) {
    const number = tcbs.threadAt(t.tcb.object);
    const state = STATES[threads.state[number]!]!;
    if (model.deletion.isOrderOpen && [state, t.state].every((s) => s === 'running' || s === 'inactive')) {
      t.state = state;
      t.fault = threads.fault[number] !== 0;
    }
    const actual = [
      state,
      threads.object[number],
      threads.reply[number],
      threads.bound[number],
      threads.buffer[number],
    ];
    const expected = [t.state, wordOf(t.at), wordOf(t.reply), wordOf(t.bound), wordOf(t.buffer)];
    if (actual.join() !== expected.join()) found.push(`thread ${number} is ${actual}; it should be ${expected}`);
  }
}
