/** The order of errors of operations on slots. */
import { answers, climb, type Draft, type Rung, sectionOf } from '../clause.ts';
import type { LabelName } from '../interface.ts';
import type { Clause } from '../run.ts';
import type { Story } from '../story.ts';
import { nowhere } from './system-calls.ts';

const methods = sectionOf('3.1.2 CNode Methods');

type OnTwo = 'CNode_Copy' | 'CNode_Mint' | 'CNode_Move' | 'CNode_Mutate';
/** Words beyond the two paths. */
const EXTRA: Readonly<Record<OnTwo, number>> = { CNode_Copy: 1, CNode_Mint: 2, CNode_Move: 0, CNode_Mutate: 1 };

/** What each refuses last, of a source that is there. */
const lastRung = (story: Story, label: OnTwo): Rung[] => {
  const badged = story.minted(story.make('Endpoint'), 7);
  const untyped = story.make('Untyped', 6);
  story.make('Endpoint', 0, 1, untyped);
  switch (label) {
    case 'CNode_Copy':
      return [{ mend: (d) => (d.words[2] = untyped), error: 'RevokeFirst', what: 'an untyped with children' }];
    case 'CNode_Mint':
      return [
        { mend: (d) => (d.words[2] = untyped), error: 'RevokeFirst', what: 'an untyped with children' },
        {
          mend: (d) => {
            d.words[2] = badged;
            d.words[5] = 8;
          },
          error: 'IllegalOperation',
          what: 'a badge on a badge',
        },
      ];
    case 'CNode_Move':
      return [];
    default:
      return [{ mend: (d) => (d.words[2] = badged), error: 'IllegalOperation', what: 'an endpoint mutated' }];
  }
};

const orderOf = (label: OnTwo): Clause =>
  methods(
    `${label} refuses in order: label, length, destination, DeleteFirst, source, empty source, the rest`,
    (story, check) => {
      const { numbers, boot, depth } = story;
      const [endpoint, empty, alsoEmpty] = [story.make('Endpoint'), story.empty(), story.empty()];
      const node = story.make('CNode', 2);
      const draft: Draft = {
        pointer: boot.cnode,
        label: numbers.labels.Untyped_Retype!,
        words: [nowhere(story), depth + 1, nowhere(story)],
        capabilities: [],
      };
      const words = EXTRA[label];
      climb(story, check, draft, [
        { error: 'IllegalOperation', what: 'a label of another type' },
        { mend: (d) => (d.label = numbers.labels[label]!), error: 'TruncatedMessage', what: 'too few words' },
        {
          mend: (d) => d.words.push(depth + 1, ...[story.all, 0].slice(0, words)),
          error: 'TruncatedMessage',
          what: 'no source root',
        },
        { mend: (d) => d.capabilities.push(endpoint), error: 'RangeError', words: [1, depth], what: 'depth' },
        { mend: (d) => (d.words[1] = 0), error: 'RangeError', words: [1, depth], what: 'depth 0' },
        { mend: (d) => (d.words[1] = depth), error: 'FailedLookup', words: [0, 4], what: 'the destination' },
        { mend: (d) => (d.words[0] = endpoint), error: 'DeleteFirst', what: 'the destination is taken' },
        { mend: (d) => (d.words[0] = empty), error: 'FailedLookup', words: [1, 1], what: 'the source’s root' },
        {
          mend: (d) => (d.capabilities[0] = boot.cnode),
          error: 'RangeError',
          words: [1, depth],
          what: 'the source’s depth',
        },
        { mend: (d) => (d.words[3] = depth), error: 'FailedLookup', words: [1, 4], what: 'the source' },
        {
          mend: (d) => (d.words[2] = alsoEmpty),
          error: 'FailedLookup',
          words: [1, 2, depth],
          what: 'the source is empty',
        },
        ...lastRung(story, label),
        {
          mend: (d) => {
            d.words[2] = node;
            if (label === 'CNode_Mint') d.words[5] = 0;
          },
          error: 'NoError',
          what: 'and then it is done',
        },
      ]);
    },
  );

const ON_ONE: readonly LabelName[] = ['CNode_Revoke', 'CNode_Delete', 'CNode_CancelBadgedSends'];

