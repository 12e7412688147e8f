/**
 * A host of plugins that have no other access than the handles they hold. A handle is an index in the plugin's own
 * capability space; what it names, and what may be done with it, stands in memory that only the host can write.
 *
 * A file is an endpoint object. The host knows it by its address, a plugin by whatever handles were made for it.
 */
import { Capabilities, errors, granuleOf, guardWord, objects, SLOT_WORDS } from '@bulkhead/capabilities';

const { CNODE, ENDPOINT, READ, UNTYPED, WRITE } = objects;

export { READ, WRITE };

const MEMORY_BYTES = 1 << 20;
const HOST_SLOT_BITS = 6;
const HANDLE_BITS = 4;
/** Handles are small numbers: the upper 28 bits of a pointer are the guard, and zero. */
const HANDLE_GUARD = guardWord(0, 32 - HANDLE_BITS);
const PAGE_WORDS = 1024;

/** A refusal with the capability system's own name for it. */
export class Refused extends Error {
  constructor(error) {
    super(errors.NAMES[-error]);
    this.name = 'Refused';
  }
}
const check = (result) => {
  if (result < 0) throw new Refused(result);
  return result;
};

export class PluginHost {
  constructor() {
    this.contents = new Map();
    this.capabilities = new Capabilities({
      words: new Int32Array(MEMORY_BYTES / 4),
      finalise: (type, object, _slot, final) => {
        if (type === ENDPOINT && final) this.contents.delete(object);
      },
    });
    // The host's own slots are on page 1, and all memory that is ever given out is one untyped, in the first of them.
    this.root = SLOT_WORDS;
    this.usedSlots = 0;
    this.capabilities.install(this.root, CNODE, granuleOf(1, 0), HOST_SLOT_BITS);
    this.memory = this.newSlot();
    this.capabilities.install(this.memory, UNTYPED, granuleOf(16, 0), 16);
  }

  /** A file of the host's. @returns the slot from which handles are made, and by which they are all taken back */
  open(text) {
    const slot = this.newSlot();
    check(this.capabilities.retype(this.memory, ENDPOINT, 0, this.root, 0, 0, this.indexOf(slot), 1));
    this.contents.set(this.capabilities.objectOf(slot), text);
    return slot;
  }
  /** @param budgetBits the plugin can never make the host keep more than 2^budgetBits bytes for it */
  load(budgetBits) {
    const budget = this.newSlot();
    check(this.capabilities.retype(this.memory, UNTYPED, budgetBits, this.root, 0, 0, this.indexOf(budget), 1));
    const [bare, table] = [this.newSlot(), this.newSlot()];
    check(this.capabilities.retype(budget, CNODE, HANDLE_BITS, this.root, 0, 0, this.indexOf(bare), 1));
    check(this.capabilities.mutate(table, bare, HANDLE_GUARD));
    return new Plugin(this, budget, table);
  }
  /** Gives a plugin a handle; the badge says, at every use, through which handle a file was reached. */
  grant(file, plugin, handle, rights, badge) {
    check(this.capabilities.mint(plugin.slot(handle), file, rights, badge));
  }
  /** Takes back every handle to a file, wherever it has been passed to. */
  revoke(file) {
    check(this.capabilities.revoke(file));
  }
  /** Ends a plugin: what it made of its budget is gone, its own files and everybody's handles to them included. */
  unload(plugin) {
    check(this.capabilities.revoke(plugin.budget));
  }

  newSlot() {
    return PAGE_WORDS + this.usedSlots++ * SLOT_WORDS;
  }
  indexOf(slot) {
    return (slot - PAGE_WORDS) / SLOT_WORDS;
  }
}

/** What a plugin can do. Every method begins with a look-up in the plugin's own space. */
class Plugin {
  constructor(host, budget, table) {
    this.host = host;
    this.budget = budget;
    this.table = table;
  }

  read(handle) {
    return this.host.contents.get(this.fileOf(handle, READ));
  }
  write(handle, text) {
    this.host.contents.set(this.fileOf(handle, WRITE), text);
  }
  badgeOf(handle) {
    return this.host.capabilities.badgeOf(check(this.host.capabilities.lookup(this.table, handle)));
  }
  /** Passes a handle on, with the same rights or fewer. */
  pass(handle, to, toHandle, rights) {
    const { capabilities } = this.host;
    check(capabilities.copy(to.slot(toHandle), check(capabilities.lookup(this.table, handle)), rights));
  }
  /** A file of the plugin's own, in memory of its own budget. */
  create(handle, text) {
    const { capabilities, contents } = this.host;
    check(capabilities.retype(this.budget, ENDPOINT, 0, this.table, 0, 0, handle, 1));
    contents.set(capabilities.objectOf(this.slot(handle)), text);
  }
  drop(handle) {
    check(this.host.capabilities.delete(this.slot(handle)));
  }

  slot(handle) {
    return check(this.host.capabilities.lookupSlot(this.table, handle, 32, false));
  }
  fileOf(handle, right) {
    const { capabilities } = this.host;
    const slot = check(capabilities.lookup(this.table, handle));
    if (capabilities.typeOf(slot) !== ENDPOINT) throw new Refused(errors.INVALID_CAPABILITY);
    if ((capabilities.rightsOf(slot) & right) === 0) throw new Refused(errors.ILLEGAL_OPERATION);
    return capabilities.objectOf(slot);
  }
}
