/** Deletions that are cut short: the kernel says how far it came; the model says what that means. */
import { labels as slotLabels } from '@bulkhead/capabilities';
import type { Census, Held } from './census.ts';
import { isNode } from './model/book.ts';
import type { Model } from './model/model.ts';
import type { Cap, SystemCall, Thread } from './model/things.ts';

/** What may go by a system call that can be cut short; null when it is none. */
export function doomedBy(model: Model, t: Thread, { pointer, label, words = [] }: SystemCall): Set<Cap> | null {
  if (label !== slotLabels.CNODE_DELETE && label !== slotLabels.CNODE_REVOKE) return null;
  const node = model.find(t, pointer)?.cap ?? null;
  const place = isNode(node) ? model.slot(node, words[0] ?? 0, words[1] ?? 0) : 0;
  if (typeof place === 'number' || place.cap === null) return null;
  return model.deletion.doomed(place.cap, label === slotLabels.CNODE_REVOKE);
}
const isSame = (held: Held | undefined, { thing }: Cap): held is Held =>
  held !== undefined && held.type === thing.type && held.object === thing.object;

export const isDone = (census: Census, doomed: ReadonlySet<Cap>): boolean =>
  [...doomed].every((cap) => !isSame(census.held.get(cap.place.slot), cap));

/** What the kernel has deleted of the doomed is gone in the model; of what it has begun, only that is left. */
export function follow(model: Model, census: Census, doomed: ReadonlySet<Cap>): void {
  for (const held of census.held.values()) if (held.zombie) moveIn(census, held, doomed);
  const inward = [...doomed].reverse();
  for (const cap of inward)
    if (!isSame(census.held.get(cap.place.slot), cap)) {
      const last = cap.dying || model.deletion.begin(cap);
      model.deletion.end(cap, last);
    }
  for (const cap of inward) {
    if (cap.dying || census.held.get(cap.place.slot)?.zombie !== true) continue;
    model.deletion.begin(cap);
    cap.dying = true;
  }
  model.deletion.isOrderOpen = true;
}
/** What is being deleted and was found inside another moves into its own first place, and what was there, out. */
function moveIn(census: Census, zombie: Held, doomed: ReadonlySet<Cap>): void {
  const all = [...doomed].filter((cap) => isSame(zombie, cap));
  const first = all[0]?.thing.places[0];
  if (first?.slot !== zombie.slot || all.some(({ place }) => place === first)) return;
  const moved = all.filter(({ place }) => !isSame(census.held.get(place.slot), all[0]!));
  const cap = moved.find(({ place }) => census.held.has(place.slot)) ?? moved[0];
  if (cap === undefined) return;
  const { place } = cap;
  place.cap = first.cap;
  if (place.cap !== null) place.cap.place = place;
  first.cap = cap;
  cap.place = first;
}

/** What was being deleted inside something else is the kernel's to finish: nobody can name it. */
export function finishOrphans(model: Model, census: Census): void {
  for (const cap of [...model.caps()])
    if (cap.dying && cap.place === cap.thing.places[0] && !isSame(census.held.get(cap.place.slot), cap))
      model.deletion.destroy(cap);
}
