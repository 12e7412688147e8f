/** Untyped memory. */
import { answers, climb, type Draft, sectionOf } from '../clause.ts';
import type { ObjectName } from '../numbers.ts';
import type { Clause } from '../run.ts';
import type { Story } from '../story.ts';

const allocation = sectionOf('2.4 Kernel Memory Allocation');
const reuse = sectionOf('2.4.1 Reusing Memory');
const sizes = sectionOf('2.4.2 Summary of Object Sizes');

/** Retype, wrong in everything that can be wrong at once. */
function wrongRetype(story: Story, untyped: number): Draft {
  return {
    pointer: untyped,
    label: story.numbers.labels.TCB_Suspend ?? 0,
    words: [story.numbers.noType, 64, 9999, story.depth + 1, 9999],
    capabilities: [],
  };
}

export const order: readonly Clause[] = [
  allocation('Untyped_Retype refuses in the order 1 to 12: each error wins over all that follow', (story, check) => {
    const { numbers, boot } = story;
    const untyped = story.make('Untyped', 12);
    const endpoint = story.make('Endpoint');
    const node = story.make('CNode', 3);
    const occupied = story.make('CNode', 3);
    answers(check, story.retypeInto(untyped, 'Endpoint', 0, occupied, 2, 1), 'NoError', [], 'a slot is taken');
    const cnode = story.object('CNode').type;
    const small = 2 ** 12 - 2 ** story.object('Endpoint').bits;
    climb(story, check, wrongRetype(story, untyped), [
      { error: 'IllegalOperation', what: '1 the label is no untyped memory’s' },
      { mend: (d) => (d.label = numbers.labels.Untyped_Retype!), error: 'TruncatedMessage', what: '2 five words' },
      { mend: (d) => d.words.push(0), error: 'TruncatedMessage', what: '2 no root' },
      { mend: (d) => d.capabilities.push(endpoint), error: 'InvalidArgument', words: [0], what: '3 no such type' },
      {
        mend: (d) => (d.words[0] = cnode),
        error: 'RangeError',
        words: [0, numbers.largestObjectBits],
        what: '4 a size of 64 bits',
      },
      {
        mend: (d) => (d.words[1] = numbers.largestObjectBits),
        error: 'RangeError',
        words: [0, numbers.largestObjectBits],
        what: '4 an object that is too large',
      },
      { mend: (d) => (d.words[1] = 0), error: 'InvalidArgument', words: [1], what: '5 a CNode of one slot' },
      { mend: (d) => (d.words[1] = 10), error: 'FailedLookup', words: [0, 1], what: '6 the root is no CNode' },
      {
        mend: (d) => (d.capabilities[0] = boot.cnode),
        error: 'RangeError',
        words: [1, story.depth],
        what: '6 the depth of the node',
      },
      {
        mend: (d) => {
          d.words[2] = endpoint;
          d.words[3] = story.depth;
        },
        error: 'FailedLookup',
        words: [0, 2, story.depth],
        what: '7 the node is no CNode',
      },
      { mend: (d) => (d.words[2] = occupied), error: 'RangeError', words: [0, 7], what: '8 the offset' },
      {
        mend: (d) => (d.words[4] = 1),
        error: 'RangeError',
        words: [1, numbers.fanOutLimit],
        what: '9 none at all',
      },
      {
        mend: (d) => (d.words[5] = numbers.fanOutLimit + 1),
        error: 'RangeError',
        words: [1, numbers.fanOutLimit],
        what: '9 too many at once',
      },
      { mend: (d) => (d.words[5] = 8), error: 'RangeError', words: [1, 7], what: '10 more than there are slots' },
      { mend: (d) => (d.words[5] = 2), error: 'DeleteFirst', what: '11 the second slot is taken' },
      { mend: (d) => (d.words[2] = node), error: 'NotEnoughMemory', words: [small], what: '12 the memory' },
      { mend: (d) => (d.words[1] = 3), error: 'NoError', what: 'and then it is done' },
    ]);
  }),
  allocation(
    'Untyped_Retype of a device refuses last, and after the memory, what is neither frame nor untyped',
    (story, check) => {
      const { numbers, boot } = story;
      const device = boot.untypeds.find(({ isDevice, sizeBits }) => isDevice && sizeBits >= 13)!;
      const untyped = story.make('Untyped', 12, 1, device.pointer);
      const first = story.empty(3);
      const tcb = story.object('TCB').type;
      const draft: Draft = {
        pointer: untyped,
        label: numbers.labels.Untyped_Retype!,
        words: [tcb, 0, 0, 0, first, 3],
        capabilities: [boot.cnode],
      };
      climb(story, check, draft, [
        { error: 'NotEnoughMemory', words: [2 ** 12], what: '12 the memory' },
        { mend: (d) => (d.words[5] = 1), error: 'InvalidArgument', words: [1], what: '13 a TCB in a device' },
      ]);
      answers(check, story.retype(untyped, 'Untyped', 11, first), 'NoError', [], 'an untyped');
      answers(check, story.retype(first, 'Endpoint', 0, first + 1), 'InvalidArgument', [1], 'an endpoint in the part');
      story.revoke(untyped);
      answers(check, story.retype(untyped, 'Frame4K', 0, first), 'NoError', [], 'a frame');
    },
    'deviceMemory',
  ),
  allocation('Untyped_Retype: an untyped below 16 bytes, a context below 128 is InvalidArgument 1', (story, check) => {
    const first = story.empty();
    answers(check, story.retype(story.memory, 'Untyped', 3, first), 'InvalidArgument', [1], 'untyped');
    answers(check, story.retype(story.memory, 'SchedContext', 6, first), 'InvalidArgument', [1], 'context');
    answers(check, story.retype(story.memory, 'Untyped', 4, first), 'NoError', [], 'the smallest untyped');
  }),
  allocation('Untyped_Retype with depth 0 takes the root itself as the node', (story, check) => {
    const node = story.make('CNode', 4);
    answers(check, story.retypeInto(story.memory, 'Endpoint', 0, node, 3, 1), 'NoError', []);
    answers(check, story.retypeInto(story.memory, 'Endpoint', 0, node, 3, 1), 'DeleteFirst');
    answers(check, story.retypeInto(story.memory, 'Endpoint', 0, node, 4, 1), 'NoError', []);
  }),
  allocation('a refused Untyped_Retype makes nothing, not even those objects that had room', (story, check) => {
    const untyped = story.make('Untyped', 12);
    const first = story.empty(3);
    answers(check, story.retype(untyped, 'TCB', 0, first, 3), 'NotEnoughMemory', [2 ** 12]);
    check.equal([story.holds(first), story.holds(first + 1)], [false, false], 'the slots');
    answers(check, story.retype(untyped, 'TCB', 0, first, 2), 'NoError', [], 'all memory is still there');
  }),
  allocation('as many objects as the limit are made at once', (story, check) => {
    const count = story.numbers.fanOutLimit;
    const first = story.empty(count);
    answers(check, story.retype(story.memory, 'Endpoint', 0, first, count), 'NoError', []);
    check.equal([story.holds(first), story.holds(first + count - 1)], [true, true], 'first and last');
  }),
  allocation('capabilities to new objects are placed in consecutive slots', (story, check) => {
    const first = story.make('Endpoint', 0, 5);
    const held = [-1, 0, 1, 2, 3, 4, 5].map((offset) => story.holds(first + offset));
    check.equal(held, [held[0], true, true, true, true, true, false], 'slots');
  }),
];

