import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type BufferRef,
  type CallSpec,
  type CastSpec,
  type ClientHandlers,
  type ClientPort,
  type Contract,
  call,
  cast,
  contract,
  type Right,
  right,
  type ServerHandlers,
  type ServerPort,
} from '../src/index.ts';

type Calls = { read: CallSpec<(index: number, from: Right) => number> };
type Casts = { submit: CastSpec<(buffer: BufferRef, lenBytes: number) => void> };
type Events = { done: CastSpec<(buffer: BufferRef) => void> };
const sample: Contract<{ calls: Calls; casts: Casts; events: Events }> = contract('sample', {
  calls: { read: call(['word', 'right'], ['right', 'word']) },
  casts: { submit: cast(['buffer', 'word']) },
  events: { done: cast(['buffer']) },
  capacity: 8,
  refusals: ['no-such-index'],
});

describe('contract', () => {
  it('is data: kinds of arguments and answers, by method', () => {
    expect(sample.calls.read).toEqual({ kind: 'call', args: ['word', 'right'], answers: ['right', 'word'] });
    expect(sample.casts.submit).toEqual({ kind: 'cast', args: ['buffer', 'word'] });
    expect(sample.events.done).toEqual({ kind: 'cast', args: ['buffer'] });
  });
  it('says nothing where a part is left out: no methods, no refusals, a capacity of 64', () => {
    expect(contract('empty', {})).toEqual({
      name: 'empty',
      calls: {},
      casts: {},
      events: {},
      capacity: 64,
      refusals: [],
    });
  });
  it('refuses a call and a cast of one name: both are methods of the client’s port', () => {
    expect(() => contract('twice', { calls: { go: call([]) }, casts: { go: cast([]) } })).toThrow('one name');
  });
  it('allows an event of that name: it is a method of the other end', () => {
    expect(contract('both', { calls: { go: call([]) }, events: { go: cast([]) } }).name).toBe('both');
  });
  it.each([0, -8, 3, 65])('refuses a capacity of %i: rings count by powers of two', (capacity) => {
    expect(() => contract('odd', { capacity })).toThrow(`capacity ${capacity}`);
  });
});

describe('the types of both ends', () => {
  it('a client sends calls and casts, and every one gives a number', () => {
    expectTypeOf<ClientPort<typeof sample>['read']>().toEqualTypeOf<(index: number, from: Right) => number>();
    expectTypeOf<ClientPort<typeof sample>['submit']>().toEqualTypeOf<
      (buffer: BufferRef, lenBytes: number) => number
    >();
    expectTypeOf<ClientHandlers<typeof sample>['done']>().toEqualTypeOf<(buffer: BufferRef) => void>();
  });
  it('a server is told who calls, and says to whom an event goes', () => {
    expectTypeOf<ServerHandlers<typeof sample>['read']>().toEqualTypeOf<
      (from: number, index: number, right: Right) => number
    >();
    expectTypeOf<ServerPort<typeof sample>['done']>().toEqualTypeOf<(to: number, buffer: BufferRef) => number>();
  });
  it('a right and a buffer are no words', () => {
    expectTypeOf(right(3)).not.toEqualTypeOf<number>();
    // @ts-expect-error the first argument is a right
    call<(from: Right) => number>(['word']);
    // @ts-expect-error the second argument is missing
    cast<(buffer: BufferRef, lenBytes: number) => void>(['buffer']);
  });
});
