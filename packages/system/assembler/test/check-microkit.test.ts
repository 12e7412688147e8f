/**
 * Every group of the negative tests of Microkit's tool (tool/microkit/tests/sdf), by its own names: what has a
 * counterpart in our descriptions is a test here; what has none is listed at its group, with the reason.
 */
import { describe, expect, it } from 'vitest';
import { assemble, checkDescription, type Description, DescriptionError, type Resource } from '../src/index.ts';
import { but, changed, connection, NAMES, one, right, without } from './right.ts';
import { apart, Stage } from './stage.ts';

const refuses = (description: Description, ...lines: readonly string[]): void => {
  expect(checkDescription(description)).toEqual(lines);
};

/*
 * Not expressible: ch_id_less_than_0, ch_id_not_a_number, ch_missing_id, ch_invalid_element, ch_end_invalid_pp,
 * ch_end_invalid_notify: a connection is a line of two names; the assembler numbers it, and which end may call or cast
 * follows from the contract. ch_invalid_attrs: the same line.
 */
describe('ch: channels', () => {
  it('ch_ppcall_priority: a call to a lower level', () =>
    refuses(
      but(({ connections }) => ({
        connections: [...without(connections, 'driver.bus -> bus.talk'), 'driver.bus -> stack.talk'],
      })),
      "connection 'driver.bus -> stack.talk' goes from level 30 to level 20: a client calls strictly upward; raise 'stack' or swap the ends",
    ));
  it('ch_bidirectional_ppc: two components that call each other; one of the two calls goes down', () => {
    const stage = new Stage();
    stage.actor('a', { level: 10, servers: ['b'] });
    stage.actor('b', { level: 20, servers: ['a'] });
    refuses(
      stage.description(apart('a', 'b')),
      "connection 'b.a -> a.talk' goes from level 20 to level 10: a client calls strictly upward; raise 'a' or swap the ends",
    );
  });
  it('ch_bidirectional_ppc: a circle of calls, however long, goes down somewhere', () => {
    const stage = new Stage();
    stage.actor('a', { level: 10, servers: ['b'] });
    stage.actor('b', { level: 20, servers: ['c'] });
    stage.actor('c', { level: 30, servers: ['a'] });
    expect(checkDescription(stage.description(apart('a', 'b', 'c')))).toHaveLength(1);
  });
  it('ch_bidirectional_ppc: inside one thread too', () => {
    const stage = new Stage();
    stage.actor('a', { level: 10, servers: ['b'] });
    stage.actor('b', { level: 20, servers: ['a'] });
    expect(checkDescription(stage.description({ kernel: [], both: ['a', 'b'] }, { levels: { both: 20 } }))).toEqual([
      "connection 'b.a -> a.talk' goes from level 20 to level 10: a client calls strictly upward; raise 'a' or swap the ends",
    ]);
  });
  it('ch_invalid_pd: an end that is no component', () =>
    refuses(
      but(({ connections }) => ({ connections: [...connections, 'ghost.stack -> stack.talk'] })),
      "connection 'ghost.stack -> stack.talk': no component 'ghost'; there are app, stack, driver, supervisor, bus",
    ));
  it.each(['app.stack', 'app.stack ->', '-> stack.talk', 'app -> stack'])('ch_not_enough_ends: %s', (text) =>
    refuses(
      but(({ connections }) => ({ connections: [...connections, connection(text)] })),
      `connection '${text}' cannot be read: write 'client.port -> server.port'`,
    ),
  );
  it.each(['app.stack -> stack.talk -> driver.talk', 'app.stack -> stack.talk, bus.talk'])(
    'ch_too_many_ends: %s',
    (text) =>
      refuses(
        but(({ connections }) => ({ connections: [...connections, connection(text)] })),
        `connection '${text}' cannot be read: write 'client.port -> server.port'`,
      ),
  );
  it('ch_id_greater_than_62: more sources of casts than a notification word has bits', () => {
    const stage = new Stage();
    stage.actor('busy', { level: 10, servers: Array.from({ length: 17 }, (_, i) => `s${i}`) });
    for (let i = 0; i < 17; i++) stage.actor(`s${i}`, { level: 20 });
    refuses(
      stage.description({ kernel: Object.keys(stage.acts) }),
      "'busy' would hear from 17 connections: 16 are the most, divide its work",
    );
  });
  it('ch_id_greater_than_62: casts that run at once need no bit, those through a ring do', () => {
    const stage = new Stage();
    const clients = Array.from({ length: 17 }, (_, i) => `c${i}`);
    for (const name of clients) stage.actor(name, { level: 10, servers: ['busy'] });
    stage.actor('busy', { level: 20 });
    const description = stage.description(apart(...clients, 'busy'));
    refuses(description);
    refuses(
      { ...description, rings: description.connections },
      "'busy' would hear from 17 connections: 16 are the most, divide its work",
    );
  });
});

