import { cast, contract, type Right } from '@bulkhead/abi';
import { describe, expect, it } from 'vitest';
import {
  assemble,
  type ConnectionText,
  checkDescription,
  type Description,
  DescriptionError,
  type Resource,
} from '../src/index.ts';
import { apart, Stage } from './stage.ts';

const NAMES = ['app', 'stack', 'driver', 'supervisor', 'bus'] as const;

/** app (10) → stack (20) → driver (30) → bus (60) ← supervisor (40), which starts the driver. */
function right(add: (stage: Stage) => void = () => {}): Description {
  const stage = new Stage();
  stage.actor('app', { level: 10, servers: ['stack'] });
  stage.actor('stack', { level: 20, servers: ['driver'] });
  stage.actor('driver', { level: 30, servers: ['bus'] });
  stage.actor('supervisor', { level: 40, servers: ['bus'], rights: ['child-0', 'child-1'] });
  stage.actor('bus', { level: 60, rights: ['config'] });
  add(stage);
  return stage.description(apart(...NAMES), {
    authority: { bus: { config: 'ecam' }, supervisor: { 'child-0': 'domain:driver' } },
    supervised: ['driver'],
  });
}
const connection = (text: string): ConnectionText => text as ConnectionText;
/** The right description but for one thing. */
const but = (change: (description: Description) => Partial<Description>): Description => {
  const description = right();
  return { ...description, ...change(description) };
};
const without = <T>(list: readonly T[], unwanted: T): T[] => list.filter((one) => one !== unwanted);

describe('a right description', () => {
  it('is not refused, in any of its shapes', () => {
    const oneKernel = { kernel: ['bus', 'supervisor', 'driver', 'stack'], app: ['app'] };
    expect(checkDescription(right())).toEqual([]);
    expect(
      checkDescription({ ...right(), domains: oneKernel, supervised: [], authority: { bus: { config: 'ecam' } } }),
    ).toEqual([]);
  });
});

