import { expect, it } from 'vitest';
import { Ended } from '../src/index.ts';

it('Ended names the component and is no Error: nobody’s code is at fault', () => {
  const ended = new Ended(4);
  expect(ended.component).toBe(4);
  expect(ended).not.toBeInstanceOf(Error);
});
