import { checkDescription, type Description } from '@bulkhead/assembler';
import { kindOf, named } from '@bulkhead/runtime';
import { patternByte } from '@bulkhead/stream-server';
import { webServer } from '@bulkhead/web-server';
import { describe, expect, it } from 'vitest';
import { APPLICATIONS, type Application, webService, withApplication } from '../src/index.ts';
import { boot, converse, exchange, fetchPage } from './client.ts';
import { driverAlone, library, manyWalls, oneWall, rings, SHAPES } from './shapes.ts';

/** A description that was not refused. */
function swapped(description: Description, application: Application): Description {
  const made = withApplication(description, application);
  if (!made.ok) throw new Error(made.error);
  expect(checkDescription(made.value)).toEqual([]);
  return made.value;
}
const refusal = (description: Description): string => {
  const made = withApplication(description, 'echo-server');
  return made.ok ? '' : made.error;
};

describe.each(SHAPES)('$name', (description) => {
  it('serves pages with its web server: the description is the same', () => {
    expect(swapped(description, 'web-server')).toBe(description);
    expect(fetchPage(boot(description), '/bytes/100')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
  it('echoes datagrams with an echo server', () => {
    const texts = ['hello', '', 'x'.repeat(1472)];
    const system = boot(swapped(description, 'echo-server'));
    expect(exchange(system, APPLICATIONS['echo-server'].port, texts)).toEqual(texts);
    expect([system.panic, system.faults]).toEqual([null, []]);
  });
  it('streams with a stream server, every byte as it must be', () => {
    const system = boot(swapped(description, 'stream-server'));
    const stream = converse(system, APPLICATIONS['stream-server'].port, '', 200_000);
    expect(stream.length).toBeGreaterThanOrEqual(200_000);
    for (let i = 0; i < stream.length; i++) if (stream.charCodeAt(i) !== patternByte(i)) expect(i).toBe('the pattern');
    expect([system.panic, system.faults]).toEqual([null, []]);
  });
  it('keeps keys and values with a key-value server', () => {
    const system = boot(swapped(description, 'kv-server'));
    const requests = 'SET key value\r\nGET key\r\n*2\r\n$4\r\nINCR\r\n$1\r\nn\r\nQUIT\r\n';
    expect(converse(system, APPLICATIONS['kv-server'].port, requests)).toBe('+OK\r\n$5\r\nvalue\r\n:1\r\n+OK\r\n');
    expect([system.panic, system.faults]).toEqual([null, []]);
  });
});

describe('a description with another application', () => {
  it('is named after it wherever it was named after the web server, and nowhere says that name again', () => {
    for (const description of SHAPES) {
      const { config, components, ...data } = swapped(description, 'echo-server');
      expect(JSON.stringify(data)).not.toContain('web-server');
      expect(components.some(({ name }) => name === 'web-server')).toBe(false);
      expect(JSON.stringify(data).replaceAll('echo-server', 'web-server')).toBe(
        JSON.stringify({ ...description, config: undefined, components: undefined }),
      );
    }
  });
  it('keeps domains that hold it together with others, their level, their memory and who starts them', () => {
    expect(swapped(library, 'stream-server')).toMatchObject({
      domains: { 'stream-server': ['nic-driver', 'net-stack', 'stream-server'] },
      levels: { 'stream-server': 30 },
      reserve: { 'stream-server': { sizeMiB: 32 } },
      authority: { supervisor: { 'child-0': 'domain:stream-server' } },
      supervised: ['stream-server'],
    });
  });
  it('leaves a domain of another name, and one whose new name is taken, as they are named', () => {
    const other = { ...oneWall, domains: { kernel: oneWall.domains.kernel!, front: ['web-server'] } };
    expect(swapped(other, 'echo-server').domains.front).toEqual(['echo-server']);
    const domains = { ...driverAlone.domains, 'nic-driver': ['web-server'], 'echo-server': ['nic-driver'] };
    const authority = { ...driverAlone.authority, supervisor: { 'child-0': 'domain:echo-server' } } as const;
    const taken = { ...driverAlone, domains, authority, supervised: ['echo-server'] };
    delete (taken.domains as Record<string, unknown>)['web-server'];
    expect(swapped(taken, 'echo-server').domains).toMatchObject({
      'nic-driver': ['echo-server'],
      'echo-server': ['nic-driver'],
    });
  });
  it('leaves a component of another name as it is named', () => {
    const renamed: Description = {
      ...oneWall,
      components: oneWall.components.map((each) => (kindOf(each) === 'web-server' ? named('front', each) : each)),
      domains: { kernel: oneWall.domains.kernel!, front: ['front'] },
      connections: oneWall.connections.map((text) =>
        text.startsWith('web-server') ? 'front.net -> net-stack.sockets' : text,
      ),
      config: (facts) => {
        const { 'web-server': config, ...others } = oneWall.config(facts);
        return { ...others, front: { ...config, port: 8080 } };
      },
    };
    const description = swapped(renamed, 'echo-server');
    expect(description.components.map((each) => [each.name, kindOf(each)])).toContainEqual(['front', 'echo-server']);
    expect(description.connections).toContain('front.net -> net-stack.sockets');
    expect(exchange(boot(description), 7, ['hello'])).toEqual(['hello']);
  });
  it('answers for the web server to a configuration that asks for it by name, and drops what that was told', () => {
    const asked: string[] = [];
    const description: Description = {
      ...oneWall,
      config: ({ identity, supervised }) => ({
        'web-server': { port: 80, title: 'x' },
        'nic-driver': { peer: identity('web-server'), interruptIntervalUs: supervised('web-server') ? 1 : 0 },
      }),
    };
    const config = swapped(description, 'echo-server').config({
      identity: (component) => asked.push(component),
      supervised: (component) => asked.push(component) > 0,
      iommu: 'bare',
      machine: {
        msiPage: 1,
        pciWindowPage: 2,
        pciWindowPages: 3,
        pciIoPage: 4,
        pciIoPages: 5,
        pciBusCount: 2,
        hasBridges: false,
      },
      seed: 9,
    });
    expect(asked).toEqual(['echo-server', 'echo-server']);
    expect(config).toEqual({ 'echo-server': { port: 7 }, 'nic-driver': { peer: 1, interruptIntervalUs: 1 } });
  });
  it('keeps a ring a ring', () => {
    const { rings: kept, connections } = swapped(rings, 'echo-server');
    expect(kept).toContain('echo-server.net -> net-stack.sockets');
    for (const ring of kept!) expect(connections).toContain(ring);
  });
});

describe('a description is refused', () => {
  it('without a web server', () => {
    const without = { ...oneWall, components: oneWall.components.filter(({ name }) => name !== 'web-server') };
    expect(refusal(without)).toBe(
      "'one wall' has no component of kind 'web-server' to put 'echo-server' in the place of: add one",
    );
  });
  it('with more than one', () => {
    expect(refusal({ ...oneWall, ...webService({ applications: 2 }) })).toBe(
      "'one wall' has 2 components of kind 'web-server': leave one to be replaced",
    );
  });
  it('with another component of the name', () => {
    const doubled = [...manyWalls.components, named('echo-server', webServer as never)];
    const other = doubled.map((each) => (each.name === 'echo-server' ? { ...each, kind: 'mine' } : each));
    expect(refusal({ ...manyWalls, components: other })).toBe(
      "'many walls' has another component named 'echo-server': give that one another name",
    );
  });
});
