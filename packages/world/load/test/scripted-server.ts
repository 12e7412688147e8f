/** A server in a few lines at the other end of a link, that does what a test tells it to. */
import type { System } from '@bulkhead/assembler';
import { Clock } from '@bulkhead/clock';
import { createFarEnd, type FarEnd } from '@bulkhead/far-end';
import { createLink } from '@bulkhead/link';
import type { NetStackConfig } from '@bulkhead/net-stack';
import { ACCEPTABLE } from '@bulkhead/net-stack-api';

export const PORT = 4242;
const ADDRESS = '10.0.0.1';
const CHUNK = 2048;

export interface Server {
  readonly clock: Clock;
  readonly system: Pick<System, 'clock' | 'wire'>;
  readonly address: number;
  readonly config: NetStackConfig;
  readonly end: FarEnd;
  /** Connections that their clients closed. */
  closed: number;
  /** Sends a text on a connection. */
  say(socket: number, text: string): void;
  /** Runs for so many simulated milliseconds, or until it is done. */
  run(milliseconds: number, isDone?: () => boolean): void;
}

interface Script {
  readonly clients?: Partial<NetStackConfig>;
  /** TCP: a request came on a connection. */
  readonly request?: (server: Server, socket: number, text: string) => void;
  /** UDP: a datagram came. `echo` sends bytes to whoever sent it. */
  readonly datagram?: (bytes: Uint8Array, echo: (bytes: Uint8Array) => void) => void;
}

export function serverOf({ clients = {}, request, datagram }: Script): Server {
  const clock = new Clock(1e9);
  const link = createLink({ clock, bitsPerSecond: 1e9, delayNs: 5000, queueFrames: 256 });
  const config = { prefixBits: 24, gateway: 0, seed: 1, timeWaitMs: 10 };
  const chunk = new Uint8Array(CHUNK);
  const receive = (socket: number): void => {
    for (;;) {
      const count = end.sockets.receive(socket, 0, CHUNK);
      if (count === 0) {
        end.sockets.close(socket);
        server.closed++;
      }
      if (count <= 0) return;
      end.sockets.read(0, chunk, 0, count);
      request!(server, socket, Buffer.from(chunk.subarray(0, count)).toString('latin1'));
    }
  };
  const receiveDatagrams = (socket: number): void => {
    for (;;) {
      const count = end.sockets.receiveFrom(socket, 0, CHUNK);
      if (count < 0) return;
      const [, address, port] = end.sockets.answer;
      end.sockets.read(0, chunk, 0, count);
      datagram!(chunk.slice(0, count), (bytes) => {
        end.sockets.write(0, bytes, 0, bytes.length);
        end.sockets.sendTo(socket, 0, bytes.length, address!, port!);
      });
    }
  };
  const end = createFarEnd({
    clock,
    wire: link.a,
    config: { ...config, address: ADDRESS },
    onReady: (socket, what) => {
      if (datagram !== undefined) receiveDatagrams(socket);
      else if ((what & ACCEPTABLE) !== 0) while (end.sockets.accept(socket) >= 0);
      else receive(socket);
    },
  });
  const server: Server = {
    clock,
    system: { clock, wire: link.b },
    address: 0x0a00_0001,
    config: { ...config, address: '10.0.0.2', seed: 2, ...clients },
    end,
    closed: 0,
    say: (socket, text) => {
      const bytes = Buffer.from(text, 'latin1');
      end.sockets.write(0, bytes, 0, bytes.length);
      end.sockets.send(socket, 0, bytes.length);
    },
    run: (milliseconds, isDone = () => false) => {
      for (const until = clock.now + milliseconds * 1e6; clock.now < until && !isDone(); clock.runDue())
        clock.advance(Math.max(0, Math.min(clock.due, until) - clock.now));
    },
  };
  if (datagram === undefined) end.sockets.listen(PORT, 16);
  else end.sockets.bind(PORT);
  return server;
}
