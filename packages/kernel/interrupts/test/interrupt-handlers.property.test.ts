/** Random sequences over handlers, notifications and their capabilities, against an explicit tree. */
import { errors, objects } from '@bulkhead/capabilities';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labels } from '../src/index.ts';
import { CONTROL, IDENTITIES, ROOT, UNTYPED, type World, world } from './world.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);
const { IRQ_HANDLER, NOTIFICATION, READ, WRITE } = objects;
const SLOTS: readonly number[] = Array.from({ length: 16 }, (_, i) => 4 + i);

interface Capability {
  readonly type: number;
  /** The notification's number, or the interrupt. */
  readonly object: number;
  readonly badge: number;
  readonly rights: number;
  readonly original: boolean;
  parent: Capability | undefined;
}
interface Handler {
  unmasked: boolean;
  awaits: boolean;
}
class Model {
  readonly slots: Map<number, Capability> = new Map();
  readonly control: Capability = made(objects.IRQ_CONTROL, 0, 0, 0, true, undefined);
  readonly handlers: Map<number, Handler> = new Map();
  /** Copies of notifications' capabilities, by interrupt: in the tree, but in nobody's slot. */
  readonly held: Map<number, Capability> = new Map();
  readonly pending: Set<number> = new Set();

  issue(identity: number, slot: number): number {
    if (this.handlers.has(identity)) return errors.REVOKE_FIRST;
    if (this.slots.has(slot)) return errors.DELETE_FIRST;
    this.slots.set(slot, made(IRQ_HANDLER, identity, 0, 0, true, this.control));
    this.handlers.set(identity, { unmasked: false, awaits: false });
    this.pending.delete(identity);
    return 0;
  }
  copy(to: number, from: number, rights: number, badge: number): number {
    const source = this.slots.get(from);
    if (this.slots.has(to)) return errors.DELETE_FIRST;
    if (source === undefined) return errors.FAILED_LOOKUP;
    if (badge !== 0 && source.type === NOTIFICATION && source.badge !== 0) return errors.ILLEGAL_OPERATION;
    this.slots.set(to, derived(source, rights, source.type === NOTIFICATION ? badge : 0));
    return 0;
  }
  setNotification(handler: number, from: number): number {
    const wrong = this.#wrong(handler);
    if (wrong !== 0) return wrong;
    const source = this.slots.get(from);
    if (source?.type !== NOTIFICATION || (source.rights & WRITE) === 0) return errors.INVALID_CAPABILITY;
    const identity = this.slots.get(handler)!.object;
    this.#drop(identity);
    this.held.set(identity, derived(source, source.rights, 0));
    this.handlers.get(identity)!.unmasked = !this.handlers.get(identity)!.awaits;
    return 0;
  }
  clear(handler: number): number {
    const wrong = this.#wrong(handler);
    if (wrong !== 0) return wrong;
    const identity = this.slots.get(handler)!.object;
    this.#drop(identity);
    this.handlers.get(identity)!.unmasked = false;
    return 0;
  }
  acknowledge(handler: number): number {
    const wrong = this.#wrong(handler);
    if (wrong !== 0) return wrong;
    const identity = this.slots.get(handler)!.object;
    this.handlers.set(identity, { awaits: false, unmasked: this.held.has(identity) });
    return 0;
  }
  /** @returns the interrupt that is taken, and the capability that says what is signalled. */
  take(): readonly [number, Capability | undefined] {
    const ready = [...this.pending].filter((identity) => this.handlers.get(identity)?.unmasked === true);
    if (ready.length === 0) return [0, undefined];
    const identity = Math.min(...ready);
    this.pending.delete(identity);
    this.handlers.set(identity, { awaits: true, unmasked: false });
    return [identity, this.held.get(identity)];
  }
  delete(slot: number): number {
    const gone = this.slots.get(slot);
    if (gone !== undefined) this.#remove(gone);
    return 0;
  }
  revoke(root: Capability | undefined): number {
    const under = (each: Capability | undefined): boolean =>
      each !== undefined && (each.parent === root || under(each.parent));
    if (root !== undefined) for (const each of this.#all()) if (under(each)) this.#remove(each);
    return 0;
  }
  /** Objects of notifications to which there is a capability. */
  living(): Set<number> {
    return new Set(
      this.#all()
        .filter(({ type }) => type === NOTIFICATION)
        .map(({ object }) => object),
    );
  }

  #all(): Capability[] {
    return [...this.slots.values(), ...this.held.values()];
  }
  #remove(gone: Capability): void {
    for (const [slot, each] of this.slots) if (each === gone) this.slots.delete(slot);
    for (const [identity, each] of this.held) if (each === gone) this.held.delete(identity);
    for (const each of this.#all()) if (each.parent === gone) each.parent = gone.parent;
    const same = ({ type, object }: Capability): boolean => type === gone.type && object === gone.object;
    if (gone.type !== IRQ_HANDLER || this.#all().some(same)) return;
    this.handlers.delete(gone.object);
    this.#drop(gone.object);
  }
  #drop(identity: number): void {
    const gone = this.held.get(identity);
    if (gone !== undefined) this.#remove(gone);
  }
  #wrong(slot: number): number {
    const invoked = this.slots.get(slot);
    if (invoked === undefined) return errors.INVALID_CAPABILITY;
    return invoked.type === IRQ_HANDLER ? 0 : errors.ILLEGAL_OPERATION;
  }
}

