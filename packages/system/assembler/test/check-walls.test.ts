/** Walls, levels, supervision, cards and capacity: what Microkit's descriptions do not have, or not so. */
import { type CastSpec, type Contract, cast, contract } from '@bulkhead/abi';
import type { NicModel } from '@bulkhead/board';
import { NEVER } from '@bulkhead/clock';
import { netDevice } from '@bulkhead/nic-driver-api';
import { pciBus } from '@bulkhead/pci-bus-driver-api';
import { describe, expect, it } from 'vitest';
import { assemble, checkDescription, type Description } from '../src/index.ts';
import { but, changed, one, right } from './right.ts';
import { apart, Stage } from './stage.ts';

const refuses = (description: Description, ...lines: readonly string[]): void => {
  expect(checkDescription(description)).toEqual(lines);
};

describe('names, which stand in drawings, tables and objects', () => {
  const BAD = ['a b', 'a.b', 'a->b', 'a"b', 'a:b', 'a;b', 'a\nb', '1a', '-a', '<a>', '[a]', 'ä', '__proto__', ''];
  it.each(BAD)('a component named %j', (name) =>
    expect(checkDescription(one({ name }))[0]).toBe(
      `'${name.replace('\n', ' ')}' cannot name a component: use letters, digits and '-'`,
    ),
  );
  it.each(BAD.filter((name) => name !== '__proto__'))('a domain named %j', (name) =>
    refuses(
      { ...one({}), domains: { kernel: [], [name]: ['low'] } },
      `'${name.replace('\n', ' ')}' cannot name a domain: use letters, digits and '-'`,
    ),
  );
  it.each(['constructor', 'toString', 'valueOf'])('%s, which every object has', (name) => {
    refuses(one({ name }), `'${name}' cannot name a component: every object has one; choose another`);
    refuses(
      { ...one({}), domains: { kernel: [], [name]: ['low'] } },
      `'${name}' cannot name a domain: every object has one; choose another`,
    );
  });
  it("a component with the kernel's name", () =>
    refuses(one({ name: 'kernel' }), "no component may be named 'kernel': the kernel has that name; choose another"));
  it('a kind that is no name', () =>
    refuses(
      one({ kind: 'net stack' }),
      "'net stack' cannot name the kind of a component: use letters, digits and '-'",
    ));
});

describe('what a component lists', () => {
  it('a right twice', () =>
    refuses(changed('bus', { rights: ['config', 'config'] }), "'bus' asks twice for the right 'config': ask once"));
  it('a piece of work twice', () =>
    refuses(one({ work: ['step', 'step'] }), "'low' lists the work 'step' twice: list each piece once"));
  it('a footprint that is none', () =>
    refuses(
      one({ footprint: { codePages: 1, dataPages: -1 } }),
      "'low' has a footprint of 1 and -1 pages: use whole numbers, each 0 or more",
    ));
});

describe('walls', () => {
  it('a component named twice in one domain', () =>
    refuses(
      but(({ domains }) => ({ domains: { ...domains, app: ['app', 'app'] }, levels: { app: 10 } })),
      "domain 'app' holds 'app' twice: name it once",
    ));
  it('a name that is misspelt is told once, and not as a component in no domain too', () =>
    refuses(
      but(({ domains }) => ({ domains: { ...domains, app: ['ap'] } })),
      "domain 'app' holds 'ap', which is no component here: use one of app, stack, driver, supervisor, bus",
    ));
  it('no kernel domain is one without components', () => {
    const { kernel: _, ...domains } = right().domains;
    const description = { ...right(), domains };
    refuses(description);
    expect(assemble(description).runUntil(NEVER)).toBe('dead-quiet');
  });
});

describe('levels of domains', () => {
  const together = (level?: number): Description => ({
    ...right(),
    domains: { ...apart('driver', 'supervisor', 'bus'), app: ['app', 'stack'] },
    ...(level === undefined ? {} : { levels: { app: level } }),
  });
  it('one thread of several components states its level', () => {
    refuses(together(20));
    refuses(together(), "domain 'app' holds 2 components and is one thread: state its level under levels, 20 or more");
  });
  it.each([19, 250, 20.5, Number.NaN])('a level of %d', (level) =>
    expect(checkDescription(together(level))).toContain(
      `domain 'app' has level ${level}: use a whole number from 20 to 249`,
    ),
  );
  it('as high as that of what it calls', () =>
    refuses(
      together(30),
      "connection 'stack.driver -> driver.talk' goes from domain 'app' of level 30 to level 30: a client calls strictly upward; lower the level of 'app', or move 'driver' into it",
    ));
  it('of a domain of one component, which has its own', () =>
    refuses(
      but(() => ({ levels: { app: 10 } })),
      "domain 'app' needs no level: its component has one; remove it from levels",
    ));
  it("of the kernel's", () =>
    refuses(
      but(() => ({ levels: { kernel: 100 } })),
      "domain 'kernel' needs no level: its components have one; remove it from levels",
    ));
  it('of a domain that is not there', () =>
    refuses(
      but(() => ({ levels: { ghost: 10 } })),
      "levels names 'ghost', which is no domain: use one of kernel, app, stack, driver, supervisor, bus",
    ));
});

