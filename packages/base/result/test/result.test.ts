import { describe, expect, expectTypeOf, it } from 'vitest';
import { err, InvariantError, invariant, ok, type Result, unreachable } from '../src/index.ts';

describe('a result', () => {
  const halve = (value: number): Result<number, 'odd'> => (value % 2 === 0 ? ok(value / 2) : err('odd'));

  it('is a value, or the reason of a refusal', () => {
    expect(halve(4)).toEqual({ ok: true, value: 2 });
    expect(halve(3)).toEqual({ ok: false, error: 'odd' });
  });
  it('shows its value only after it was asked whether there is one', () => {
    const result = halve(4);
    expectTypeOf(result).not.toHaveProperty('value');
    if (result.ok) expectTypeOf(result.value).toEqualTypeOf<number>();
    else expectTypeOf(result.error).toEqualTypeOf<'odd'>();
  });
});

describe('invariant', () => {
  it('is silent while it holds', () => {
    expect(() => invariant(true, 'never seen')).not.toThrow();
  });
  it('throws an InvariantError that says what did not hold', () => {
    expect(() => invariant(false, 'the ring is full')).toThrow(InvariantError);
    expect(() => invariant(false, 'the ring is full')).toThrow('the ring is full');
  });
  it('narrows the type of what it holds', () => {
    const value: number | undefined = [1].at(0);
    invariant(value !== undefined, 'there is one');
    expectTypeOf(value).toEqualTypeOf<number>();
  });
});

describe('unreachable', () => {
  it('names the value that came where none should', () => {
    expect(() => unreachable('surprise' as never)).toThrow(new InvariantError('unreachable: surprise'));
  });
  it('takes no value that a switch has left', () => {
    // @ts-expect-error 'b' is left.
    const half = (value: 'a' | 'b'): number => (value === 'a' ? 1 : unreachable(value));
    expect(half('a')).toBe(1);
  });
});

it('an InvariantError can be told from any other by its name', () => {
  expect(new InvariantError('x').name).toBe('InvariantError');
  expect(new InvariantError('x')).toBeInstanceOf(Error);
});
