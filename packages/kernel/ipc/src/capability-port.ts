/**
 * What messages need of a capability system. A slot is a positive number that only the port understands; objects are
 * named by the index of their first word in the memory that endpoints, notifications and reply objects lie in.
 */
export interface CapabilityPort {
  /** What a thread's pointer names. @returns a slot, or a negative number: the look-up failed. The port remembers why. */
  lookup(thread: number, pointer: number): number;
  /**
   * What the pointer of an extra capability names. Where it is given, an empty slot may count as found: an invocation
   * takes it as no capability, and a message loses it. @defaultValue as `lookup`
   */
  lookupExtra?(thread: number, pointer: number): number;
  /** NOTHING, ENDPOINT, NOTIFICATION, REPLY, OTHER or OTHER_ALONE (rights.ts). */
  kindOf(slot: number): number;
  /** The first word of an endpoint's, a notification's or a reply object's record. Never 0. */
  objectOf(slot: number): number;
  badgeOf(slot: number): number;
  /** WRITE, READ, GRANT, GRANT_REPLY. Of a reply object, GRANT only. */
  rightsOf(slot: number): number;

  /**
   * Where a thread wants a capability that comes with a message: `root` names a CNode in its capability space, in which
   * `depth` bits of `index` name the slot. @returns a slot that is there and empty, or a negative number.
   */
  receiveSlot(thread: number, root: number, index: number, depth: number): number;
  /** Derives a capability and inserts the result, a child as of a copy. @returns 0, or a negative number: nothing was done. */
  deriveInto(destination: number, source: number): number;

  /**
   * A thread invokes another object; its message is in its registers and buffer. @returns how many words of answer it
   * wrote to the thread's registers and buffer, a negative error, or PREEMPTED (system-calls.ts).
   */
  invoke(thread: number, slot: number, isCall: boolean): number;
  /** Writes what an error of `invoke` says besides to the thread's registers and buffer. @returns how many words. */
  explain(thread: number, error: number): number;
}
