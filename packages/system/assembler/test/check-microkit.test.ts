import { cast, contract, type Right } from '@bulkhead/abi';
import { describe, expect, it } from 'vitest';
import { assemble, checkDescription, type Description, DescriptionError } from '../src/index.ts';
import { NAMES, right, without } from './right.ts';
import { apart, Stage } from './stage.ts';

describe('what could not work is refused before anything is built (Microkit manual, system description files)', () => {
  const refuses = (description: Description, ...lines: readonly string[]): void => {
    expect(checkDescription(description)).toEqual(lines);
  };
  const levelled = (level: number): Description => {
    const stage = new Stage();
    stage.actor('low', { level });
    return stage.description(apart('low'));
  };
  it('pd_priority: a level below 1, which would never run', () =>
    refuses(levelled(0), "'low' has level 0: use a whole number from 1 to 249"));
  it("pd_priority: a level as high as the kernel's", () =>
    refuses(levelled(250), "'low' has level 250: use a whole number from 1 to 249"));
  it('pd_priority: a level that no ready queue has', () =>
    refuses(levelled(256), "'low' has level 256: use a whole number from 1 to 249"));
  it('pd_priority: a level that is no whole number', () =>
    refuses(levelled(10.5), "'low' has level 10.5: use a whole number from 1 to 249"));
  it('ch_id: more sources of casts than a notification word has bits', () => {
    const stage = new Stage();
    stage.actor('busy', { level: 10, servers: Array.from({ length: 17 }, (_, i) => `s${i}`) });
    for (let i = 0; i < 17; i++) stage.actor(`s${i}`, { level: 20 });
    refuses(
      stage.description({ kernel: Object.keys(stage.acts) }),
      "'busy' would hear from 17 connections: 16 are the most, divide its work",
    );
  });
  it('pd_duplicate_child: two supervisors of one domain', () => {
    const description = right((stage) => stage.actor('rival', { level: 41, rights: ['child-0'] }));
    const authority = { ...description.authority, rival: { 'child-0': 'domain:driver' as const } };
    refuses(
      { ...description, domains: apart(...NAMES, 'rival'), authority },
      "'domain:driver' has two supervisors, 'supervisor' and 'rival': leave it to one",
    );
  });
  it('pd_parent: a domain that only its own component may start', () => {
    const stage = new Stage();
    stage.actor('phoenix', { level: 10, rights: ['child-0'] });
    refuses(
      stage.description(apart('phoenix'), {
        supervised: ['phoenix'],
        authority: { phoenix: { 'child-0': 'domain:phoenix' } },
      }),
      "'phoenix' may start only itself ('domain:phoenix'): grant it to a supervisor",
    );
  });
  it("cap_mappings: the right to end the kernel's domain", () => {
    const authority = {
      bus: { config: 'ecam' },
      supervisor: { 'child-0': 'domain:driver', 'child-1': 'domain:kernel' },
    } as const;
    refuses(
      { ...right(), domains: { ...apart(...without(NAMES, 'bus')), kernel: ['bus'] }, authority },
      "'supervisor' is granted 'domain:kernel': nothing would be left to start it again; take the right away",
    );
  });
  it('mr_page_size: a region of frames that the MMU does not have', () => {
    const stage = new Stage();
    const odd = stage.actor('odd', { level: 10 });
    const components = [{ ...odd, regions: { own: { sizeBits: 13 as 12, count: 1 } } }];
    refuses(
      { ...stage.description(apart('odd')), components },
      "region 'own' of 'odd' is 1 frames of 2^13 bytes: use 12 or 21, and at least one",
    );
  });
  it('mr_size: a supervised domain whose memory could never hold it', () => {
    const description = right();
    const components = description.components.map((one) => (one.name === 'driver' ? { ...one, heapPages: 400 } : one));
    const build = (): unknown => assemble({ ...description, components, reserve: { driver: { sizeMiB: 1 } } });
    expect(build).toThrow(DescriptionError);
  });
  it('pd_name: a name that no connection can be written with', () => {
    const stage = new Stage();
    stage.actor('a b', { level: 10 });
    refuses(stage.description(apart('a b')), "'a b' cannot name a component: use letters, digits and '-'");
  });
  it('mr_shared_twice: both ends say how large the region is that they share', () => {
    const stage = new Stage();
    stage.actor('client', { level: 10, servers: ['server'], shares: ['server'] });
    stage.actor('server', { level: 20, shares: ['talk'] });
    refuses(
      stage.description(apart('client', 'server')),
      "connection 'client.server -> server.talk': both ends say how large their shared region is; let one of them",
    );
  });
  it('a cast of more words than a queue entry holds', () => {
    const stage = new Stage();
    const client = stage.actor('client', { level: 10, servers: ['server'] });
    const server = stage.actor('server', { level: 20 });
    const wide = contract('talk', {
      events: { report: cast<(...words: number[]) => void>(['word', 'word', 'word', 'word', 'word'] as never) },
    });
    const components = [
      { ...client, uses: { ...client.uses, server: wide } },
      { ...server, provides: { talk: wide } },
    ];
    refuses(
      { ...stage.description(apart('client', 'server')), components },
      "cast 'talk.report' has 5 words: 4 are the most, send the rest through the shared region",
    );
  });
  it('a right in a cast, which a queue does not transfer', () => {
    const stage = new Stage();
    const client = stage.actor('client', { level: 10, servers: ['server'] });
    const server = stage.actor('server', { level: 20 });
    const wide = contract('talk', { events: { report: cast<(right: Right) => void>(['right']) } });
    const components = [
      { ...client, uses: { ...client.uses, server: wide } },
      { ...server, provides: { talk: wide } },
    ];
    refuses(
      { ...stage.description(apart('client', 'server')), components },
      "cast 'talk.report' carries a right: rights go with calls, make it one",
    );
  });
  it("a component with the kernel's name", () => {
    const stage = new Stage();
    stage.actor('kernel', { level: 10 });
    expect(checkDescription(stage.description({ kernel: ['kernel'] }))).not.toEqual([]);
  });
  it.each([-1, 0.5, Number.NaN])('mr_size: a heap of %d pages', (heapPages) => {
    const stage = new Stage();
    stage.actor('odd', { level: 10, heapPages });
    expect(checkDescription(stage.description(apart('odd')))).not.toEqual([]);
  });
});
