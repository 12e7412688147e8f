import { describe, expect, it } from 'vitest';
import { type UnusedRight, watched } from '../src/index.ts';
import { booted, serve } from './running.ts';
import { monolithic, multiserver } from './systems.ts';

const held = (unused: readonly UnusedRight[], holder: string): string[] =>
  unused.filter((one) => one.holder === holder).map(({ right }) => right);

describe('rights granted and never used', () => {
  const { description, unused } = watched(multiserver);
  const atFirst = unused();
  const system = booted(description);
  const load = serve(system);
  const afterwards = unused();

  it('are all, before anything runs', () => {
    expect(held(atFirst, 'web-server')).toEqual([
      ...['listen', 'accept', 'connect', 'receive', 'send', 'close', 'abort', 'bind', 'sendTo', 'receiveFrom'].map(
        (method) => `net-stack.${method}`,
      ),
    ]);
    expect(held(atFirst, 'supervisor')).toContain('child-0');
  });
  it('are few after a load: what a web server never asks of its stack, and what nobody needed', () => {
    expect(load.failed).toBe(0);
    expect(held(afterwards, 'web-server')).toEqual(
      expect.arrayContaining(['net-stack.connect', 'net-stack.bind', 'net-stack.sendTo', 'net-stack.receiveFrom']),
    );
    expect(held(afterwards, 'web-server')).not.toContain('net-stack.send');
    expect(held(afterwards, 'net-stack')).not.toContain('nic-driver.submit');
    expect(held(afterwards, 'net-stack')).toContain('revoke');
    expect(held(afterwards, 'nic-driver')).toContain('supervisor.pong');
    expect(held(afterwards, 'supervisor')).toContain('nic-driver.ping');
    expect(held(afterwards, 'supervisor')).not.toContain('child-0');
  });
  it('name the resources of the machine that are never touched', () => {
    for (const holder of ['pci-bus-driver', 'iommu-driver'])
      expect(afterwards.filter((one) => one.holder === holder && one.kind === 'resource')).toEqual([]);
  });
  it('are counted without a change: the wrapped system does the same, to the last cycle', () => {
    for (const plain of [monolithic, multiserver]) {
      const [first, second] = [booted(plain), booted(watched(plain).description)];
      serve(first);
      serve(second);
      expect(second.digest()).toBe(first.digest());
    }
  });
});