/** What is wrong, the description, and the one line. What follows the colon is the mend. */
const refused: readonly (readonly [string, Description, string])[] = [
  // Components and domains.
  [
    'a component that is listed twice',
    but(({ components }) => ({ components: [...components, components[0]!] })),
    "component 'app' is listed twice: list each component once",
  ],
  [
    'a domain with a component that does not exist',
    but(({ domains }) => ({ domains: { ...domains, kernel: ['ghost'] } })),
    "domain 'kernel' holds 'ghost', which is no component here: use one of app, stack, driver, supervisor, bus",
  ],
  [
    'several components in one user domain',
    but(({ domains: { app: _app, ...others } }) => ({ domains: { ...others, stack: ['stack', 'app'] } })),
    "domain 'stack' holds 2 components: give each its own domain, or place them in 'kernel'",
  ],
  [
    'an empty user domain',
    but(({ domains }) => ({ domains: { ...domains, spare: [] } })),
    "domain 'spare' is empty: remove it, or place a component in it",
  ],
  [
    'a component in no domain',
    but(({ domains: { app: _app, ...others } }) => ({ domains: others })),
    "component 'app' is in no domain: add it to one of kernel, stack, driver, supervisor, bus",
  ],
  [
    'a component in two domains',
    but(({ domains }) => ({ domains: { ...domains, second: ['app'] } })),
    "component 'app' is in 2 domains: leave it in one",
  ],
  // Supervision.
  [
    'a supervised domain that does not exist',
    but(() => ({ supervised: ['driver', 'ghost'] })),
    "'ghost' is supervised but is no domain: use one of kernel, app, stack, driver, supervisor, bus",
  ],
  [
    "the kernel's domain supervised",
    but(() => ({ supervised: ['driver', 'kernel'] })),
    "the 'kernel' domain cannot be supervised: nothing would be left to start it",
  ],
  [
    'a supervised domain that nobody may start',
    but(() => ({ authority: { bus: { config: 'ecam' } } })),
    "nobody may start the supervised domain 'driver': grant 'domain:driver' to a supervisor",
  ],
  // Connections: Microkit's groups ch_* (missing ends, duplicate ids, PPC to lower priority, both directions).
  [
    'a connection that cannot be read',
    but(({ connections }) => ({ connections: [...connections, connection('app -> stack')] })),
    "connection 'app -> stack' cannot be read: write 'client.port -> server.port'",
  ],
  [
    'a port that is connected twice',
    but(({ connections }) => ({ connections: [...connections, 'app.stack -> stack.talk'] })),
    "port 'app.stack' is connected twice: a client's port has one server",
  ],
  [
    'a port that is not connected',
    but(({ connections }) => ({ connections: without(connections, 'app.stack -> stack.talk') })),
    "port 'app.stack' is not connected: add 'app.stack -> …' to a provider of 'talk' (app.talk, stack.talk, driver.talk, supervisor.talk, bus.talk)",
  ],
  [
    "a client's port that does not exist",
    but(({ connections }) => ({ connections: [...connections, 'app.ghost -> stack.talk'] })),
    "connection 'app.ghost -> stack.talk': 'app' uses no port 'ghost'; it uses kernel, stack",
  ],
  [
    "a server's port that does not exist",
    but(({ connections }) => ({
      connections: [...without(connections, 'app.stack -> stack.talk'), 'app.stack -> stack.ghost'],
    })),
    "connection 'app.stack -> stack.ghost': 'stack' provides no port 'ghost'; it provides talk",
  ],
  [
    'a call to a lower level (ch_ppcall_priority)',
    but(({ connections }) => ({
      connections: [...without(connections, 'driver.bus -> bus.talk'), 'driver.bus -> stack.talk'],
    })),
    "connection 'driver.bus -> stack.talk' goes from level 30 to level 20: a client calls strictly upward; raise 'stack' or swap the ends",
  ],
  [
    'a call to its own level',
    but(({ connections }) => ({
      connections: [...without(connections, 'driver.bus -> bus.talk'), 'driver.bus -> driver.talk'],
    })),
    "connection 'driver.bus -> driver.talk' goes from level 30 to level 30: a client calls strictly upward; raise 'driver' or swap the ends",
  ],
  [
    'a call from the kernel into a user domain',
    but(({ domains: { app: _app, ...others } }) => ({ domains: { ...others, kernel: ['app'] } })),
    "connection 'app.stack -> stack.talk' would call from the kernel into a user domain ('ask'): move 'stack' into 'kernel' or 'app' out of it",
  ],
  [
    'a ring that is no connection',
    but(() => ({ rings: ['app.ghost -> stack.talk'] })),
    "ring 'app.ghost -> stack.talk' is no connection: list it under connections too",
  ],
  [
    'a ring into the kernel',
    but(({ domains: { bus: _bus, ...others } }) => ({
      domains: { ...others, kernel: ['bus'] },
      rings: ['driver.bus -> bus.talk'],
    })),
    "connection 'driver.bus -> bus.talk' cannot be a ring: rings connect two user domains",
  ],
  [
    'a ring within one domain',
    but(({ domains: { bus: _bus, supervisor: _supervisor, ...others } }) => ({
      domains: { ...others, kernel: ['bus', 'supervisor'] },
      rings: ['supervisor.bus -> bus.talk'],
    })),
    "connection 'supervisor.bus -> bus.talk' cannot be a ring: rings connect two user domains",
  ],
  // Authority: pd_missing_irq, pd_missing_mr, overlapping I/O ports, cap_mappings_*.
  [
    'a right that nobody asks for',
    but(({ authority }) => ({ authority: { ...authority, bus: { config: 'ecam', ghost: 'irq-control' } } })),
    "'bus' asks for no right 'ghost': it asks for config",
  ],
  [
    'a resource that the machine does not have',
    but(({ authority }) => ({ authority: { ...authority, bus: { config: 'floppy' as Resource } } })),
    "'floppy' is no resource of the machine: use one of ecam, pci-window, iommu-registers, irq-control",
  ],
  [
    'two owners of one device',
    {
      ...right((stage) => stage.actor('thief', { level: 5, rights: ['config'] })),
      domains: apart(...NAMES, 'thief'),
      authority: { bus: { config: 'ecam' }, supervisor: { 'child-0': 'domain:driver' }, thief: { config: 'ecam' } },
    },
    "'ecam' has two owners, 'bus' and 'thief': a device belongs to exactly one",
  ],
  [
    'a right that is needed and not granted',
    but(() => ({ authority: { supervisor: { 'child-0': 'domain:driver' } } })),
    "'bus' needs the right 'config': grant it under authority",
  ],
  // Memory: mr_size, mr_alignment, mr_overlap.
  ...[0, 3, 128, 0.5, -4, Number.NaN].map(
    (sizeMiB) =>
      [
        `a reservation of ${sizeMiB} MiB`,
        but(() => ({ reserve: { app: { sizeMiB } } })),
        `domain 'app' reserves ${sizeMiB} MiB: use a power of two from 1 to 64`,
      ] as const,
  ),
  ...[3, -4, 64, 0.5].map(
    (atMiB) =>
      [
        `a reservation of 4 MiB at ${atMiB}`,
        but(() => ({ reserve: { app: { sizeMiB: 4, atMiB } } })),
        `domain 'app' reserves 4 MiB at ${atMiB}: use a multiple of its size below 64`,
      ] as const,
  ),
  [
    'overlapping reservations',
    but(() => ({ reserve: { app: { sizeMiB: 4, atMiB: 4 }, stack: { sizeMiB: 1, atMiB: 7 } } })),
    "the memory of 'stack' overlaps that of 'app': move one of them",
  ],
  // Names of what is not there.
  [
    'a client that does not exist',
    but(({ connections }) => ({ connections: [...connections, 'ghost.stack -> stack.talk'] })),
    "connection 'ghost.stack -> stack.talk': no component 'ghost'; there are app, stack, driver, supervisor, bus",
  ],
  [
    'a server that does not exist',
    but(({ connections }) => ({
      connections: [...without(connections, 'app.stack -> stack.talk'), 'app.stack -> ghost.talk'],
    })),
    "connection 'app.stack -> ghost.talk': no component 'ghost'; there are app, stack, driver, supervisor, bus",
  ],
  [
    'authority for a component that does not exist',
    but(({ authority }) => ({ authority: { ...authority, ghost: {} } })),
    "authority names 'ghost', which is no component here: use one of app, stack, driver, supervisor, bus",
  ],
  [
    'a right to a domain that does not exist',
    but(({ authority }) => ({
      authority: { ...authority, supervisor: { 'child-0': 'domain:driver', 'child-1': 'domain:ghost' } },
    })),
    "'supervisor' is granted 'domain:ghost', but there is no such domain: use one of kernel, app, stack, driver, supervisor, bus",
  ],
  [
    'memory for a domain that does not exist',
    but(() => ({ reserve: { ghost: { sizeMiB: 1 } } })),
    "memory is reserved for 'ghost', which is no domain: use one of kernel, app, stack, driver, supervisor, bus",
  ],
];

