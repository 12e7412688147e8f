/** Rights, the derivation tree, deletion and revocation. */
import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import type { Story } from '../story.ts';

const rights = sectionOf('3.1.4 Capability Rights');
const tree = sectionOf('3.1.5 Capability Derivation Tree');
const deletion = sectionOf('3.2 Deletion and Revocation');

const held = (story: Story, ...slots: number[]): boolean[] => slots.map((slot) => story.holds(slot));

export const capabilityRights: readonly Clause[] = [
  rights('rights are masked, never checked: asking for more silently gives less', (story, check) => {
    const { write } = story.numbers.rights;
    const notification = story.make('Notification');
    const signals = story.copied(notification, write);
    const more = story.empty();
    answers(check, story.copy(more, signals, story.all), 'NoError');
    const handler = story.make('Endpoint');
    story.thread({ faults: handler });
    story.wait(more);
    story.nbRecv(handler, story.make('Reply'));
    check.equal(story.message.label, story.numbers.faults.CapFault, 'the right to wait did not come back');
  }),
  rights('Notification: Write is needed to signal', (story, check) => {
    const notification = story.make('Notification');
    const badged = story.minted(notification, 4, story.numbers.rights.read);
    answers(check, story.invokeNumbered(badged, 0), 'InvalidCapability', [0], 'a Call is told');
    story.send(badged);
    story.poll(notification);
    check.equal(story.message.badge, 0, 'nothing was signalled');
  }),
  rights('Endpoint: Write is needed to send: Send is dropped, Call is InvalidCapability 0', (story, check) => {
    const endpoint = story.make('Endpoint');
    const silent = story.copied(endpoint, story.all - story.numbers.rights.write);
    const agent = story.thread();
    story.send(silent);
    check.equal(story.current, agent.id, 'Send does not wait');
    answers(check, story.invokeNumbered(silent, 0), 'InvalidCapability', [0], 'Call');
  }),
  rights('capabilities without rights are not made less by a mask', (story, check) => {
    const node = story.make('CNode', 2);
    const copy = story.copied(node, 0);
    answers(check, story.retypeInto(story.memory, 'Endpoint', 0, copy, 0, 1), 'NoError');
    answers(check, story.retypeInto(story.memory, 'Endpoint', 0, node, 0, 1), 'DeleteFirst', [], 'it is there');
    const untyped = story.copied(story.make('Untyped', 6), 0);
    const endpoint = story.empty();
    answers(check, story.retype(untyped, 'Endpoint', 0, endpoint), 'NoError');
    check.equal(held(story, untyped, endpoint), [true, true], 'the copy, and what was made of it');
  }),
];

