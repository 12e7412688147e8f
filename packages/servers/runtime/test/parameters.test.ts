/** What a component says of values that it cannot work with. */
import { describe, expect, it } from 'vitest';
import { identityNumber, mustAccept, oneOf, portNumber, wholeNumber } from '../src/index.ts';

describe('a parameter', () => {
  it.each([1, 2, 10])('of whole numbers from 1 to 10 may be %d', (value) =>
    expect(wholeNumber(1, 10)(value)).toBeNull(),
  );
  it.each([0, 11, 1.5, Number.NaN, Infinity, -1])('of whole numbers from 1 to 10 may not be %d', (value) =>
    expect(wholeNumber(1, 10)(value)).toBe('give a whole number from 1 to 10'),
  );
  it('of a few words is one of them', () => {
    const mode = oneOf<string>('bare', 'off');
    expect([mode('off'), mode('on')]).toEqual([null, 'give bare or off']);
  });
  it('that is an identity has 16 bits', () =>
    expect([0, 0xffff, -1, 0x1_0000, 1.5].map((value) => identityNumber(value) === null)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]));
  it('that is a port has 16 bits and is not 0', () =>
    expect([0, 1, 65_535, 65_536].map((port) => portNumber(port) === null)).toEqual([false, true, true, false]));
});

it('a component that is made alone throws for the first that will not do', () => {
  const accepts = { port: portNumber, mode: oneOf<string>('a') };
  expect(() => mustAccept('server', accepts, { port: 80, mode: 'a', other: 1 })).not.toThrow();
  expect(() => mustAccept('server', accepts, { port: 0, mode: 'b', other: 1 })).toThrow(
    new RangeError('server: port is 0: give a whole number from 1 to 65535'),
  );
});