describe('supervision', () => {
  /** Each supervises the next; the domains of those named are supervised. */
  function supervisors(supervised: readonly string[], children: Readonly<Record<string, string>>): Description {
    const stage = new Stage();
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) stage.actor(name, { level: 10, rights: ['child-0'] });
    return stage.description(apart(...names), {
      supervised,
      authority: Object.fromEntries(
        Object.entries(children).map(([name, child]) => [name, { 'child-0': `domain:${child}` as const }]),
      ),
    });
  }
  it('may have several stages', () => refuses(supervisors(['b', 'c', 'd'], { a: 'b', b: 'c', c: 'd' })));
  it('of each other: nobody starts', () =>
    refuses(
      supervisors(['a', 'b'], { a: 'b', b: 'a' }),
      'supervised domains wait for each other to be started: a → b → a; take one of them out of supervised, to start it at boot',
    ));
  it('in a longer circle, told once, with who only waits for it', () =>
    refuses(
      supervisors(['a', 'b', 'c'], { a: 'b', b: 'c', c: 'a' }),
      'supervised domains wait for each other to be started: a → c → b → a; take one of them out of supervised, to start it at boot',
    ));
  it('of oneself', () =>
    refuses(supervisors(['a'], { a: 'a' }), "'a' may start only itself ('domain:a'): grant it to a supervisor"));
  it('of a domain by a component in it', () => {
    const description = right();
    const { driver: _, supervisor: __, ...domains } = description.domains;
    refuses(
      { ...description, domains: { ...domains, driver: ['driver', 'supervisor'] }, levels: { driver: 40 } },
      "'supervisor' may start only itself ('domain:driver'): grant it to a supervisor",
    );
  });
  it('of one domain, named twice', () =>
    refuses(
      but(() => ({ supervised: ['driver', 'driver'] })),
      "'driver' is supervised twice: name it once",
    ));
  it('of a domain with rights of its own: every life is given them anew', () => {
    const story: string[] = [];
    const stage = new Stage();
    stage.actor(
      'device',
      { level: 50, rights: ['config', 'irq'] },
      {
        start: (self) => {
          self.context.right('config');
          self.context.right('irq');
          story.push(`life ${self.life}`);
          if (self.life < 3) throw new Error('no luck');
        },
      },
    );
    stage.actor(
      'supervisor',
      { level: 40, rights: ['child-0'] },
      {
        start: (self) => {
          self.kernel['bindFaults']!(0);
          self.kernel['startDomain']!(self.context.right('child-0'));
        },
        token: (self) => void self.kernel['startDomain']!(self.context.right('child-0')),
      },
    );
    const description = stage.description(apart('device', 'supervisor'), {
      supervised: ['device'],
      authority: {
        device: { config: 'ecam', irq: 'irq-control' },
        supervisor: { 'child-0': 'domain:device' },
      },
    });
    refuses(description);
    assemble(description).runUntil(100_000_000);
    expect(story).toEqual(['life 1', 'life 2', 'life 3']);
  });
});