/*
 * Not expressible: mr_missing_name, mr_invalid_attrs: a region is a field of a component's definition, which TypeScript
 * reads. mr_overlapping_phys_addr of regions: the kernel makes regions from the domain's own memory; only domains have
 * places. mr_prefill_*: no region is filled from a file.
 */
describe('mr: memory regions', () => {
  const region = (sizeBits: number, count: number): Description =>
    changed('app', { regions: { own: { sizeBits: sizeBits as 12, count } } });
  it.each([0, 11, 13, 30, 12.5, Number.NaN])('mr_unsupported_page_size: frames of 2^%d bytes', (sizeBits) =>
    refuses(
      region(sizeBits, 1),
      `region 'own' of 'app' is 1 frames of 2^${sizeBits} bytes: use 12 or 21, and at least one`,
    ),
  );
  it.each([0, -1, 1.5, Number.NaN])('mr_malformed_size, mr_missing_size: %d frames', (count) =>
    refuses(
      region(12, count),
      `region 'own' of 'app' is ${count} frames of 2^12 bytes: use 12 or 21, and at least one`,
    ),
  );
  it.each([0, 3, 128, 0.5])('mr_size_not_multiple_of_page_size: a reservation of %d MiB', (sizeMiB) =>
    refuses(
      but(() => ({ reserve: { app: { sizeMiB } } })),
      `domain 'app' reserves ${sizeMiB} MiB: use a power of two from 1 to 64`,
    ),
  );
  it('mr_addr_not_aligned_to_page_size: a reservation that is not aligned to its size', () =>
    refuses(
      but(() => ({ reserve: { app: { sizeMiB: 4, atMiB: 6 } } })),
      "domain 'app' reserves 4 MiB at 6: use a multiple of its size below 64",
    ));
  it('mr_overlapping_phys_addr: two reservations', () =>
    refuses(
      but(() => ({ reserve: { app: { sizeMiB: 4, atMiB: 4 }, stack: { sizeMiB: 1, atMiB: 7 } } })),
      "the memory of 'stack' overlaps that of 'app': move one of them",
    ));
  it.each([-1, 0.5, Number.NaN])('mr_malformed_size: a heap of %d pages', (heapPages) =>
    refuses(changed('app', { heapPages }), `'app' asks for ${heapPages} pages of heap: use a whole number, 0 or more`),
  );
  it('mr_size: a region that is said to be shared on a port that is none', () =>
    refuses(
      changed('app', { shares: { ghost: { sizeBits: 12, count: 1 } } }),
      "'app' shares a region on 'ghost', which is no port of it: name one of its ports",
    ));
  it('mr_size: both ends say how large the region is that they share', () => {
    const stage = new Stage();
    stage.actor('client', { level: 10, servers: ['server'], shares: ['server'] });
    stage.actor('server', { level: 20, shares: ['talk'] });
    refuses(
      stage.description(apart('client', 'server')),
      "connection 'client.server -> server.talk': both ends say how large their shared region is; let one of them",
    );
  });
});

