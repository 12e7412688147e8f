/** What the initial thread has, and the tables of the API. */
import { answers, sectionOf } from '../clause.ts';
import { type CapabilityName, INVOCATIONS, LABELS, type LabelName } from '../interface.ts';
import type { Clause } from '../run.ts';
import { done } from '../stage.ts';
import type { Story } from '../story.ts';
import type { Feature } from '../subject.ts';

const environment = sectionOf('9.1 Initial Thread’s Environment');
const errors = sectionOf('10.1 Error Codes');
const methods = sectionOf('10.3 Object Methods');

export const initialThread: readonly Clause[] = [
  environment('the initial thread holds its TCB, CNode, VSpace, context and the control of time', (story, check) => {
    const { tcb, cnode, vspace, schedContext, schedControl } = story.boot;
    const held = [tcb, cnode, vspace, schedContext, schedControl].map((slot) => story.holds(slot));
    check.equal(held, [true, true, true, true, true], 'capabilities');
  }),
  environment('the slots that are said to be empty are, and those of untypeds are not', (story, check) => {
    const { start, end } = story.boot.empty;
    check.equal(
      [start, start + 1, end - 1].map((slot) => story.holds(slot)),
      [false, false, false],
      'empty',
    );
    check.that(
      story.boot.untypeds.every(({ pointer }) => story.holds(pointer)),
      'untypeds',
    );
    check.equal(story.holds(0), false, 'slot 0');
  }),
  environment('untypeds do not overlap, lie at multiples of their size, and all can be used', (story, check) => {
    const { untypeds } = story.boot;
    const sorted = [...untypeds].sort((a, b) => a.paddr - b.paddr);
    const overlaps = sorted.filter(
      ({ paddr, sizeBits }, i) => paddr + 2 ** sizeBits > (sorted[i + 1]?.paddr ?? 2 ** 52),
    );
    check.equal(overlaps.length, 0, 'overlaps');
    check.that(
      untypeds.every(({ paddr, sizeBits }) => paddr % 2 ** sizeBits === 0),
      'alignment',
    );
    const slot = story.empty();
    for (const { pointer, sizeBits } of untypeds) {
      answers(check, story.retype(pointer, 'Untyped', sizeBits - (pointer === story.memory ? 1 : 0), slot), 'NoError');
      check.equal(story.holds(slot), true, 'it was made');
      answers(check, story.delete(slot), 'NoError');
    }
  }),
  environment('the initial thread controls every priority', (story, check) => {
    const { tcb } = story.boot;
    const highest = story.numbers.priorities - 1;
    answers(check, story.invoke(tcb, 'TCB_SetPriority', [highest], [tcb]), 'NoError');
    answers(check, story.invoke(tcb, 'TCB_SetPriority', [highest + 1], [tcb]), 'RangeError', [0, highest]);
  }),
];

/** A capability to each kind of object, for the tables. */
function samples(story: Story): Map<CapabilityName, number> {
  const { boot, subject } = story;
  const found = new Map<CapabilityName, number>([
    ['Untyped', story.make('Untyped', 8)],
    ['TCB', story.make('TCB')],
    ['CNode', story.make('CNode', 2)],
    ['SchedContext', story.make('SchedContext', story.numbers.schedContextBits)],
    ['Frame', story.make('Frame4K')],
    ['PageTable', story.make('PageTable')],
    ['SchedControl', boot.schedControl],
  ]);
  const put = (name: CapabilityName, pointer: number | undefined) => pointer !== undefined && found.set(name, pointer);
  put('IRQControl', boot.irqControl);
  put('ASIDControl', boot.asidControl);
  put('ASIDPool', boot.asidPool);
  put('Domain', boot.domain);
  if (subject.features.has('interrupts')) put('IRQHandler', irqHandler(story));
  if (subject.features.has('ioSpaces')) {
    put('IOSpaceControl', boot.ioSpaceControl);
    put('IOPageTable', story.make('IOPageTable'));
    put('IOSpace', ioSpace(story));
  }
  return found;
}
function irqHandler(story: Story): number {
  const slot = story.empty();
  const words = [story.numbers.maxIrq, slot, story.depth];
  done(story.invoke(story.boot.irqControl!, 'IRQControl_Get', words, [story.boot.cnode]), 'IRQControl_Get');
  return slot;
}
function ioSpace(story: Story): number {
  const slot = story.empty();
  const words = [story.numbers.device, story.numbers.ioDomain, slot, story.depth];
  const { ioSpaceControl, cnode } = story.boot;
  done(story.invoke(ioSpaceControl!, 'IOSpaceControl_Issue', words, [cnode]), 'IOSpaceControl_Issue');
  return slot;
}

