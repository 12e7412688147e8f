/** One request from the far end of the wire, in simulated time. */
import type { System } from '@bulkhead/assembler';
import { createFarEnd } from '@bulkhead/far-end';
import { parseIpv4Address } from '@bulkhead/net-stack';
import { ENDED, READABLE, WRITABLE } from '@bulkhead/net-stack-api';
import { GATEWAY_ADDRESS, GUEST_ADDRESS, HTTP_PORT, PREFIX_BITS } from '../src/index.ts';

const REQUEST = 0;
const ANSWER = 4096;
const CHUNK = 16_384;
const STEP_NS = 500_000;
const PATIENCE_NS = 500_000_000;

/** @returns head and body of the answer, or what came of them before the system or the patience ended. */
export function fetchPage(system: System, path: string): string {
  const { clock } = system;
  const address = parseIpv4Address(GUEST_ADDRESS);
  if (!address.ok) throw new Error('the machine has an address');
  const request = Uint8Array.from(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, (c) =>
    c.charCodeAt(0),
  );
  const chunk = new Uint8Array(CHUNK);
  let answer = '';
  let isOver = false;
  let isSent = false;
  const read = (socket: number): void => {
    for (;;) {
      const count = sockets.receive(socket, ANSWER, CHUNK);
      if (count <= 0) return;
      sockets.read(ANSWER, chunk, 0, count);
      answer += String.fromCharCode(...chunk.subarray(0, count));
    }
  };
  const { sockets, settle } = createFarEnd({
    clock,
    wire: system.wire,
    config: { address: GATEWAY_ADDRESS, prefixBits: PREFIX_BITS, gateway: 0, seed: 3 },
    onReady: (socket, what) => {
      if ((what & WRITABLE) !== 0 && !isSent) {
        isSent = true;
        sockets.write(REQUEST, request, 0, request.length);
        sockets.send(socket, REQUEST, request.length);
        sockets.close(socket);
      }
      if ((what & READABLE) !== 0) read(socket);
      if ((what & ENDED) !== 0) isOver = true;
    },
  });
  sockets.connect(address.value, HTTP_PORT);
  settle();
  for (const end = clock.now + clock.cyclesOf(PATIENCE_NS); !isOver && clock.now < end && system.panic === null; )
    system.runUntil(clock.now + clock.cyclesOf(STEP_NS));
  return answer;
}