export const derivationTree: readonly Clause[] = [
  tree('1 the capability that Retype made is parent of every later copy', (story, check) => {
    const endpoint = story.make('Endpoint');
    const [a, b] = [story.copied(endpoint), story.copied(endpoint)];
    const c = story.copied(a);
    answers(check, story.revoke(endpoint), 'NoError');
    check.equal(held(story, endpoint, a, b, c), [true, false, false, false], 'what is left');
  }),
  tree('1 copies of copies are siblings: a copy can revoke nothing', (story, check) => {
    const endpoint = story.make('Endpoint');
    const copy = story.copied(endpoint);
    const copyOfCopy = story.copied(copy);
    answers(check, story.revoke(copy), 'NoError');
    check.equal(held(story, endpoint, copy, copyOfCopy), [true, true, true], 'what is left');
  }),
  tree('2 a badged capability is an original: it revokes its own copies, and no other', (story, check) => {
    const endpoint = story.make('Endpoint');
    const [five, six] = [story.minted(endpoint, 5), story.minted(endpoint, 6)];
    const [ofFive, ofSix] = [story.copied(five), story.copied(six)];
    answers(check, story.revoke(five), 'NoError');
    check.equal(held(story, endpoint, five, ofFive, six, ofSix), [true, true, false, true, true], 'what is left');
  }),
  tree('2 two capabilities minted with the same badge do not revoke each other', (story, check) => {
    const endpoint = story.make('Endpoint');
    const first = story.minted(endpoint, 5);
    const second = story.minted(endpoint, 5);
    const [ofFirst, ofSecond] = [story.copied(first), story.copied(second)];
    answers(check, story.revoke(second), 'NoError');
    check.equal(held(story, first, ofFirst, second, ofSecond), [true, true, true, false], 'after the second');
    answers(check, story.revoke(first), 'NoError');
    check.equal(held(story, first, ofFirst, second), [true, false, true], 'after the first');
  }),
  tree('3 copies of a badged capability are siblings: none revokes another', (story, check) => {
    const badged = story.minted(story.make('Endpoint'), 5);
    const copy = story.copied(badged);
    const copyOfCopy = story.copied(copy);
    answers(check, story.revoke(copy), 'NoError');
    check.equal(held(story, copy, copyOfCopy), [true, true], 'after the copy');
    answers(check, story.revoke(badged), 'NoError');
    check.equal(held(story, badged, copy, copyOfCopy), [true, false, false], 'after the badged original');
  }),
  tree('3 the unbadged original revokes badged ones and their copies', (story, check) => {
    const notification = story.make('Notification');
    const badged = story.minted(notification, 5);
    const copy = story.copied(badged);
    answers(check, story.revoke(notification), 'NoError');
    check.equal(held(story, notification, badged, copy), [true, false, false], 'what is left');
  }),
  tree('3 trees of untyped memory are as deep as one likes: a copy is always a child', (story, check) => {
    const untyped = story.make('Untyped', 8);
    const copy = story.copied(untyped);
    const copyOfCopy = story.copied(copy);
    const endpoint = story.make('Endpoint', 0, 1, copyOfCopy);
    answers(check, story.revoke(copy), 'NoError');
    check.equal(held(story, untyped, copy, copyOfCopy, endpoint), [true, true, false, false], 'what is left');
  }),
  tree('4 revoking an untyped reaches capabilities wherever they are', (story, check) => {
    const untyped = story.make('Untyped', 8);
    const endpoint = story.make('Endpoint', 0, 1, untyped);
    const node = story.make('CNode', 2);
    const { cnode } = story.boot;
    const words = [1, 2, endpoint, story.depth, story.all, 3];
    answers(check, story.invoke(node, 'CNode_Mint', words, [cnode]), 'NoError', [], 'to another CNode');
    const again = story.retypeInto(story.memory, 'Endpoint', 0, node, 0, 4);
    answers(check, again, 'DeleteFirst', [], 'one of its slots is taken');
    answers(check, story.revoke(untyped), 'NoError');
    answers(check, story.retypeInto(story.memory, 'Endpoint', 0, node, 0, 4), 'NoError', [], 'all its slots are empty');
  }),
  tree('5 only the last capability destroys the object', (story, check) => {
    const notification = story.make('Notification');
    const badged = story.minted(notification, 3);
    const copy = story.copied(notification);
    story.signal(badged);
    answers(check, story.delete(notification), 'NoError');
    answers(check, story.delete(badged), 'NoError');
    check.equal(story.polled(copy), [3, 0], 'the word is still there');
  }),
  tree('CNode_Move keeps the place in the tree: a moved original still revokes', (story, check) => {
    const endpoint = story.make('Endpoint');
    const copy = story.copied(endpoint);
    const to = story.empty();
    answers(check, story.move(to, endpoint), 'NoError');
    answers(check, story.revoke(to), 'NoError');
    check.equal(held(story, to, copy), [true, false], 'what is left');
  }),
  tree('an untyped with children is not derived: RevokeFirst', (story, check) => {
    const untyped = story.make('Untyped', 8);
    story.make('Endpoint', 0, 1, untyped);
    answers(check, story.copy(story.empty(), untyped), 'RevokeFirst');
    answers(check, story.mint(story.empty(), untyped, story.all, 0), 'RevokeFirst');
    answers(check, story.move(story.empty(), untyped), 'NoError', [], 'it is moved all the same');
  }),
  tree('an untyped that was copied gives nothing until the copy is gone', (story, check) => {
    const untyped = story.make('Untyped', 8);
    const copy = story.copied(untyped);
    answers(check, story.retype(untyped, 'Endpoint', 0, story.empty()), 'NotEnoughMemory', [0]);
    answers(check, story.delete(copy), 'NoError');
    answers(check, story.retype(untyped, 'Endpoint', 0, story.empty()), 'NoError');
  }),
  tree(
    'IRQControl is not derived: IllegalOperation',
    (story, check) => {
      answers(check, story.copy(story.empty(), story.boot.irqControl!), 'IllegalOperation');
      answers(check, story.mint(story.empty(), story.boot.irqControl!, story.all, 0), 'IllegalOperation');
    },
    'interrupts',
  ),
  tree('a page table that is not mapped is not derived: IllegalOperation', (story, check) => {
    answers(check, story.copy(story.empty(), story.make('PageTable')), 'IllegalOperation');
  }),
  tree('reply objects are derived like others', (story, check) => {
    const reply = story.make('Reply');
    const copy = story.empty();
    answers(check, story.copy(copy, reply), 'NoError');
    check.equal(held(story, reply, copy), [true, true], 'both');
    answers(check, story.revoke(reply), 'NoError');
    check.equal(held(story, reply, copy), [true, false], 'the copy is a child');
  }),
];

