import type { BufferRef } from '@bulkhead/abi';
import { Peer, TcpHost, type TcpHostOptions } from '@bulkhead/fake-sockets';
import { sockets } from '@bulkhead/net-stack-api';
import { component } from '@bulkhead/runtime';
import { describe, expect, it } from 'vitest';
import { ConnectionTable, Turns } from '../src/index.ts';

const SIZE = 4;
const PIECES_A_TURN = 2;
const AT = 16;
const BUFFER = 0 as BufferRef;

/** Echoes pieces, and notes whose; ends with its client. */
const made = (read: number[]) =>
  component({
    name: 'echo',
    level: 10,
    uses: { net: sockets },
    provides: {},
    footprint: { codePages: 1, dataPages: 1 },
    heapPages: 1,
    work: ['other', 'accept'],
    config: { port: 9 },
    create: ({ heap, work, config }, { net }) => {
      const table = new ConnectionTable({ heap, at: AT, recordBytes: 16, size: SIZE });
      const turn = (connection: number): boolean => {
        const socket = table.socketOf(connection);
        for (let pieces = 0; pieces < PIECES_A_TURN; pieces++) {
          const lenBytes = net.receive(socket, BUFFER, 4096);
          if (lenBytes === 0) net.close(socket);
          if (lenBytes === 0) table.free(connection);
          if (lenBytes <= 0) return false;
          read.push(socket);
          net.send(socket, BUFFER, lenBytes);
        }
        return true;
      };
      const turns = new Turns({ net, table, work, turn });
      return { handlers: { net: turns.handlers }, start: () => turns.start(config.port) };
    },
  });

class Host extends TcpHost<{ readonly port: number }, Peer> {
  readonly read: readonly number[];

  constructor(options: TcpHostOptions<{ readonly port: number }> = {}) {
    const read: number[] = [];
    super(made(read), (socket, window) => new Peer(socket, window), options);
    this.read = read;
  }
}
/** Somebody who has said so many things before he is accepted. */
function talkative(host: Host, pieces: number): Peer {
  const peer = host.arrive();
  for (let i = 0; i < pieces; i++) peer.incoming.push(Uint8Array.of(i));
  return peer;
}

describe('turns', () => {
  it('listen where they are told, and pay for each accept', () => {
    const host = new Host();
    for (let i = 0; i < 3; i++) host.connect();
    expect(host.listenedPort).toBe(9);
    expect(host.spent).toEqual({ other: 0, accept: 3 });
  });
  it('without a port serve nobody, and take no event as their own', () => {
    const host = new Host({ isPortTaken: true });
    host.reset(host.connect());
    expect([host.calls.accept, host.read]).toEqual([0, []]);
  });
  it('serve each to the end, one turn after another', () => {
    const host = new Host();
    const [a, b] = [talkative(host, 5), talkative(host, 3)];
    host.run();
    const [x, y] = [a.socket, b.socket];
    expect(host.read).toEqual([x, x, y, y, x, x, y, x]);
  });
  it('serve him who comes while another could go on for ever', () => {
    const host = new Host();
    const greedy = talkative(host, 1);
    let late: Peer | null = null;
    host.meanwhile = () => {
      if (host.read.length > 1000) throw new Error('the other one was never served');
      if (late === null && host.read.length > 10) late = talkative(host, 1);
      if (late === null || !host.read.includes(late.socket)) greedy.incoming.push(Uint8Array.of(1));
    };
    host.run();
    expect(host.read).toContain(late!.socket);
    expect(greedy.incoming).toEqual([]); // nor is the greedy one left waiting
  });
  it('look at the backlog again when a full table has room', () => {
    const host = new Host();
    const peers = Array.from({ length: SIZE }, () => host.connect());
    const late = talkative(host, 1);
    host.run();
    expect(host.read).toEqual([]);
    host.end(peers[2]!);
    expect(host.read).toEqual([late.socket]);
  });
  it('do not hear of a socket that they have no record of', () => {
    const host = new Host();
    const peer = host.connect();
    host.end(peer);
    host.reset(peer);
    expect(host.read).toEqual([]);
  });
});
