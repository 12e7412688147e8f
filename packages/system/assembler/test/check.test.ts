import { describe, expect, it } from 'vitest';
import { assemble, checkDescription, type Description, DescriptionError, type Resource } from '../src/index.ts';
import { but, changed, connection, NAMES, right, without } from './right.ts';
import { apart, Stage } from './stage.ts';

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
    "domain 'stack' holds 2 components and is one thread: state its level under levels, 20 or more",
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
    "nobody may start the supervised domain 'driver': give a supervisor the right, as authority: { supervisor: { 'child-0': 'domain:driver' } }",
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
    but(() => ({ rings: ['app.ghost -> bus.talk'] })),
    "ring 'app.ghost -> bus.talk' is no connection: list it under connections too",
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
    'a right for who asks for none',
    but(({ authority }) => ({ authority: { ...authority, app: { ghost: 'irq-control' } } })),
    "'app' asks for no right 'ghost': it asks for none",
  ],
  [
    'a resource that the machine does not have',
    but(({ authority }) => ({ authority: { ...authority, bus: { config: 'floppy' as Resource } } })),
    "'floppy' is no resource of the machine: use one of ecam, pci-window, pci-io, iommu-registers, irq-control, or 'domain:…' of a domain",
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
  // Limits and budgets.
  [
    'a limit of a component that does not exist',
    but(() => ({ limits: { ghost: 10 } })),
    "limits names 'ghost', which is no component here: use one of app, stack, driver, supervisor, bus",
  ],
  [
    'a limit that is no time',
    but(() => ({ limits: { app: 0.5 } })),
    "limits gives 'app' 0.5 us: use a whole number from 1 to 3600000000",
  ],
  [
    "a limit of a component's own that is no time",
    changed('app', { limitUs: 0 }),
    "'app' has a limit of 0 us: use a whole number from 1 to 3600000000",
  ],
  [
    'a budget of a component that does not exist',
    but(() => ({ budgets: { ghost: { budgetUs: 10, periodUs: 20 } } })),
    "budgets names 'ghost', which is no component here: use one of app, stack, driver, supervisor, bus",
  ],
  [
    'a budget that is no time',
    but(() => ({ limits: { app: 5 }, budgets: { app: { budgetUs: Number.NaN, periodUs: 20 } } })),
    "budgets gives 'app' NaN us of every 20: use whole numbers from 1 to 3600000000",
  ],
  [
    'a patience that is no time',
    but(() => ({ patience: { interruptUs: 0 } })),
    'patience gives 0 for interruptUs: use a whole number from 1 to 3600000000',
  ],
  [
    'a patience with what there is not',
    but(() => ({ patience: { forEver: 1 } as object })),
    "patience names 'forEver': use one of interruptUs, budgetPeriods",
  ],
  [
    'a budget of the whole period',
    but(() => ({ limits: { app: 5 }, budgets: { app: { budgetUs: 20, periodUs: 20 } } })),
    "budgets gives 'app' 20 us of every 20: give less than the period, or no budget",
  ],
  [
    'a budget without a limit',
    but(() => ({ budgets: { app: { budgetUs: 10, periodUs: 20 } } })),
    "'app' has a budget and no limit: give it one under limits",
  ],
  [
    'a budget that holds no handler',
    but(() => ({ limits: { app: 11 }, budgets: { app: { budgetUs: 10, periodUs: 20 } } })),
    "'app' has a limit of 11 us, and a budget of 10 holds no handler: give a larger budget",
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