describe('network cards', () => {
  const ask: Contract<{ casts: { tell: CastSpec<() => void> } }> = contract('ask', { casts: { tell: cast([]) } });
  /** So many drivers, each with the bus; `through` passes frames on and drives nothing. */
  function drivers(count: number, nics?: number): Description {
    const stage = new Stage();
    const names = Array.from({ length: count }, (_, i) => `driver-${i}`);
    const bus = { ...stage.actor('bus', { level: 60 }), provides: { pci: pciBus } };
    const through = { ...stage.actor('through', { level: 25 }), uses: {}, provides: { device: netDevice, ask } };
    const components = names.map((name) => ({
      ...stage.actor(name, { level: 30 }),
      uses: { pci: pciBus },
      provides: { device: netDevice },
    }));
    return {
      ...stage.description({ kernel: ['bus', 'through', ...names] }),
      components: [bus, through, ...components] as unknown as Description['components'],
      connections: names.map((name) => `${name}.pci -> bus.pci` as const),
      ...(nics === undefined ? {} : { nics }),
    };
  }
  it('as many as drivers, or more', () => {
    refuses(drivers(1));
    refuses(drivers(1, 2));
    refuses(drivers(3, 3));
  });
  it('fewer than drivers', () => {
    refuses(drivers(2), 'there are 2 drivers of network cards (driver-0, driver-1) and nics is 1: set nics to 2');
  });
  it('of models that there are, and no more than there are cards', () => {
    const models = (...nicModels: string[]): Description => ({ ...drivers(1, 2), nicModels }) as Description;
    refuses(models('virtio-net'));
    refuses(models('intel-82574', 'virtio-net'));
    refuses(models('e1000'), "nicModels names 'e1000': use one of intel-82574, virtio-net");
    refuses(
      models('virtio-net', 'virtio-net', 'virtio-net'),
      'nicModels names 3 network cards and nics is 2: set nics to 3',
    );
  });
  const [INTEL, VIRTIO] = [0x10d3_8086, 0x1041_1af4];
  const told = (configs: Record<string, object>, ...nicModels: NicModel[]): Description => {
    const description = drivers(2, 2);
    const components = description.components.map((each) => ({ ...each, config: { vendorDevice: 0, allowed: [] } }));
    return { ...description, components, nicModels, config: () => configs };
  };
  it('each driven by a driver of its own, which says which it drives', () => {
    const both = { 'driver-0': { vendorDevice: INTEL }, 'driver-1': { vendorDevice: INTEL } };
    refuses(told(both));
    refuses(told(both, 'intel-82574', 'intel-82574'));
    refuses(
      told(both, 'virtio-net'),
      "'driver-1' drives 'intel-82574', of which there is none for it on the board: name it in nicModels, or put the driver of 'virtio-net' or 'intel-82574' in its place",
    );
    const other = { ...both, 'driver-0': { vendorDevice: VIRTIO } };
    refuses(told(other, 'intel-82574', 'virtio-net'));
    refuses(
      told({ ...both, 'driver-0': { vendorDevice: 0x1_8086 } }),
      "'driver-0' drives 8086:0001, of which there is none for it on the board: put the driver of 'intel-82574' in its place",
    );
  });
  it('of which others are told what the driver is told', () => {
    const configs = (vendorDevice: number): Record<string, object> => ({
      'driver-0': { vendorDevice: INTEL },
      'driver-1': { vendorDevice: INTEL },
      bus: { allowed: [7, null, { component: 2, vendorDevice }] },
    });
    refuses(told(configs(INTEL)));
    refuses(
      told(configs(VIRTIO)),
      "config tells 'bus' that 'driver-0' drives 1af4:1041, and itself that it drives 8086:10d3: tell both the same",
    );
  });
  it.each([0, 9, 1.5, Number.NaN])('%d of them', (nics) =>
    refuses(drivers(1, nics), `the board has ${nics} network cards: use a whole number from 1 to 8`),
  );
});

describe('capacity', () => {
  it('more than all memory', () => {
    const [line, ...more] = checkDescription(but(() => ({ reserve: { app: { sizeMiB: 64 } } })));
    expect([line, more]).toEqual([expect.stringMatching(/^the domains want more than the 64 MiB there are: /), []]);
  });
  it('places that leave no room between them', () => {
    const reserve = {
      app: { sizeMiB: 32, atMiB: 0 },
      stack: { sizeMiB: 16, atMiB: 48 },
      driver: { sizeMiB: 16 },
      bus: { sizeMiB: 1 },
    };
    expect(checkDescription(but(() => ({ reserve })))[0]).toMatch(/^the domains want more than the 64 MiB/);
  });
  it('less than the components of the domain want', () =>
    refuses(
      { ...one({ heapPages: 400 }), reserve: { low: { sizeMiB: 1 } } },
      "domain 'low' reserves 1 MiB, and its components want 2: reserve more",
    ));
  it('more frames than a capability space has slots', () => {
    const regions = { own: { sizeBits: 12, count: 4100 } } as const;
    refuses(
      one({ regions }),
      "domain 'low' needs 4107 rights or more, and a capability space holds 4095: use frames of 2^21 bytes, or fewer pages",
    );
  });
  it('a hundred components in one domain', () => {
    const stage = new Stage();
    for (let i = 0; i < 100; i++) stage.actor(`c${i}`, { level: 1 + i });
    const description = stage.description({ kernel: Object.keys(stage.acts) });
    refuses(description);
    expect(assemble(description).runUntil(NEVER)).toBe('dead-quiet');
  });
});