export const cnodeMethods: readonly Clause[] = [
  orderOf('CNode_Copy'),
  orderOf('CNode_Mint'),
  orderOf('CNode_Move'),
  orderOf('CNode_Mutate'),
  ...ON_ONE.map((label) =>
    methods(`${label} refuses in order: label, length, depth, path`, (story, check) => {
      const { numbers, boot, depth } = story;
      const draft: Draft = {
        pointer: boot.cnode,
        label: numbers.labels.Untyped_Retype!,
        words: [nowhere(story)],
        capabilities: [],
      };
      climb(story, check, draft, [
        { error: 'IllegalOperation', what: 'a label of another type' },
        { mend: (d) => (d.label = numbers.labels[label]!), error: 'TruncatedMessage', what: 'no depth' },
        { mend: (d) => d.words.push(depth + 1), error: 'RangeError', words: [1, depth], what: 'the depth' },
        { mend: (d) => (d.words[1] = depth), error: 'FailedLookup', words: [0, 4], what: 'the path' },
        {
          mend: (d) => (d.words[0] = story.make('Endpoint')),
          error: 'NoError',
          what: 'and then it is done',
        },
      ]);
    }),
  ),
  methods(
    'CNode_Rotate refuses in order: paths of destination, source, pivot; pivot; DeleteFirst; empty slots',
    (story, check) => {
      const { numbers, boot, depth } = story;
      const [endpoint, occupied] = [story.make('Endpoint'), story.make('Endpoint')];
      const [to, from, between] = [story.empty(), story.empty(), story.empty()];
      const nodes = story.make('CNode', 2, 2);
      const bad = depth + 1;
      const draft: Draft = {
        pointer: boot.cnode,
        label: numbers.labels.CNode_Rotate!,
        words: [occupied, bad, 0, occupied, bad, 0, from],
        capabilities: [endpoint],
      };
      climb(story, check, draft, [
        { error: 'TruncatedMessage', what: 'seven words' },
        { mend: (d) => d.words.push(bad), error: 'TruncatedMessage', what: 'one root' },
        { mend: (d) => d.capabilities.push(endpoint), error: 'RangeError', words: [1, depth], what: 'destination' },
        { mend: (d) => (d.words[1] = depth), error: 'FailedLookup', words: [1, 1], what: 'source’s root' },
        {
          mend: (d) => (d.capabilities[1] = boot.cnode),
          error: 'RangeError',
          words: [1, depth],
          what: 'source’s depth',
        },
        { mend: (d) => (d.words[7] = depth), error: 'FailedLookup', words: [0, 1], what: 'pivot’s root' },
        {
          mend: (d) => (d.capabilities[0] = boot.cnode),
          error: 'RangeError',
          words: [1, depth],
          what: 'pivot’s depth',
        },
        { mend: (d) => (d.words[4] = depth), error: 'IllegalOperation', what: 'the pivot is the destination' },
        { mend: (d) => (d.words[3] = from), error: 'IllegalOperation', what: 'the pivot is the source' },
        { mend: (d) => (d.words[3] = between), error: 'DeleteFirst', what: 'the destination is taken' },
        { mend: (d) => (d.words[0] = to), error: 'FailedLookup', words: [1, 2], what: 'the source is empty' },
        { mend: (d) => (d.words[6] = endpoint), error: 'FailedLookup', words: [0, 2], what: 'the pivot is empty' },
        { mend: (d) => (d.words[3] = nodes), error: 'IllegalOperation', what: 'an endpoint is given data' },
        { mend: (d) => (d.words[6] = nodes + 1), error: 'NoError', what: 'and then it is done' },
      ]);
      check.equal(
        [to, nodes, nodes + 1].map((slot) => story.holds(slot)),
        [true, true, false],
        'slots',
      );
    },
  ),
  methods('CNode_Rotate with source and destination the same exchanges two capabilities', (story, check) => {
    const nodes = [story.make('CNode', 2), story.make('CNode', 3)] as const;
    answers(check, story.rotate(nodes[0], nodes[1], nodes[0]), 'NoError');
    answers(check, story.retypeInto(story.memory, 'Endpoint', 0, nodes[0], 7, 1), 'NoError', [], 'eight slots');
    answers(check, story.retypeInto(story.memory, 'Endpoint', 0, nodes[1], 7, 1), 'RangeError', [0, 3], 'four slots');
  }),
  methods('CNode_Delete and CNode_Revoke of an empty slot do nothing, without an error', (story, check) => {
    const slot = story.make('Notification');
    check.equal(story.holds(slot), true, 'there was something');
    for (const what of ['when there was something', 'when there is nothing']) {
      answers(check, story.delete(slot), 'NoError', [], `Delete, ${what}`);
      check.equal(story.holds(slot), false, `the slot after Delete, ${what}`);
    }
    answers(check, story.revoke(slot), 'NoError', [], 'Revoke');
    check.equal(story.holds(slot), false, 'the slot after Revoke');
  }),
  methods('CNode_Move leaves the source empty; a capability is not moved to where it is', (story, check) => {
    const endpoint = story.make('Endpoint');
    const to = story.empty();
    answers(check, story.move(endpoint, endpoint), 'DeleteFirst');
    answers(check, story.move(to, endpoint), 'NoError');
    check.equal([story.holds(to), story.holds(endpoint)], [true, false], 'slots');
  }),
  methods('CNode_Move keeps rights and badge', (story, check) => {
    const notification = story.make('Notification');
    const badged = story.minted(notification, 6, story.numbers.rights.write);
    const to = story.empty();
    answers(check, story.move(to, badged), 'NoError');
    story.signal(to);
    check.equal(story.polled(notification), [6, 0], 'the badge');
  }),
  methods('CNode_Copy keeps the badge', (story, check) => {
    const notification = story.make('Notification');
    story.signal(story.copied(story.minted(notification, 9)));
    check.equal(story.polled(notification), [9, 0], 'the badge');
  }),
  methods(
    'CNode_CancelBadgedSends needs an endpoint with all rights: anything else is IllegalOperation',
    (story, check) => {
      const { rights } = story.numbers;
      const endpoint = story.make('Endpoint');
      answers(check, story.cancelBadgedSends(endpoint), 'NoError');
      for (const right of [rights.read, rights.write, rights.grant, rights.grantReply]) {
        const less = story.copied(endpoint, story.all - right);
        answers(check, story.cancelBadgedSends(less), 'IllegalOperation', [], `without right ${right}`);
      }
      answers(check, story.cancelBadgedSends(story.make('Notification')), 'IllegalOperation', [], 'a notification');
      answers(check, story.cancelBadgedSends(story.empty()), 'IllegalOperation', [], 'an empty slot');
    },
  ),
  methods('CNode_CancelBadgedSends ends the waits of senders of its badge, and of nobody else', (story, check) => {
    const endpoint = story.make('Endpoint');
    const [five, six] = [story.minted(endpoint, 5), story.minted(endpoint, 6)];
    const [ofFive, ofSix] = [story.copied(five), story.copied(six)];
    const first = story.thread({ priority: 110 });
    story.send(ofFive, { words: [1] });
    story.thread({ priority: 109 });
    story.send(ofSix, { words: [2] });
    answers(check, story.delete(ofFive), 'NoError');
    answers(check, story.delete(ofSix), 'NoError');
    answers(check, story.cancelBadgedSends(five), 'NoError');
    check.equal(story.current, first.id, 'the sender sends again: its slot is empty, the message is dropped');
    story.wait(story.make('Notification'));
    story.stepUp();
    story.nbRecv(endpoint, story.make('Reply'));
    check.equal([story.message.badge, story.message.words[0]], [6, 2], 'the other still waits');
  }),
  methods('CNode_CancelBadgedSends without a badge does nothing', (story, check) => {
    const endpoint = story.make('Endpoint');
    story.thread();
    story.send(endpoint, { words: [3] });
    answers(check, story.cancelBadgedSends(endpoint), 'NoError');
    story.stepUp();
    story.nbRecv(endpoint, story.make('Reply'));
    check.equal(story.message.words, [3], 'the sender still waited');
  }),
];
