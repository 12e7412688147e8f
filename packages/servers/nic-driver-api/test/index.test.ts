import { describe, expect, it } from 'vitest';
import { BUFFER_SIZE_BYTES, CREDITS, netDevice } from '../src/index.ts';

describe('net-device', () => {
  it('is casts only, so that it may cross a ring or go from kernel to user', () => {
    expect(Object.keys(netDevice.calls)).toEqual([]);
    expect([...Object.values(netDevice.casts), ...Object.values(netDevice.events)].map(({ kind }) => kind)).toEqual(
      Array(7).fill('cast'),
    );
  });
  it('transfers no right', () => {
    const kinds = [...Object.values(netDevice.casts), ...Object.values(netDevice.events)].flatMap(({ args }) => args);
    expect(kinds).not.toContain('right');
  });
  it('has room for every credit in each direction at once, and for what a fresh driver says first', () => {
    expect(netDevice.capacity).toBeGreaterThanOrEqual(2 * CREDITS + 2);
  });
  it('has buffers that hold a frame of 1518 bytes, and divide the pages of a pool', () => {
    expect(BUFFER_SIZE_BYTES).toBeGreaterThanOrEqual(1518);
    expect(4096 % BUFFER_SIZE_BYTES).toBe(0);
  });
});
