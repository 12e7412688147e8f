import { describe, expect, it } from 'vitest';
import { supervision } from '../src/index.ts';

describe('supervision', () => {
  it('is a ping down and a pong up, without arguments: nobody waits for anybody', () => {
    expect(supervision.calls).toEqual({});
    expect(supervision.events.ping).toEqual({ kind: 'cast', args: [] });
    expect(supervision.casts.pong).toEqual({ kind: 'cast', args: [] });
  });
});