export const deletionAndRevocation: readonly Clause[] = [
  deletion('Delete empties the slot, and only that', (story, check) => {
    const endpoint = story.make('Endpoint');
    const [a, b] = [story.copied(endpoint), story.copied(endpoint)];
    answers(check, story.delete(a), 'NoError', []);
    check.equal(held(story, endpoint, a, b), [true, false, true], 'what is left');
    answers(check, story.delete(endpoint), 'NoError', []);
    check.equal(held(story, endpoint, b), [false, true], 'deleting a parent leaves its children');
  }),
  deletion('Revoke leaves the capability itself, and can be done again', (story, check) => {
    const endpoint = story.make('Endpoint');
    story.copied(endpoint);
    answers(check, story.revoke(endpoint), 'NoError', []);
    answers(check, story.revoke(endpoint), 'NoError', []);
    check.equal(held(story, endpoint), [true], 'the original');
  }),
  deletion('Revoke of many capabilities, with preemption points between, leaves none', (story, check) => {
    const endpoint = story.make('Endpoint');
    const copies = Array.from({ length: 300 }, (_, index) => story.minted(endpoint, 1 + (index % 7)));
    check.equal(copies.filter((slot) => story.holds(slot)).length, copies.length, 'copies');
    answers(check, story.revoke(endpoint), 'NoError', []);
    check.equal(copies.filter((slot) => story.holds(slot)).length, 0, 'copies left');
  }),
  deletion('deleting the last capability to a CNode deletes what its slots hold', (story, check) => {
    const untyped = story.make('Untyped', 12);
    const node = story.make('CNode', 4, 1, untyped);
    const notification = story.make('Notification');
    const handler = story.make('Endpoint');
    const agent = story.thread({ faults: handler });
    story.wait(notification);
    answers(check, story.invoke(node, 'CNode_Move', [3, 4, notification, story.depth], [story.boot.cnode]), 'NoError');
    answers(check, story.delete(node), 'NoError', []);
    check.equal(story.current, story.initial, 'who waited at what was destroyed does not go on');
    story.nbRecv(handler, story.make('Reply'));
    check.equal(story.message.label, story.numbers.faults.CapFault, 'it looked again, and faulted');
    check.that(agent.id !== story.initial, 'another thread');
    answers(check, story.retype(untyped, 'Untyped', 12, node), 'NoError', [], 'the CNode’s memory is free');
  }),
  deletion('a CNode of which a capability is left keeps its slots', (story, check) => {
    const node = story.make('CNode', 2);
    const copy = story.copied(node);
    answers(check, story.retypeInto(story.memory, 'Endpoint', 0, node, 0, 1), 'NoError');
    answers(check, story.delete(node), 'NoError');
    answers(check, story.retypeInto(story.memory, 'Endpoint', 0, copy, 0, 1), 'DeleteFirst');
  }),
  deletion('a CNode that holds its own only capability goes when its untyped is revoked', (story, check) => {
    const untyped = story.make('Untyped', 12);
    const node = story.make('CNode', 4, 1, untyped);
    check.equal(story.holds(node), true, 'it is there');
    answers(check, story.invoke(node, 'CNode_Move', [0, 4, node, story.depth], [story.boot.cnode]), 'NoError');
    check.equal(story.holds(node), false, 'nobody outside can name it');
    answers(check, story.retype(untyped, 'Untyped', 12, node), 'NotEnoughMemory', undefined, 'it has its memory');
    answers(check, story.revoke(untyped), 'NoError');
    answers(check, story.retype(untyped, 'Untyped', 12, node), 'NoError', [], 'its memory is free');
  }),
  deletion('a CNode that holds a capability to itself is deleted with its last one outside', (story, check) => {
    const untyped = story.make('Untyped', 12);
    const node = story.make('CNode', 4, 1, untyped);
    const words = [5, 4, node, story.depth, story.all];
    answers(check, story.invoke(node, 'CNode_Copy', words, [story.boot.cnode]), 'NoError');
    answers(check, story.delete(node), 'NoError', [], 'the one outside is not the last');
    answers(check, story.retype(untyped, 'Untyped', 12, node), 'NotEnoughMemory', undefined, 'it has its memory');
    answers(check, story.revoke(untyped), 'NoError');
    answers(check, story.retype(untyped, 'Untyped', 12, node), 'NoError', [], 'its memory is free');
  }),
  deletion('two CNodes that hold each other go together when their untyped is revoked', (story, check) => {
    const untyped = story.make('Untyped', 12);
    const nodes = story.make('CNode', 4, 2, untyped);
    const { cnode } = story.boot;
    answers(check, story.invoke(nodes, 'CNode_Move', [0, 4, nodes + 1, story.depth], [cnode]), 'NoError', [], 'one');
    answers(check, story.invoke(nodes, 'CNode_Copy', [1, 4, nodes, story.depth, 0], [cnode]), 'NoError', [], 'itself');
    answers(
      check,
      story.retype(untyped, 'Untyped', 12, nodes + 1),
      'NotEnoughMemory',
      undefined,
      'they have their memory',
    );
    answers(check, story.revoke(untyped), 'NoError');
    answers(check, story.retype(untyped, 'Untyped', 12, nodes), 'NoError', [], 'their memory is free');
  }),
  deletion('deleting the last capability to a TCB suspends its thread for ever', (story, check) => {
    const agent = story.sleeper();
    const badged = story.minted(agent.wake, 1);
    answers(check, story.delete(agent.tcb), 'NoError');
    story.signal(badged);
    check.equal(story.current, story.initial, 'the thread does not run');
    story.poll(agent.wake);
    check.equal(story.message.badge, 1, 'nobody had taken the signal');
  }),
  deletion('a thread that deletes its own last TCB capability stops', (story, check) => {
    const agent = story.thread();
    story.call(story.boot.cnode, {
      label: story.numbers.labels.CNode_Delete ?? 0,
      words: [agent.tcb, story.depth],
    });
    check.equal(story.current, story.initial, 'who runs');
    check.equal(story.holds(agent.tcb), false, 'the slot is empty');
  }),
  deletion(
    'deleting the last capability to an endpoint sends everybody who waits there to look again',
    (story, check) => {
      const endpoint = story.make('Endpoint');
      const handler = story.make('Endpoint');
      const reply = story.make('Reply');
      story.thread({ faults: story.minted(handler, 1) });
      story.recv(endpoint, story.make('Reply'));
      story.thread({ faults: story.minted(handler, 2), priority: 111 });
      story.recv(endpoint, story.make('Reply'));
      answers(check, story.delete(endpoint), 'NoError');
      story.nbRecv(handler, reply);
      check.equal([story.message.label, story.message.badge], [story.numbers.faults.CapFault, 2], 'the first');
      story.nbRecv(handler, reply);
      check.equal([story.message.label, story.message.badge], [story.numbers.faults.CapFault, 1], 'the second');
    },
  ),
];
