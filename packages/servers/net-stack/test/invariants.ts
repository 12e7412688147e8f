/** Every buffer is in exactly one place: walks all queues and compares with what the descriptors say. */
import { CREDITS } from '@bulkhead/nic-driver-api';
import { expect } from 'vitest';
import * as buffers from '../src/buffers.ts';
import type { NetStack } from '../src/index.ts';
import { CONNECTION, DATAGRAM_SOCKET } from '../src/socket-record.ts';
import { Tcb } from '../src/tcp/tcb.ts';

export function checkBuffers(stack: NetStack): void {
  const { buffers: pool, table } = stack.inspection;
  const found = new Map<number, number>();
  const wrong: string[] = [];
  const walk = (at: number, place: number): number => {
    let count = 0;
    for (let b = pool.head(table.records, at); b !== buffers.NO_BUFFER; b = pool.next(b)) {
      if (found.has(b)) wrong.push(`buffer ${b} is in two queues`);
      found.set(b, place);
      count++;
    }
    return count;
  };
  const tcb = new Tcb(table.records);
  for (let index = 0; index < table.count; index++) {
    tcb.moveTo(index);
    if (tcb.kind === DATAGRAM_SOCKET) walk(tcb.receiveQueue, buffers.DATAGRAM_QUEUE);
    if (tcb.kind !== CONNECTION) continue;
    walk(tcb.receiveQueue, buffers.RECEIVE_QUEUE);
    walk(tcb.sendQueue, buffers.SEND_QUEUE);
    expect(walk(tcb.outOfOrderQueue, buffers.OUT_OF_ORDER_QUEUE)).toBe(tcb.outOfOrderCount);
  }
  const out = [0, 0, 0, 0];
  let free = 0;
  for (let buffer = 0; buffer < pool.count; buffer++) {
    const place = pool.place(buffer);
    const lent = pool.out(buffer);
    out[lent]!++;
    if (place === buffers.FREE) free++;
    if (place === buffers.FREE && lent !== buffers.NOT_OUT) wrong.push(`buffer ${buffer} is free and lent`);
    if (place === buffers.NOWHERE && lent === buffers.NOT_OUT) wrong.push(`buffer ${buffer} is lost`);
    const expected = place === buffers.FREE || place === buffers.NOWHERE ? undefined : place;
    if (found.get(buffer) !== expected) wrong.push(`buffer ${buffer} says ${place} and stands in ${found.get(buffer)}`);
  }
  expect(wrong).toEqual([]);
  expect(free).toBe(pool.freeCount);
  expect(out[buffers.OUT_TO_RECEIVE]).toBe(pool.suppliedCount);
  expect(out[buffers.OUT_TO_TRANSMIT]).toBe(pool.submittedCount);
  expect(pool.suppliedCount).toBeLessThanOrEqual(CREDITS);
  expect(pool.submittedCount).toBeLessThanOrEqual(CREDITS);
}
