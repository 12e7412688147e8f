import { describe, expect, it } from 'vitest';
import { nullCallOf, withApplication } from '../src/index.ts';
import { driverAlone, library, manyWalls, noWall, oneWall, rings } from './shapes.ts';

describe('the null call that a description implies', () => {
  it.each([
    [noWall, 'direct'],
    [oneWall, 'system-call'],
    [driverAlone, 'system-call'],
    [manyWalls, 'ipc'],
    [rings, 'ipc'],
    [library, 'direct'],
  ] as const)('is that from the application to its network stack: %#', (description, placement) => {
    expect(nullCallOf(description)).toEqual({ ok: true, value: placement });
    const other = withApplication(description, 'echo-server');
    expect(other.ok && nullCallOf(other.value)).toEqual({ ok: true, value: placement });
  });
  it('is none where nobody uses a network stack', () => {
    const connections = oneWall.connections.filter((text) => !text.startsWith('web-server'));
    expect(nullCallOf({ ...oneWall, connections })).toEqual({
      ok: false,
      error: "'one wall' connects nobody with a network stack: add 'web-server.net -> net-stack.sockets'",
    });
  });
});