const made = (
  type: number,
  object: number,
  badge: number,
  rights: number,
  original: boolean,
  parent: Capability | undefined,
): Capability => ({ type, object, badge, rights, original, parent });

/** A copy of an original is its child, a copy of a copy its sibling; a badge makes an original. */
function derived(source: Capability, rights: number, badge: number): Capability {
  const { type, object } = source;
  const parent = source.original ? source : source.parent;
  return made(type, object, badge === 0 ? source.badge : badge, source.rights & rights, badge !== 0, parent);
}

interface Step {
  readonly op: keyof typeof OPERATIONS;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}
interface Pair {
  readonly w: World;
  readonly model: Model;
}
const one = <T>(all: readonly T[], choice: number): T => all[choice % all.length]!;
function holding(model: Model, type: number, choice: number): number {
  const fit = SLOTS.filter((slot) => model.slots.get(slot)?.type === type);
  return fit.length === 0 || choice % 8 === 0 ? one(SLOTS, choice) : one(fit, choice);
}
const identityOf = (choice: number): number => 1 + (choice % IDENTITIES);

type Operation = (p: Pair, s: Step) => readonly [is: number, shouldBe: number];
const OPERATIONS = {
  make: ({ w, model }, { a }) => {
    const slot = one(SLOTS, a);
    const is = w.capabilities.retype(w.at(UNTYPED), NOTIFICATION, 0, ROOT, 0, 0, slot, 1);
    if (model.slots.has(slot)) return [is, errors.DELETE_FIRST];
    const object = w.capabilities.objectOf(w.at(slot));
    model.slots.set(slot, made(NOTIFICATION, object, 0, READ | WRITE, true, undefined));
    return [is, 0];
  },
  issue: ({ w, model }, { a, b }) => {
    const [identity, slot] = [identityOf(a), one(SLOTS, b)];
    return [w.get(identity, slot), model.issue(identity, slot)];
  },
  copy: ({ w, model }, { a, b, c }) => {
    const [to, from, rights] = [one(SLOTS, a), holding(model, c % 4 === 0 ? IRQ_HANDLER : NOTIFICATION, b), c % 16];
    return [w.capabilities.copy(w.at(to), w.at(from), rights), model.copy(to, from, rights, 0)];
  },
  mint: ({ w, model }, { a, b, c }) => {
    const [to, from, badge] = [one(SLOTS, a), holding(model, NOTIFICATION, b), 1 + (c % 3)];
    return [w.capabilities.mint(w.at(to), w.at(from), 15, badge), model.copy(to, from, 15, badge)];
  },
  set: ({ w, model }, { a, b }) => {
    const [handler, from] = [holding(model, IRQ_HANDLER, a), holding(model, NOTIFICATION, b)];
    return [w.invoke(handler, labels.IRQ_HANDLER_SET_NOTIFICATION, [], [from]), model.setNotification(handler, from)];
  },
  clear: ({ w, model }, { a }) => {
    const handler = holding(model, IRQ_HANDLER, a);
    return [w.invoke(handler, labels.IRQ_HANDLER_CLEAR), model.clear(handler)];
  },
  acknowledge: ({ w, model }, { a }) => {
    const handler = holding(model, IRQ_HANDLER, a);
    return [w.invoke(handler, labels.IRQ_HANDLER_ACK), model.acknowledge(handler)];
  },
  send: ({ w, model }, { a }) => {
    w.file.send(identityOf(a));
    model.pending.add(identityOf(a));
    return [0, 0];
  },
  deliver: ({ w, model }) => {
    const [identity, capability] = model.take();
    const claimed = w.file.claim();
    const slot = w.handlers.deliver(claimed);
    const { capabilities } = w;
    const said = slot === 0 ? 'nothing' : `${capabilities.objectOf(slot)} ${capabilities.badgeOf(slot)}`;
    expect(said).toBe(capability === undefined ? 'nothing' : `${capability.object} ${capability.badge}`);
    return [claimed, identity];
  },
  delete: ({ w, model }, { a }) => [w.capabilities.delete(w.at(one(SLOTS, a))), model.delete(one(SLOTS, a))],
  revoke: ({ w, model }, { a }) => {
    const slot = one(SLOTS, a);
    return [w.capabilities.revoke(w.at(slot)), model.revoke(model.slots.get(slot))];
  },
  revokeControl: ({ w, model }) => [w.capabilities.revoke(w.at(CONTROL)), model.revoke(model.control)],
} satisfies Record<string, Operation>;

