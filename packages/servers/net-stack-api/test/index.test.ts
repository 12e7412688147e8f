import { refusalName } from '@bulkhead/abi';
import { describe, expect, it } from 'vitest';
import * as api from '../src/index.ts';

describe('sockets', () => {
  it.each([
    [api.NO_SUCH_SOCKET, 'no-such-socket'],
    [api.WRONG_STATE, 'wrong-state'],
    [api.BAD_BUFFER, 'bad-buffer'],
    [api.PORT_IN_USE, 'port-in-use'],
    [api.NO_SOCKETS_LEFT, 'no-sockets-left'],
    [api.CONNECTION_RESET, 'connection-reset'],
    [api.CONNECTION_REFUSED, 'connection-refused'],
    [api.WOULD_BLOCK, 'would-block'],
    [api.TOO_LONG, 'too-long'],
  ])('names its refusals as its constants do: %i is %s', (refusal, name) => {
    expect(refusalName(api.sockets, refusal)).toBe(name);
  });
  it('takes data by reference into the shared region, never by value', () => {
    const withData = Object.entries(api.sockets.calls).filter(([, { args }]) => args.includes('buffer'));
    expect(withData.map(([name]) => name)).toEqual(['receive', 'send', 'sendTo', 'receiveFrom']);
  });
  it('tells one bit for each thing that can become possible', () => {
    expect([api.READABLE, api.WRITABLE, api.ACCEPTABLE, api.ENDED]).toEqual([1, 2, 4, 8]);
  });
  it('answers an accepted or received peer with address and port', () => {
    expect(api.sockets.calls.accept.answers).toEqual(['word', 'word']);
    expect(api.sockets.calls.receiveFrom.answers).toEqual(['word', 'word']);
  });
});