/** By how a label begins: what a kernel that leaves it out does not have. */
const NEEDS: readonly (readonly [begins: string, feature: Feature])[] = [
  ['IRQ', 'interrupts'],
  ['IRQControl_GetTrigger', 'triggers'],
  ['ASID', 'asidPools'],
  ['Domain', 'domains'],
  ['IO', 'ioSpaces'],
  ['Page_MapIO', 'ioSpaces'],
  ['Page_UnmapIO', 'ioSpaces'],
  ['TCB_ReadRegisters', 'registers'],
  ['TCB_WriteRegisters', 'registers'],
  ['TCB_CopyRegisters', 'registers'],
  ['TCB_SetTimeoutEndpoint', 'timeouts'],
  ['TCB_SetTLSBase', 'tlsBase'],
  ['TCB_SetFlags', 'flags'],
];
const needsOf = (label: LabelName): Feature[] =>
  NEEDS.filter(([begins]) => label.startsWith(begins)).map(([, feature]) => feature);

const ofLabel = (label: LabelName): Clause[] => {
  const { on, words, capabilities } = INVOCATIONS[label];
  const needs = needsOf(label);
  const clauses = [
    methods(
      `${label} on anything but ${on} is IllegalOperation, before the length is looked at`,
      (story, check) => {
        for (const [name, pointer] of samples(story))
          if (name !== on) answers(check, story.invoke(pointer, label), 'IllegalOperation', [], name);
      },
      ...needs,
    ),
    methods(
      `${label} of an empty slot is InvalidCapability 0`,
      (story, check) => answers(check, story.invoke(story.empty(), label), 'InvalidCapability', [0]),
      ...needs,
    ),
  ];
  if (words + capabilities === 0) return clauses;
  const shorter = methods(
    `${label} with fewer than ${words} words or ${capabilities} capabilities is TruncatedMessage`,
    (story, check) => {
      const pointer = samples(story).get(on)!;
      const enough = new Array<number>(capabilities).fill(story.boot.cnode);
      for (let length = 0; length < words; length++) {
        const less = new Array<number>(length).fill(1);
        answers(check, story.invoke(pointer, label, less, enough), 'TruncatedMessage', [], `${length} words`);
      }
      for (let count = 0; count < capabilities; count++) {
        const all = new Array<number>(words).fill(1);
        const less = enough.slice(0, count);
        answers(check, story.invoke(pointer, label, all, less), 'TruncatedMessage', [], `${count} capabilities`);
      }
    },
    ...needs,
  );
  return [...clauses, shorter];
};

export const errorCodes: readonly Clause[] = [
  errors('a label that no object knows is IllegalOperation on every one', (story, check) => {
    const used = Object.values(story.numbers.labels);
    const unknown = Math.max(...used) + 1;
    for (const [name, pointer] of samples(story))
      for (const label of [0, unknown, 4000])
        answers(check, story.invokeNumbered(pointer, label), 'IllegalOperation', [], `${name}, label ${label}`);
  }),
  errors('a word that does not fit is refused, not cut', (story, check) => {
    const endpoint = story.make('Endpoint');
    const [to, beyond] = [story.empty(), 2 ** 40];
    const { cnode } = story.boot;
    const depth = [to, beyond + story.depth, endpoint, story.depth, story.all];
    answers(check, story.invoke(cnode, 'CNode_Copy', depth, [cnode]), 'RangeError', [1, story.depth], 'a depth');
    const { type } = story.object('Endpoint');
    const count = [type, 0, 0, 0, to, beyond + 1];
    const refused = story.invoke(story.memory, 'Untyped_Retype', count, [cnode]);
    answers(check, refused, 'RangeError', [1, story.numbers.fanOutLimit], 'a count');
    const priority = story.invoke(story.boot.tcb, 'TCB_SetPriority', [beyond], [story.boot.tcb]);
    answers(check, priority, 'RangeError', undefined, 'a priority');
  }),
];

export const objectMethods: readonly Clause[] = LABELS.flatMap(ofLabel);
