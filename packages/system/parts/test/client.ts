/** Clients at the far end of the wire, in simulated time. */
import { assemble, type Description, type System } from '@bulkhead/assembler';
import { createFarEnd, type FarEnd } from '@bulkhead/far-end';
import { parseIpv4Address } from '@bulkhead/net-stack';
import { ENDED, READABLE, WRITABLE } from '@bulkhead/net-stack-api';
import { GATEWAY_ADDRESS, GUEST_ADDRESS, HTTP_PORT, PREFIX_BITS } from '../src/index.ts';

const OUT = 0;
const IN = 4096;
const CHUNK = 16_384;
const BOOT_NS = 20_000_000;
const STEP_NS = 500_000;
const PATIENCE_NS = 500_000_000;

const parsed = parseIpv4Address(GUEST_ADDRESS);
if (!parsed.ok) throw new Error('the machine has an address');
const guest = parsed.value;
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** @returns the system when everything in it has started. */
export function boot(description: Description): System {
  const system = assemble(description);
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  return system;
}
function farEnd(system: System, onReady: (socket: number, what: number) => void): FarEnd {
  const config = { address: GATEWAY_ADDRESS, prefixBits: PREFIX_BITS, gateway: 0, seed: 3 };
  return createFarEnd({ clock: system.clock, wire: system.wire, config, onReady });
}
/** Runs until that is so, or the system or the patience ends. */
function runUntil(system: System, isOver: () => boolean): void {
  const { clock } = system;
  for (const end = clock.now + clock.cyclesOf(PATIENCE_NS); !isOver() && clock.now < end && system.panic === null; )
    system.runUntil(clock.now + clock.cyclesOf(STEP_NS));
}

/**
 * Connects, sends `text` and nothing more, and reads until the answer ends or `maxBytes` are there.
 *
 * @returns the answer, or what came of it.
 */
export function converse(system: System, port: number, text: string, maxBytes = Number.POSITIVE_INFINITY): string {
  const request = bytesOf(text);
  const chunk = new Uint8Array(CHUNK);
  let answer = '';
  let isOver = false;
  let isSent = false;
  const read = (socket: number): void => {
    while (answer.length < maxBytes) {
      const count = sockets.receive(socket, IN, CHUNK);
      if (count === 0) isOver = true;
      if (count <= 0) return;
      sockets.read(IN, chunk, 0, count);
      answer += String.fromCharCode(...chunk.subarray(0, count));
    }
  };
  const { sockets, settle } = farEnd(system, (socket, what) => {
    if ((what & WRITABLE) !== 0 && !isSent) {
      isSent = true;
      sockets.write(OUT, request, 0, request.length);
      if (request.length > 0) sockets.send(socket, OUT, request.length);
    }
    if ((what & READABLE) !== 0) read(socket);
    if ((what & ENDED) !== 0) isOver = true;
  });
  sockets.connect(guest, port);
  settle();
  runUntil(system, () => isOver || answer.length >= maxBytes);
  return answer;
}

/** @returns head and body of the answer, or what came of them before the system or the patience ended. */
export const fetchPage = (system: System, path: string): string =>
  converse(system, HTTP_PORT, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);

/**
 * Sends each text as a datagram: the first alone, because a stack keeps but one packet while it asks for the neighbour's
 * address (RFC 1122 §2.3.2.2), the others together.
 *
 * @returns those that came back.
 */
export function exchange(system: System, port: number, texts: readonly string[]): string[] {
  const chunk = new Uint8Array(CHUNK);
  const answers: string[] = [];
  const { sockets, settle } = farEnd(system, (socket) => {
    for (;;) {
      const count = sockets.receiveFrom(socket, IN, CHUNK);
      if (count < 0) return;
      sockets.read(IN, chunk, 0, count);
      answers.push(String.fromCharCode(...chunk.subarray(0, count)));
    }
  });
  const socket = sockets.bind(0);
  const send = (some: readonly string[]): void => {
    const expected = answers.length + some.length;
    for (const text of some) {
      sockets.write(OUT, bytesOf(text), 0, text.length);
      sockets.sendTo(socket, OUT, text.length, guest, port);
    }
    settle();
    runUntil(system, () => answers.length >= expected);
  };
  send(texts.slice(0, 1));
  send(texts.slice(1));
  return answers;
}
