/** Runs a handful of lives of a connection, and prints which arrows of Figure 5 they took. */
import { describe, expect, it } from 'vitest';
import { EVENTS, STATES } from '../../src/index.ts';
import { NEXT, nextState } from '../../src/tcp/state.ts';
import { PEER, Trace } from '../trace.ts';

const LIVES: readonly ((t: Trace) => void)[] = [
  (t) => {
    // active open, passive close
    const socket = t.lone.sockets.connect(PEER, 50_000);
    t.sent();
    t.send({ control: 'SA', seq: 0, ack: 1 });
    t.send({ control: 'FA', seq: 1, ack: 1 });
    t.lone.sockets.close(socket);
    t.sent();
    t.send({ control: 'A', seq: 2, ack: 2 });
  },
  (t) => {
    // passive open, active close, 2MSL
    const [, socket] = t.establish();
    t.lone.sockets.close(socket);
    t.sent();
    t.send({ control: 'A', seq: 1, ack: 2 });
    t.send({ control: 'FA', seq: 1, ack: 2 });
    t.wait(130_000);
  },
  (t) => {
    // simultaneous open and close
    const socket = t.lone.sockets.connect(PEER, 50_000);
    t.sent();
    t.send({ control: 'S', seq: 0 });
    t.sent();
    t.send({ control: 'A', seq: 1, ack: 1 });
    t.lone.sockets.close(socket);
    t.sent();
    t.send({ control: 'FA', seq: 1, ack: 1 });
    t.send({ control: 'A', seq: 2, ack: 2 });
    t.lone.sockets.abort(socket);
  },
  (t) => {
    // CLOSE in SYN-SENT
    const socket = t.lone.sockets.connect(PEER, 50_000);
    t.lone.sockets.close(socket);
  },
  (t) => {
    // CLOSE in SYN-RECEIVED, after a simultaneous open
    const socket = t.lone.sockets.connect(PEER, 50_000);
    t.sent();
    t.send({ control: 'S', seq: 0 });
    t.lone.sockets.close(socket);
  },
  (t) => {
    // handshake and FIN in one segment
    t.lone.sockets.listen(80, 1);
    t.send({ control: 'S', seq: 0 });
    t.sent();
    t.send({ control: 'FA', seq: 1, ack: 1 });
  },
  ...[
    'SYN-SENT',
    'SYN-RECEIVED',
    'ESTABLISHED',
    'FIN-WAIT-1',
    'FIN-WAIT-2',
    'CLOSE-WAIT',
    'CLOSING',
    'LAST-ACK',
  ].flatMap((state) =>
    ['rcv RST', 'abort', 'user timeout'].map((end) => (t: Trace) => {
      const socket = reach(t, state);
      if (end === 'rcv RST') t.send({ control: state === 'SYN-SENT' ? 'RA' : 'R', seq: rcvNxt(state), ack: 1 });
      if (end === 'abort') t.lone.sockets.abort(socket);
      if (end === 'user timeout') t.wait(300_000);
    }),
  ),
];

/** RCV.NXT, relative, in the states that `reach` makes. */
const rcvNxt = (state: string): number => (['CLOSE-WAIT', 'CLOSING', 'LAST-ACK'].includes(state) ? 2 : 1);

function reach(t: Trace, state: string): number {
  const socket = t.lone.sockets.connect(PEER, 50_000);
  t.sent();
  if (state === 'SYN-SENT') return socket;
  if (state === 'SYN-RECEIVED') {
    t.send({ control: 'S', seq: 0 });
    return socket;
  }
  t.send({ control: 'SA', seq: 0, ack: 1 });
  if (state !== 'FIN-WAIT-2') t.write(socket, 1); // something unacknowledged, so that time can run out
  if (state === 'CLOSE-WAIT' || state === 'LAST-ACK') t.send({ control: 'FA', seq: 1, ack: 1 });
  if (state !== 'ESTABLISHED' && state !== 'CLOSE-WAIT') t.lone.sockets.close(socket);
  t.sent();
  if (state === 'FIN-WAIT-2') t.send({ control: 'A', seq: 1, ack: 2 });
  if (state === 'CLOSING') t.send({ control: 'FA', seq: 1, ack: 1 });
  return socket;
}

describe('RFC 9293 §3.3.2, Figure 5', () => {
  it('every state is reached, and every arrow but those named here is taken', () => {
    const taken = new Map<string, number>();
    for (const life of LIVES) {
      const t = new Trace();
      life(t);
      for (const state of STATES) {
        for (const event of EVENTS) {
          const count = t.lone.stack.inspection.transitions.count(state, event);
          if (count > 0) taken.set(`${state}, ${event}`, count);
        }
      }
    }
    const arrows = STATES.flatMap((state) =>
      EVENTS.filter((event) => NEXT[state][event]).map((event) => `${state}, ${event}`),
    );
    const missing = arrows.filter((arrow) => !taken.has(arrow));
    console.log(`Figure 5: ${arrows.length - missing.length} of ${arrows.length} arrows taken`);
    const entered = new Set(
      [...taken.keys()]
        .map((arrow) => arrow.split(', '))
        .map(([state, event]) => NEXT[state as 'CLOSED'][event as 'abort']),
    );
    expect(STATES.filter((state) => !entered.has(state))).toEqual([]);
    expect(missing).toEqual([
      'LISTEN, CLOSE', // a listener is a record of its own: closing it frees the record
      'LISTEN, abort',
      'SYN-RECEIVED, rcv FIN', // the ACK in the same segment comes first, so the FIN finds ESTABLISHED
      'FIN-WAIT-2, user timeout', // nothing is in flight: UNIMPLEMENTED keep-alive
    ]);
  });
  it('the dense table says what the published one says, and stays where that says nothing', () => {
    STATES.forEach((state, s) => {
      EVENTS.forEach((event, e) => {
        expect(STATES[nextState(s, e)]).toBe(NEXT[state][event] ?? state);
      });
    });
  });
});