export const memory: readonly Clause[] = [
  reuse('NotEnoughMemory says how many bytes are left', (story, check) => {
    const untyped = story.make('Untyped', 13);
    story.make('Endpoint', 0, 2, untyped);
    const left = 2 ** 13 - 2 * 2 ** story.object('Endpoint').bits;
    answers(check, story.retype(untyped, 'Untyped', 13, story.empty()), 'NotEnoughMemory', [left]);
  }),
  reuse('memory is given out upward, and a hole that alignment leaves is lost', (story, check) => {
    const untyped = story.make('Untyped', 13);
    story.make('Untyped', 4, 1, untyped);
    story.make('Untyped', 12, 1, untyped);
    answers(check, story.retype(untyped, 'Untyped', 4, story.empty()), 'NotEnoughMemory', [0]);
  }),
  reuse('deleting one object gives no memory back while another stands', (story, check) => {
    const untyped = story.make('Untyped', 12);
    const pair = story.make('Untyped', 11, 2, untyped);
    answers(check, story.delete(pair), 'NoError', []);
    answers(check, story.retype(untyped, 'Untyped', 11, pair), 'NotEnoughMemory', [0]);
  }),
  reuse('when nothing stands in an untyped any more, all of its memory can be given out again', (story, check) => {
    const untyped = story.make('Untyped', 12);
    const pair = story.make('Untyped', 11, 2, untyped);
    answers(check, story.retype(untyped, 'Untyped', 12, story.empty()), 'NotEnoughMemory', [0], 'all is given out');
    answers(check, story.delete(pair), 'NoError', []);
    answers(check, story.delete(pair + 1), 'NoError', []);
    answers(check, story.retype(untyped, 'Untyped', 12, pair), 'NoError', []);
  }),
  reuse('Revoke of an untyped takes back every object in its range, whatever was derived from it', (story, check) => {
    const untyped = story.make('Untyped', 14);
    const part = story.make('Untyped', 13, 1, untyped);
    const endpoint = story.make('Endpoint', 0, 1, part);
    const badged = story.minted(endpoint, 5);
    const copy = story.copied(badged);
    const node = story.make('CNode', 4, 1, untyped);
    answers(check, story.revoke(untyped), 'NoError', []);
    const held = [untyped, part, endpoint, badged, copy, node].map((slot) => story.holds(slot));
    check.equal(held, [true, false, false, false, false, false], 'what is left');
    answers(check, story.retype(untyped, 'Untyped', 14, part), 'NoError', [], 'all memory is there again');
  }),
  reuse('Revoke of an untyped leaves what lies beside it alone', (story, check) => {
    const pair = story.make('Untyped', 12, 2);
    const one = story.make('Endpoint', 0, 1, pair);
    const other = story.make('Endpoint', 0, 1, pair + 1);
    answers(check, story.revoke(pair), 'NoError', []);
    check.equal([story.holds(one), story.holds(other)], [false, true], 'endpoints');
  }),
  reuse('memory that is used again comes as a new object: nobody waits at it', (story, check) => {
    const untyped = story.make('Untyped', 12);
    const notification = story.make('Notification', 0, 1, untyped);
    const badged = story.minted(notification, 4);
    story.signal(badged);
    story.poll(notification);
    check.equal(story.message.badge, 4, 'the word of the old notification');
    story.signal(badged);
    answers(check, story.revoke(untyped), 'NoError', []);
    answers(check, story.retype(untyped, 'Notification', 0, notification), 'NoError', []);
    story.poll(notification);
    check.equal(story.message.badge, 0, 'the word of the new notification');
  }),
];