/*
 * Not expressible: pd_missing_program_image, pd_missing_path, pd_duplicate_program_image, pd_program_image_invalid_attrs:
 * a component's program is its `create`. pd_missing_mr, pd_missing_vaddr, pd_overlapping_maps, pd_write_only_mr:
 * the loader maps every region once, readable and writable, where it chooses. pd_missing_symbol, pd_duplicate_setvar,
 * pd_setvar_*: parameters go by `config` (check-config.test.ts). pd_small_stack_size, pd_unaligned_stack_size: native
 * components have the host's stack. pd_invalid_cpu: there is one hart.
 * pd_overlapping_x86_io_ports_*, pd_invalid_x86_io_port_size, pd_cap_mappings_smc_*: no port I/O and no secure monitor
 * on RISC-V. pd_missing_id, pd_missing_irq, pd_parent_has_id, pd_child_missing_id: ids are the assembler's.
 */
describe('pd: protection domains', () => {
  it.each([0, 250, 256, 10.5, -1, Number.NaN])('pd_invalid_priority: a component of level %d', (level) =>
    refuses(one({ level }), `'low' has level ${level}: use a whole number from 1 to 249`),
  );
  it('pd_budget_gt_period: a budget of more than its period', () =>
    refuses(
      but(() => ({ limits: { app: 5 }, budgets: { app: { budgetUs: 1001, periodUs: 1000 } } })),
      "budgets gives 'app' 1001 us of every 1000: give less than the period, or no budget",
    ));
  it('pd_missing_name: a component without a name', () =>
    refuses(one({ name: '' }), "'' cannot name a component: use letters, digits and '-'"));
  it('pd_duplicate_child_id: two supervisors of one domain', () => {
    const description = right((stage) => stage.actor('rival', { level: 41, rights: ['child-0'] }));
    const authority = { ...description.authority, rival: { 'child-0': 'domain:driver' as const } };
    refuses(
      { ...description, domains: apart(...NAMES, 'rival'), authority },
      "'domain:driver' has two supervisors, 'supervisor' and 'rival': leave it to one",
    );
  });
  it('pd_duplicate_child_id: one child under two numbers', () =>
    refuses(
      but(({ authority }) => ({
        authority: { ...authority, supervisor: { 'child-0': 'domain:driver', 'child-1': 'domain:driver' } },
      })),
      "'supervisor' is granted 'domain:driver' twice: grant it once",
    ));
  it('pd_child_missing_id: children that are not numbered from 0', () =>
    refuses(
      but(({ authority }) => ({ authority: { ...authority, supervisor: { 'child-1': 'domain:driver' } } })),
      "'supervisor' is granted 1 children, and none as 'child-0': number them from 0",
    ));
  it('pd_cap_mappings_invalid_pd_ref: a right to a domain that does not exist', () =>
    refuses(
      but(({ authority }) => ({
        authority: { ...authority, supervisor: { 'child-0': 'domain:driver', 'child-1': 'domain:ghost' } },
      })),
      "'supervisor' is granted 'domain:ghost', but there is no such domain: use one of kernel, app, stack, driver, supervisor, bus",
    ));
  it("pd_cap_mappings_invalid: the right to end the kernel's domain", () => {
    const authority = {
      bus: { config: 'ecam' },
      supervisor: { 'child-0': 'domain:driver', 'child-1': 'domain:kernel' },
    } as const;
    refuses(
      { ...right(), domains: { ...apart(...without(NAMES, 'bus')), kernel: ['bus'] }, authority },
      "'supervisor' is granted 'domain:kernel': nothing would be left to start it again; take the right away",
    );
  });
  it('pd_cap_mappings_invalid_parameter, cap_mappings_slot_invalid: a right that nobody asks for', () =>
    refuses(
      but(({ authority }) => ({ authority: { ...authority, bus: { config: 'ecam', ghost: 'irq-control' } } })),
      "'bus' asks for no right 'ghost': it asks for config",
    ));
  it('pd_cap_mappings_src_not_specified: a right that is needed and not granted', () =>
    refuses(
      but(() => ({ authority: { supervisor: { 'child-0': 'domain:driver' } } })),
      "'bus' needs the right 'config': grant it under authority",
    ));
  it('pd_cap_mappings_invalid_cnode_ref: authority for a component that does not exist', () =>
    refuses(
      but(({ authority }) => ({ authority: { ...authority, ghost: {} } })),
      "authority names 'ghost', which is no component here: use one of app, stack, driver, supervisor, bus",
    ));
  it('pd_cap_mappings_overlapping: one device under two names', () => {
    const description = changed('bus', { rights: ['config', 'second'] });
    refuses(
      { ...description, authority: { ...description.authority, bus: { config: 'ecam', second: 'ecam' } } },
      "'bus' is granted 'ecam' twice: grant it once",
    );
  });
  it('pd_missing_mr: a resource that the machine does not have', () =>
    refuses(
      but(({ authority }) => ({ authority: { ...authority, bus: { config: 'floppy' as Resource } } })),
      "'floppy' is no resource of the machine: use one of ecam, pci-window, pci-io, iommu-registers, irq-control, or 'domain:…' of a domain",
    ));
});

