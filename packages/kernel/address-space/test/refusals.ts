/**
 * Mistakes in the order in which they are found. One invocation that would succeed is spoilt in one way, and then in
 * each pair of ways: the earlier mistake is the answer, with what it says besides, and nothing is changed.
 */
import { expect, it } from 'vitest';
import { type Machine, nameOf } from './machine.ts';

export interface Invocation {
  /** The index of the invoked capability in the root CNode. */
  index: number;
  label: number;
  words: number[];
  extras: number[];
}
export interface Mistake {
  readonly name: string;
  readonly error: string;
  /** What the error says besides. */
  readonly details?: object;
  readonly spoil: (invocation: Invocation, machine: Machine) => void;
}
export interface Refusals {
  readonly prepare: () => Machine;
  readonly good: () => Invocation;
  readonly mistakes: readonly Mistake[];
}

const run = (machine: Machine, { index, label, words, extras }: Invocation): string =>
  nameOf(machine.invoke(index, label, words, extras));

/** @param spoilt in the order of spoiling: the last is the one that is to be found first */
function expectRefusal({ prepare, good }: Refusals, spoilt: readonly Mistake[], winner: Mistake): void {
  const machine = prepare();
  const invocation = good();
  for (const { spoil } of spoilt) spoil(invocation, machine);
  const before = Buffer.from(machine.memory.bytes);
  const fences = machine.fences.length;
  expect(run(machine, invocation), spoilt.map(({ name }) => name).join(', then ')).toBe(winner.error);
  expect(machine.capabilities.details).toMatchObject(winner.details ?? {});
  expect(before.equals(machine.memory.bytes)).toBe(true);
  expect(machine.fences.length).toBe(fences);
}

export function itRefuses(refusals: Refusals): void {
  const { prepare, good, mistakes } = refusals;
  it('succeeds when nothing is wrong', () => {
    expect(run(prepare(), good())).toBe('NoError');
  });
  it.each(mistakes)('$name: $error', (mistake) => {
    expectRefusal(refusals, [mistake], mistake);
  });
  it('finds the earlier of two mistakes', () => {
    mistakes.forEach((winner, i) => {
      for (const loser of mistakes.slice(i + 1)) expectRefusal(refusals, [loser, winner], winner);
    });
  });
}

export const INVALID_ROOT: object = { wasSource: false, lookupFailure: 1 };
export const missing = (bitsLeft: number): object => ({ wasSource: false, lookupFailure: 2, bitsLeft });

/** What is wrong with any invocation. @param words how many there must be */
export function commonMistakes(otherType: number, words: number, extras: number): Mistake[] {
  const mistakes: Mistake[] = [
    { name: 'an empty slot', error: 'InvalidCapability', details: { capability: 0 }, spoil: (i) => (i.index = 250) },
    { name: 'a label of nobody', error: 'IllegalOperation', spoil: (i) => (i.label = 71) },
    { name: 'label 0', error: 'IllegalOperation', spoil: (i) => (i.label = 0) },
    { name: 'a negative label', error: 'IllegalOperation', spoil: (i) => (i.label = -1) },
    { name: 'another type of object', error: 'IllegalOperation', spoil: (i) => (i.index = otherType) },
  ];
  if (words > 0) mistakes.push({ name: 'a word too few', error: 'TruncatedMessage', spoil: (i) => i.words.pop() });
  if (extras > 0)
    mistakes.push({ name: 'a capability too few', error: 'TruncatedMessage', spoil: (i) => i.extras.pop() });
  return mistakes;
}
