import { beforeEach, describe, expect, it } from 'vitest';
import { InterruptTable, NOT_BOUND } from '../src/index.ts';
import { File } from './file.ts';

const IDENTITIES = 8;
const BASE = 12;
let file: File;
let words: Int32Array;
let table: InterruptTable;

beforeEach(() => {
  file = new File();
  words = new Int32Array(BASE + (IDENTITIES + 1) * 4 + 8);
  table = new InterruptTable(words, BASE, IDENTITIES, file);
});

describe('an interrupt handler', () => {
  it('is issued once: whoever asks can see that it is taken', () => {
    expect(table.isIssued(3)).toBe(false);
    table.issue(3);
    expect([table.isIssued(3), table.isIssued(2), table.isIssued(4)]).toEqual([true, false, false]);
  });
  it('that is issued but not bound stays masked, and names nobody', () => {
    table.issue(3);
    file.send(3);
    expect([table.claim(), table.componentOf(3), table.acknowledge(3)]).toEqual([0, NOT_BOUND, false]);
  });
  it('that is bound names the component and the token by which it knows the interrupt', () => {
    table.bind(3, 7, 11);
    file.send(3);
    expect([table.claim(), table.componentOf(3), table.tokenOf(3)]).toEqual([3, 7, 11]);
  });
  it('is bound anew in place of the old binding', () => {
    table.bind(3, 7, 11);
    table.bind(3, 8, 12);
    expect([table.componentOf(3), table.tokenOf(3)]).toEqual([8, 12]);
  });
  it('does not come again before it is acknowledged, and is not lost', () => {
    table.bind(3, 7, 11);
    file.send(3);
    expect(table.claim()).toBe(3);
    file.send(3);
    expect(table.claim()).toBe(0);
    expect(table.acknowledge(3)).toBe(true);
    expect(table.claim()).toBe(3);
  });
  it('that waits for its acknowledgement holds up no other', () => {
    for (const identity of [2, 5]) table.bind(identity, 7, identity);
    for (const identity of [5, 2]) file.send(identity);
    expect([table.claim(), table.claim(), table.claim()]).toEqual([2, 5, 0]);
  });
  it('is forgotten and masked when its last right goes', () => {
    table.bind(3, 7, 11);
    table.clear(3);
    file.send(3);
    expect([table.claim(), table.isIssued(3), table.componentOf(3)]).toEqual([0, false, NOT_BOUND]);
    expect(table.acknowledge(3)).toBe(false);
    expect(words.every((word) => word === 0)).toBe(true);
  });
});

describe('the records in lent memory', () => {
  it('stand between the base and the last identity, and nowhere else', () => {
    for (let identity = 1; identity <= IDENTITIES; identity++) table.bind(identity, -1, -1);
    expect([...words.subarray(0, BASE + 4), ...words.subarray(BASE + (IDENTITIES + 1) * 4)]).toEqual(
      new Array(BASE + 4 + 8).fill(0),
    );
  });
  it('are believed by nobody: one that was overwritten names whatever it holds, and an unknown state nobody', () => {
    table.bind(3, 7, 11);
    words[BASE + 3 * 4 + 1] = 123_456;
    expect(table.componentOf(3)).toBe(123_456);
    words[BASE + 3 * 4] = 99;
    expect([table.componentOf(3), table.acknowledge(3), table.isIssued(3)]).toEqual([NOT_BOUND, false, true]);
  });
});
