/** Kernels that are wrong on purpose: what a story must notice. */
import { objects, labels as slotLabels } from '@bulkhead/capabilities';
import { labels as irqLabels } from '@bulkhead/interrupts';
import { systemCalls } from '../../src/index.ts';
import type { Cast } from './cast.ts';
import { Census } from './census.ts';
import { handlerSlot } from './machine.ts';
import type { Spoil } from './story.ts';

const RIGHTS_SHIFT = 19;
const TABLE_WORDS = 1024;
/** R, W and X of an entry. */
const LEAF = 14;
/** A word of an interrupt's record. */
const ISSUED = 8;
/** A slot in which nobody has anything. */
const EMPTY = 31;

/** Copies have all rights of what they are copied from. */
export const rightsNotMasked: Spoil = (cast, call, perform) => {
  const { label, words = [] } = call;
  if (label === slotLabels.CNODE_COPY)
    return cast.perform({ ...call, words: [...words.slice(0, 4), objects.ALL_RIGHTS] });
  perform();
};
/** Revoke leaves the last copy alive. */
export const revokeMissesOne: Spoil = (cast, { label }, perform) => {
  if (label !== slotLabels.CNODE_REVOKE) return perform();
  const { words } = cast.w;
  const before = new Census(cast.w);
  const saved = words.slice();
  perform();
  const after = new Census(cast.w);
  const gone = [...before.held.values()].filter(({ slot, type }) => !after.held.has(slot) && type === objects.ENDPOINT);
  const missed = gone.find(({ parent }) => after.held.has(parent));
  if (missed === undefined) return;
  const { slot, parent } = missed;
  const next = words[parent + 5]!;
  words.copyWithin(slot, slot, slot);
  words.set(saved.subarray(slot, slot + 8), slot);
  words[slot + 4] = parent;
  words[slot + 5] = next;
  words[parent + 5] = slot;
  if (next !== 0) words[next + 4] = slot;
};
/** Capabilities go along without Grant. */
export const transferWithoutGrant: Spoil = (cast, call, perform) => {
  const isMessage = (call.label ?? 0) === 0 && (call.extras ?? []).length > 0;
  if (!isMessage || call.number === systemCalls.REPLY_RECEIVE) return perform();
  const { words, kernel } = cast.w;
  const root = kernel.tcbs.wordOf(kernel.current);
  const slot = kernel.capabilities.resolve(root, call.pointer, 32);
  const kept = slot < 0 ? 0 : words[slot]!;
  if (slot < 0 || (kept & 0xff) !== objects.ENDPOINT) return perform();
  words[slot]! |= objects.GRANT << RIGHTS_SHIFT;
  perform();
  words[slot] = kept;
};
/** A minted badge is lost where there was one before. */
export const badgeCanBeSetAgain: Spoil = (cast, call, perform) => {
  perform();
  if (call.label !== slotLabels.CNODE_MUTATE) return;
  const moved = [...new Census(cast.w).held.values()].find(({ type, data }) => type === objects.ENDPOINT && data !== 0);
  if (moved !== undefined) cast.w.words[moved.slot + 2] = 1;
};
/** The tree forgets that a copy is a copy: what it came from cannot revoke it. */
export const copiesBecomeOriginals: Spoil = (cast, call, perform) => {
  const before = new Census(cast.w);
  perform();
  if (call.label !== slotLabels.CNODE_COPY) return;
  for (const held of new Census(cast.w).held.values())
    if (!before.held.has(held.slot)) cast.w.words[held.slot]! |= 1 << 24;
};
/** Revoke takes capabilities to frames away, and leaves what they mapped. */
export const mappingSurvivesRevoke: Spoil = (cast, { label }, perform) => {
  if (label !== slotLabels.CNODE_REVOKE) return perform();
  const { words } = cast.w;
  const before = words.slice();
  perform();
  const census = new Census(cast.w);
  for (const { object } of census.ofType(objects.PAGE_TABLE))
    for (let at = census.wordOf(object); at < census.wordOf(object) + TABLE_WORDS; at += 2)
      if ((before[at]! & LEAF) !== 0 && words[at] === 0) words.set(before.subarray(at, at + 2), at);
};
/** The kernel does not see that an interrupt has a handler. */
export const handlerIssuedTwice: Spoil = (cast, { label, words: [identity = 0] = [] }, perform) => {
  const issued = handlerSlot(identity) + ISSUED;
  const wasIssued = cast.w.words[issued] === 1;
  if (label !== irqLabels.IRQ_CONTROL_GET || !wasIssued) return perform();
  cast.w.words[issued] = 0;
  perform();
  cast.w.words[issued] = 1;
};
/** A revoke that was cut short counts as done. */
export const cutRevokeIsForgotten: Spoil = (cast, call, perform) => {
  if (call.label === slotLabels.CNODE_REVOKE && wereCut.delete(cast))
    return cast.perform({ ...call, words: [EMPTY, call.words![1]!] });
  perform();
  if (call.label === slotLabels.CNODE_REVOKE && cast.machine.wasCut) wereCut.add(cast);
};
const wereCut = new WeakSet<Cast>();
