import { objects } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import { describe, expect, it } from 'vitest';
import type { Program } from '../src/index.ts';
import { World } from './support.ts';

describe('programs as threads', () => {
  it('a client and a passive server exchange messages, by the fast path and without it alike', () => {
    const traces = [true, false].map((fastPath) => {
      const trace: unknown[] = [];
      let [ep, badged, reply] = [0, 0, 0];
      const server: Program = function* (t) {
        yield t.receive(ep, reply);
        for (;;) {
          trace.push(['server', t.badge, t.word(0), t.now]);
          t.setWord(0, t.word(0) * 2);
          yield t.spend(5);
          yield t.replyReceive(ep, message.messageTag(0, 0, 0, 1), reply);
        }
      };
      const client: Program = function* (t) {
        for (let i = 1; i <= 3; i++) {
          t.setWord(0, i);
          yield t.call(badged, message.messageTag(7, 0, 0, 1));
          trace.push(['client', t.word(0), t.now]);
        }
      };
      const w = new World({ programs: [undefined, server, client], kernel: { fastPath } });
      ep = w.make(objects.ENDPOINT);
      reply = w.make(objects.REPLY);
      badged = w.mint(ep, objects.ALL_RIGHTS, 42);
      const passive = w.makeThread({ program: 1, priority: 110, budget: 10 });
      w.rest();
      w.step(100);
      w.wake();
      w.makePassive(passive);
      w.makeThread({ program: 2, priority: 100 });
      w.rest();
      w.step(1000);
      expect(w.kernel.calls.misses.of('taken') > 0).toBe(fastPath);
      return trace;
    });
    expect(traces[0]).toEqual(traces[1]);
    expect(traces[0]!.length).toBe(6);
    expect(traces[0]![1]).toEqual(['client', 2, expect.any(Number)]);
  });
});