/*
 * Not expressible: sys_duplicate_irq_number, sys_duplicate_irq_id, irq_*: no description names an interrupt; the PCI-bus
 * driver gives identities away while the system runs, and the kernel refuses one that is taken. sys_map_*: as
 * pd_missing_mr. sys_duplicate_mr_name: regions are keys of an object. sys_text_elements: a description is no XML; what
 * has not the shape of one is told by the command (apps/cli/test/own-system.test.ts).
 */
describe('sys: the whole', () => {
  it('sys_duplicate_pd_name: one component twice', () =>
    refuses(
      but(({ components }) => ({ components: [...components, components[0]!, components[0]!] })),
      "component 'app' is listed twice: list each component once",
    ));
  it('sys_duplicate_pd_name: two components of one name', () =>
    refuses(
      but(({ components }) => ({ components: [...components, { ...components[0]! }] })),
      "two components are named 'app': give one of them another name, with named()",
    ));
  it('sys_no_protection_domains: no component', () =>
    refuses(new Stage().description({ kernel: [] }), 'a system needs a component: list one under components'));
  it('sys_too_many_pds: more domains than memory for each', () => {
    const stage = new Stage();
    const names = Array.from({ length: 65 }, (_, i) => `c${i}`);
    for (const name of names) stage.actor(name, { level: 10 });
    const [line, ...more] = checkDescription(stage.description(apart(...names)));
    expect(more).toEqual([]);
    expect(line).toMatch(
      /^the domains want more than the 64 MiB there are: 'c\d+' \(1 MiB\) does not fit; reserve less$/,
    );
  });
  it('sys_too_many_pds: as many as there is memory for are assembled', () => {
    const stage = new Stage();
    const names = Array.from({ length: 63 }, (_, i) => `c${i}`);
    for (const name of names) stage.actor(name, { level: 10 });
    const description = stage.description(apart(...names));
    refuses(description);
    expect(assemble(description).kernel.domains).toHaveLength(64);
  });
});

/*
 * domain_* are scheduling domains and vm_* virtual machines: neither is built. Of iommu_*, what a device may reach is
 * asked for while the system runs (`@bulkhead/iommu-driver`); a description states the mode alone.
 */
describe('iommu', () => {
  it.each(['on', '', undefined])('iommu_missing_from_config: a mode of %s', (mode) =>
    refuses(
      but(() => ({ iommu: mode as 'bare' })),
      `iommu is '${mode}': use 'off', 'bare' or 'translating'`,
    ),
  );
  it('iommu_duplicate_device: two owners of the IOMMU', () => {
    const description = right((stage) => {
      stage.actor('iommu', { level: 50, rights: ['registers'] });
      stage.actor('rival', { level: 51, rights: ['registers'] });
    });
    const given = { registers: 'iommu-registers' } as const;
    refuses(
      {
        ...description,
        domains: apart(...NAMES, 'iommu', 'rival'),
        authority: { ...description.authority, iommu: given, rival: given },
      },
      "'iommu-registers' has two owners, 'iommu' and 'rival': a device belongs to exactly one",
    );
  });
});

describe('assemble refuses the same', () => {
  it('as a DescriptionError, before anything is built', () => {
    expect(() => assemble(one({ level: 0 }))).toThrow(DescriptionError);
  });
});