const FIXED: readonly ObjectName[] = ['TCB', 'Endpoint', 'Notification', 'Reply', 'Frame4K', 'PageTable'];

export const objectSizes: readonly Clause[] = [
  ...FIXED.map((name) =>
    sizes(`${name}: as many fit an untyped as its size says, and not one more`, (story, check) => {
      const { bits } = story.object(name);
      const untyped = story.make('Untyped', bits + 2);
      answers(check, story.retype(untyped, name, 0, story.empty(4), 4), 'NoError', [], 'four');
      answers(check, story.retype(untyped, name, 0, story.empty()), 'NotEnoughMemory', [0], 'a fifth');
    }),
  ),
  sizes('CNode: its slots, each of the same size', (story, check) => {
    const { bits } = story.object('CNode');
    const untyped = story.make('Untyped', bits + 5);
    answers(check, story.retype(untyped, 'CNode', 4, story.empty(2), 2), 'NoError', [], 'two of 16 slots');
    answers(check, story.retype(untyped, 'CNode', 1, story.empty()), 'NotEnoughMemory', [0], 'one more');
  }),
  sizes('Untyped and SchedContext: the size that was asked for', (story, check) => {
    const untyped = story.make('Untyped', 10);
    answers(check, story.retype(untyped, 'SchedContext', 9, story.empty()), 'NoError', [], 'a context');
    answers(check, story.retype(untyped, 'Untyped', 9, story.empty()), 'NoError', [], 'an untyped');
    answers(check, story.retype(untyped, 'Untyped', 4, story.empty()), 'NotEnoughMemory', [0], 'one more');
  }),
];
