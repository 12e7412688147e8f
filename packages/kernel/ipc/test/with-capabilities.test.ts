/** The port over `@bulkhead/capabilities`: slots, objects and buffers in one memory. */
import { Capabilities, granuleOf, objects, SLOT_WORDS } from '@bulkhead/capabilities';
import { describe, expect, it } from 'vitest';
import {
  BlockedThreads,
  type CapabilityPort,
  message,
  outcomes,
  rights,
  SystemCalls,
  Unscheduled,
} from '../src/index.ts';

const WORDS = 1 << 15;
const RADIX = 6;
const CNODE_PAGE = 1;
const UNTYPED_PAGE = 8;
const BUFFER_WORD = 0x4000;
const ROOT = 8;
const [UNTYPED, EP, NTFN, REPLY, BADGED, SELF, RECEIVED] = [1, 2, 3, 4, 5, 6, 20] as const;
const [SERVER, CLIENT] = [0, 1] as const;

/** One capability space for all threads. */
class Space implements CapabilityPort {
  readonly #capabilities: Capabilities;
  constructor(capabilities: Capabilities) {
    this.#capabilities = capabilities;
  }
  lookup(_thread: number, pointer: number): number {
    return this.#capabilities.lookup(ROOT, pointer);
  }
  kindOf(slot: number): number {
    if (this.#capabilities.isZombie(slot)) return rights.NOTHING;
    switch (this.#capabilities.typeOf(slot)) {
      case objects.ENDPOINT:
        return rights.ENDPOINT;
      case objects.NOTIFICATION:
        return rights.NOTIFICATION;
      case objects.REPLY:
        return rights.REPLY;
      case objects.TCB:
      case objects.CNODE:
        return rights.OTHER_ALONE;
      default:
        return rights.OTHER;
    }
  }
  objectOf(slot: number): number {
    return this.#capabilities.wordOf(slot);
  }
  badgeOf(slot: number): number {
    return this.#capabilities.badgeOf(slot);
  }
  rightsOf(slot: number): number {
    return this.#capabilities.rightsOf(slot);
  }
  receiveSlot(thread: number, root: number, index: number, depth: number): number {
    const cnode = this.lookup(thread, root);
    const slot = cnode < 0 ? cnode : this.#capabilities.lookupSlot(cnode, index, depth, false);
    return slot < 0 || this.#capabilities.typeOf(slot) === objects.NULL ? slot : -1;
  }
  deriveInto(destination: number, source: number): number {
    return this.#capabilities.copy(destination, source, objects.ALL_RIGHTS);
  }
  invoke(): number {
    return 0;
  }
  explain(): number {
    return 0;
  }
}

const at = (index: number): number => CNODE_PAGE * 1024 + index * SLOT_WORDS;
function machine() {
  const words = new Int32Array(WORDS);
  const capabilities = new Capabilities({ words, finalise: () => {} });
  capabilities.install(ROOT, objects.CNODE, granuleOf(CNODE_PAGE, 0), RADIX);
  capabilities.installGuard(ROOT, 0, 32 - RADIX);
  capabilities.install(at(UNTYPED), objects.UNTYPED, granuleOf(UNTYPED_PAGE, 0), 14);
  const made = [
    [objects.ENDPOINT, EP],
    [objects.NOTIFICATION, NTFN],
    [objects.REPLY, REPLY],
  ] as const;
  for (const [type, index] of made) expect(capabilities.retype(at(UNTYPED), type, 0, ROOT, 0, 0, index, 1)).toBe(0);
  capabilities.mint(at(BADGED), at(EP), objects.ALL_RIGHTS, 42);
  capabilities.copy(at(SELF), ROOT, objects.ALL_RIGHTS);
  const threads = new BlockedThreads(words, 2);
  threads.buffer[SERVER] = BUFFER_WORD;
  threads.buffer[CLIENT] = BUFFER_WORD + message.BUFFER_LANES;
  const calls = new SystemCalls(threads, new Space(capabilities), new Unscheduled());
  return { words, capabilities, threads, calls };
}

describe('ipc over capabilities', () => {
  it('a call and its answer go through objects that were retyped, in the memory that both lend', () => {
    const { calls, threads, words, capabilities } = machine();
    expect(calls.receive(SERVER, EP, REPLY)).toBe(outcomes.BLOCKED);
    expect(words[capabilities.wordOf(at(EP)) + 1]).toBe(SERVER + 1);
    expect(calls.call(CLIENT, BADGED)).toBe(outcomes.SWITCHED);
    expect(threads.badge[SERVER]).toBe(42);
    expect(calls.replyReceive(SERVER, EP, REPLY)).toBe(outcomes.SWITCHED);
    expect(calls.send(CLIENT, NTFN)).toBe(outcomes.DONE);
  });

  it('a capability that arrives with a message is a child of what the sender holds, and revoked with it', () => {
    const { calls, threads, words, capabilities } = machine();
    words[BUFFER_WORD + message.RECEIVE_ROOT] = SELF;
    words[BUFFER_WORD + message.RECEIVE_INDEX] = RECEIVED;
    words[BUFFER_WORD + message.RECEIVE_DEPTH] = 32;
    words[threads.buffer[CLIENT]! + message.CAPS_OR_BADGES] = NTFN;
    words[threads.buffer[CLIENT]! + message.CAPS_OR_BADGES + message.WORD_LANES] = BADGED;
    threads.tag[CLIENT] = message.messageTag(0, 0, 2, 0);
    calls.receive(SERVER, EP, REPLY);
    calls.call(CLIENT, BADGED);
    expect(message.extraCapsOf(threads.tag[SERVER]!)).toBe(2);
    expect(message.capsUnwrappedOf(threads.tag[SERVER]!)).toBe(0b10);
    expect(words[BUFFER_WORD + message.CAPS_OR_BADGES + message.WORD_LANES]).toBe(42);
    expect(capabilities.typeOf(at(RECEIVED))).toBe(objects.NOTIFICATION);
    expect(capabilities.objectOf(at(RECEIVED))).toBe(capabilities.objectOf(at(NTFN)));
    expect(capabilities.isDerived(at(NTFN), at(RECEIVED))).toBe(true);
    capabilities.revoke(at(NTFN));
    expect(capabilities.typeOf(at(RECEIVED))).toBe(objects.NULL);
  });

  it('the rights of both are the same numbers', () => {
    const { WRITE, READ, GRANT, GRANT_REPLY } = rights;
    expect([WRITE, READ, GRANT, GRANT_REPLY]).toEqual([
      objects.WRITE,
      objects.READ,
      objects.GRANT,
      objects.GRANT_REPLY,
    ]);
  });
});
