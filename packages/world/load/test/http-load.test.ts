import { monolithic, multiserver } from '@bulkhead/test-systems';
import { bytesPage } from '@bulkhead/web-server';
import { describe, expect, it } from 'vitest';
import { HttpLoad, type HttpLoadOptions } from '../src/index.ts';
import { create, target } from './systems.ts';

const BOOT_NS = 20_000_000;

function loadOn(description: typeof monolithic, changes: Partial<HttpLoadOptions>) {
  const system = create(description, 1);
  system.runUntil(system.clock.cyclesOf(BOOT_NS));
  const load = new HttpLoad({ system, clients: 1, requests: 1, path: '/bytes/100', ...target(1), ...changes });
  load.start();
  return { system, load };
}
function finish({ system, load }: ReturnType<typeof loadOn>, seconds = 10): HttpLoad {
  const { clock } = system;
  for (const end = clock.now + clock.cyclesOf(seconds * 1e9); !load.isDone && clock.now < end; )
    system.runUntil(clock.now + clock.cyclesOf(1e6));
  return load;
}

describe.each([
  ['monolithic', monolithic],
  ['multiserver', multiserver],
])('clients of a system of %s', (_name, description) => {
  it('receive every byte of a long answer, in order', () => {
    const lenBytes = 300_000;
    let at = 0;
    let wrong = 0;
    const onBody = (bytes: Uint8Array, from: number, to: number): void => {
      for (let i = from; i < to; i++) if (bytes[i] !== bytesPage(at++)) wrong++;
    };
    const load = finish(loadOn(description, { path: `/bytes/${lenBytes}`, onBody }));
    expect([load.completed, load.failed, load.bodyBytes, at, wrong]).toEqual([1, 0, lenBytes, lenBytes, 0]);
  });
  it('each have one request outstanding: as many answers are awaited as there are clients', () => {
    const answers: number[] = [];
    const load = finish(loadOn(description, { clients: 7, requests: 40, onAnswer: (count) => answers.push(count) }));
    expect([load.completed, load.failed, load.bodyBytes]).toEqual([40, 0, 4000]);
    expect(answers).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(load.latencies.every((cycles) => cycles > 0)).toBe(true);
  });
});

describe('a load', () => {
  it('counts an answer that is not 200 as failed, and ends', () => {
    const load = finish(loadOn(monolithic, { path: '/nowhere', requests: 3 }));
    expect([load.completed, load.failed, load.isDone]).toEqual([0, 3, true]);
  });
  it('ends when every connection is refused, after as many attempts as there are requests', () => {
    const load = finish(loadOn(monolithic, { port: 81, clients: 3, requests: 9 }));
    expect(load.isDone).toBe(true);
    expect([load.completed, load.failed]).toEqual([0, 9]);
  });
  it('of fewer requests than clients ends too', () => {
    const load = finish(loadOn(monolithic, { clients: 10, requests: 3 }));
    expect([load.completed, load.failed]).toEqual([3, 0]);
  });
  it('that cannot be is refused where it is made', () => {
    const options = { system: create(monolithic, 1), clients: 1, requests: 1, path: '/', ...target(1) };
    for (const changes of [{ clients: 0 }, { clients: 257 }, { clients: 1.5 }, { requests: 0 }])
      expect(() => new HttpLoad({ ...options, ...changes })).toThrow('use a whole number from 1 to');
  });
});