describe('a wrong description is told in one line (DESIGN: assembler, three rules of levels)', () => {
  it.each(refused)('%s', (_what, description, line) => {
    expect(checkDescription(description)).toEqual([line]);
  });
  it('two contracts on one connection', () => {
    const description = right((stage) => stage.actor('mouse', { level: 5, servers: ['stack'], contract: 'whisper' }));
    expect(checkDescription({ ...description, domains: apart(...NAMES, 'mouse') })).toEqual([
      "connection 'mouse.stack -> stack.talk': the ends speak 'whisper' and 'talk'; both must speak one contract",
    ]);
  });
  it('every mistake is told, in the order of the description', () => {
    const description = right();
    const told = checkDescription({
      ...description,
      components: [...description.components, description.components[1]!],
      supervised: ['driver', 'kernel'],
      rings: ['app.ghost -> stack.talk'],
      authority: { supervisor: { 'child-0': 'domain:driver' } },
      reserve: { app: { sizeMiB: 3 } },
    });
    expect(told.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual(
      [
        "component 'stack' is",
        "the 'kernel' domain",
        "ring 'app.ghost -> ",
        "'bus' needs the",
        "domain 'app' reserves",
      ].map((start) => start.trim().split(' ').slice(0, 3).join(' ')),
    );
  });
});

describe('every refusal names its mend', () => {
  it.each(refused)('%s', (_what, description) => {
    for (const line of checkDescription(description)) expect(line).toMatch(/[:;] \S+/);
  });
});

describe('assemble', () => {
  it('throws what was found, with the name of the system', () => {
    const description = but(() => ({ reserve: { app: { sizeMiB: 3 } } }));
    expect(() => assemble(description)).toThrow(DescriptionError);
    expect(() => assemble(description)).toThrow(
      "system 'stage' cannot be assembled:\n  - domain 'app' reserves 3 MiB: use a power of two from 1 to 64",
    );
  });
  it('refuses a configuration that asks for a component that is not there', () => {
    const description = but(() => ({ config: ({ identity }) => ({ app: { peer: identity('ghost') } }) }));
    expect(() => assemble(description)).toThrow(/config names 'ghost', which is no component here/);
  });
  it('refuses domains that together want more than there is', () => {
    const description = but(() => ({ reserve: { app: { sizeMiB: 64 } } }));
    expect(() => assemble(description)).toThrow(DescriptionError);
    expect(() => assemble(description)).toThrow(
      /want more than the 64 MiB there are: '[a-z]+' \(\d+ MiB\) does not fit; reserve less/,
    );
  });
  it('refuses a domain whose promised memory does not hold its components', () => {
    const stage = new Stage();
    stage.actor('big', { level: 10, heapPages: 400 });
    const description = stage.description(apart('big'), { reserve: { big: { sizeMiB: 1 } } });
    expect(() => assemble(description)).toThrow(DescriptionError);
    expect(() => assemble(description)).toThrow(/'big' reserves 1 MiB, and its components want 2: reserve more/);
  });
});

/** Each case is one line of Microkit's negative tests for system descriptions that has a counterpart here. */
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
  it.fails("a component with the kernel's name", () => {
    const stage = new Stage();
    stage.actor('kernel', { level: 10 });
    expect(checkDescription(stage.description({ kernel: ['kernel'] }))).not.toEqual([]);
  });
  it.fails.each([-1, 0.5, Number.NaN])('mr_size: a heap of %d pages', (heapPages) => {
    const stage = new Stage();
    stage.actor('odd', { level: 10, heapPages });
    expect(checkDescription(stage.description(apart('odd')))).not.toEqual([]);
  });
});