const WEIGHTS: Readonly<Record<keyof typeof OPERATIONS, number>> = {
  make: 3,
  issue: 5,
  copy: 4,
  mint: 4,
  set: 6,
  clear: 1,
  acknowledge: 5,
  send: 8,
  deliver: 8,
  delete: 3,
  revoke: 2,
  revokeControl: 1,
};
const step: fc.Arbitrary<Step> = fc.record({
  op: fc.oneof(
    ...Object.entries(WEIGHTS).map(([op, weight]) => ({
      weight,
      arbitrary: fc.constant(op as keyof typeof OPERATIONS),
    })),
  ),
  a: fc.nat(),
  b: fc.nat(),
  c: fc.nat(),
});

/** @param alive notifications that there were before the step. */
function agree({ w, model }: Pair, alive: ReadonlySet<number>): void {
  for (let identity = 1; identity <= IDENTITIES; identity++) {
    const handler = model.handlers.get(identity);
    const is = [
      w.handlers.isIssued(identity),
      w.handlers.awaitsAcknowledgement(identity),
      w.file.enabled.has(identity),
    ];
    const shouldBe = [handler !== undefined, handler?.awaits ?? false, handler?.unmasked ?? false];
    if (is.join() !== shouldBe.join()) expect.fail(`interrupt ${identity} is ${is}, should be ${shouldBe}`);
    const held = w.capabilities.typeOf(w.handlers.slotOf(identity)) !== objects.NULL;
    if (held !== model.held.has(identity)) expect.fail(`interrupt ${identity} holds a capability: ${held}`);
  }
  if ([...w.file.pending].sort().join() !== [...model.pending].sort().join()) expect.fail('not the same is pending');
  const gone = [...alive].filter((object) => !model.living().has(object));
  if (w.destroyed.splice(0).sort().join() !== gone.sort().join())
    expect.fail('not the notifications without a capability went');
}

describe('interrupt handlers, whatever is done with capabilities', () => {
  it('answer, mask and signal as an explicit tree says', () => {
    const counts = new Map<string, number>();
    const property = fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
      const p: Pair = { w: world(), model: new Model() };
      for (const each of steps) {
        const alive = p.model.living();
        const operation: Operation = OPERATIONS[each.op];
        const [is, shouldBe] = operation(p, each);
        if (is !== shouldBe) expect.fail(`${each.op} answers ${is} in place of ${shouldBe}`);
        if (is === 0 || (each.op === 'deliver' && is > 0)) counts.set(each.op, (counts.get(each.op) ?? 0) + 1);
        agree(p, alive);
      }
    });
    fc.assert(property, { numRuns: 200 * EFFORT });
    for (const op of Object.keys(OPERATIONS)) expect([op, (counts.get(op) ?? 0) > 20]).toEqual([op, true]);
  });
});
