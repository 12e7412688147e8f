/** What newcomers do to the file that they copied from apps/multiserver, and what they are told. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const MULTISERVER = fileURLToPath(new URL('../../multiserver/src/index.ts', import.meta.url));
const COMPONENTS = 'web-server, net-stack, nic-driver, supervisor, iommu-driver, pci-bus-driver';
/** The copied file, with one thing replaced by another. */
export function mine(from: string | RegExp = '', to = ''): string {
  const copy = readFileSync(MULTISERVER, 'utf8').replace("name: 'multiserver'", "name: 'mine'");
  if (from === '') return copy;
  const edited = copy.replace(from, to);
  if (edited === copy) throw new Error(`${from} does not stand in the copied file`);
  return edited;
}

/** The copied file, where config tells somebody something else. */
const told = (configs: string): string =>
  mine('iommu:', `config: (facts) => ({ ...parts.config(facts), ${configs} }), iommu:`);

/** What the newcomer did, the name of the file, what stands in it, and what is said: `FILE` is the path that was given. */
export const SLIPS: readonly (readonly [what: string, file: string, text: string, line: string | RegExp])[] = [
  [
    'misspelt a component',
    'name.ts',
    mine("['net-stack']", "['netstack']"),
    `system 'mine' cannot be assembled: domain 'net-stack' holds 'netstack', which is no component here: use one of ${COMPONENTS}`,
  ],
  [
    'put two components into one domain',
    'level.ts',
    mine(/'net-stack': \['net-stack'\],\s+'web-server': \['web-server'\]/, "app: ['net-stack', 'web-server']"),
    "system 'mine' cannot be assembled: domain 'app' holds 2 components and is one thread: state its level under levels, 20 or more",
  ],
  [
    'misspelt a field',
    'field.ts',
    mine('iommu:', 'level: { app: 20 }, iommu:'),
    "'FILE' is no description: there is no 'level' in a description: did you mean levels?",
  ],
  [
    'forgot the supervisor’s right',
    'right.ts',
    mine(/ {2}authority: .*\n/),
    "system 'mine' cannot be assembled: nobody may start the supervised domain 'nic-driver': give a supervisor the right, as authority: { supervisor: { 'child-0': 'domain:nic-driver' } }",
  ],
  [
    'forgot a domain',
    'domain.ts',
    mine("'web-server': ['web-server'],"),
    "system 'mine' cannot be assembled: component 'web-server' is in no domain: add it to one of kernel, pci-bus-driver, iommu-driver, supervisor, nic-driver, net-stack",
  ],
  [
    'supervised what the supervisor is not told of',
    'child.ts',
    mine(/nic-driver' \} \},([\s\S]*)supervised: \['nic-driver'\]/, "net-stack' } },$1supervised: ['net-stack']"),
    "system 'mine' cannot be assembled: 'supervisor' may start 'domain:net-stack', and its config lists no child 'child-0': list it under children, or take the domain out of authority and supervised",
  ],
  ...([
    ['nothing', 'nameless.ts', '', "''"],
    ['a list', 'comma.ts', 'mine,yours', "'mine,yours'"],
    ['a path', 'slash.ts', '../mine', "'../mine'"],
    ['two lines', 'lines.ts', 'mi\\nne', 'a text of several lines'],
  ].map(([what, file, name, shown]) => [
    `gave ${what} for a name`,
    file,
    mine("name: 'mine'", `name: '${name}'`),
    `'FILE' is no description: name is ${shown}: use letters, digits, '-' and blanks`,
  ]) as [string, string, string, string][]),
  [
    'misspelt a field of a program',
    'program.ts',
    mine(
      'iommu:',
      "programs: { p: { domain: 'web-server', priority: 5, budgetUs: 1, periodUs: 2, memorybits: 12, code: () => function* () {} } }, iommu:",
    ),
    "'FILE' is no description: programs.p has no 'memorybits': use domain, priority, budgetUs, periodUs, calls, memoryBits, schedControl, code",
  ],
  [
    'gave a parameter of another kind',
    'kind.ts',
    mine('iommu:', "config: (facts) => ({ ...parts.config(facts), 'web-server': { port: 'eighty' } }), iommu:"),
    "system 'mine' cannot be assembled: config sets 'port' of 'web-server' to a string: give a number",
  ],
  [
    'named a network card that is none',
    'card.ts',
    mine('webService()', "webService({ nic: 'e1000' })"),
    /^'FILE' cannot be loaded, mend line \d+: there is no network card 'e1000': use one of intel-82574, virtio-net$/,
  ],
  [
    'misspelt an option of the parts',
    'option.ts',
    mine('webService()', "webService({ nics: 'virtio-net' })"),
    /^'FILE' cannot be loaded, mend line \d+: webService has no 'nics': use one of title, applications, nic$/,
  ],
  [
    'wrote JSON',
    'description.json',
    '{ "name": "mine" }',
    "'FILE' is no module: a description is a .ts or .js file, with a default export",
  ],
  [
    'exported it by name',
    'named.ts',
    mine('export default', 'export {').replace(/multiserver;\n$/, 'multiserver };\n'),
    "'FILE' has no default export: add 'export default multiserver;'",
  ],
  [
    'exported a function',
    'function.ts',
    mine('export default', 'export default () =>'),
    "the default export of 'FILE' is a function: export the description itself",
  ],
  [
    'exported nothing',
    'nothing.ts',
    'export {};',
    "'FILE' has no default export: put 'export default' before the description",
  ],
  ['wrote nothing', 'empty.ts', '', "'FILE' is no description: it has none of the fields: make it with system({ … })"],
  [
    'exported something else',
    'other.ts',
    'export default {};',
    "'FILE' is no description: it has none of the fields: make it with system({ … })",
  ],
  [
    'forgot a comma',
    'syntax.ts',
    mine("'translating',", "'translating'"),
    /^'FILE' cannot be loaded, mend line \d+: syntax error: Expected ','/,
  ],
  [
    'used a name that is not there',
    'undefined.ts',
    mine("'translating'", 'translating'),
    /^'FILE' cannot be loaded, mend line \d+: translating is not defined$/,
  ],
  [
    'imported from a package that is not there',
    'package.ts',
    mine('@bulkhead/parts', '@bulkhead/part'),
    "'FILE' cannot be loaded, mend the module: Cannot find package '@bulkhead/part'",
  ],
  [
    'imported a name that is not there',
    'import.ts',
    mine('{ webService }', '{ webservice as webService }'),
    /^'FILE' cannot be loaded, mend line \d+: syntax error: The requested module '@bulkhead\/parts' does not provide an export named 'webservice'$/,
  ],
  [
    'chose a mode that is none',
    'mode.ts',
    mine("'translating'", "'on'"),
    "'FILE' is no description: iommu is 'on': use 'off', 'bare' or 'translating'",
  ],
  [
    'wrote a component for its name',
    'object.ts',
    mine("['net-stack']", "[parts.components.find(({ name }) => name === 'net-stack')]"),
    "'FILE' is no description: domains.net-stack[0] is an object: write the component's name, in quotes: 'net-stack'",
  ],
  [
    'wrote a name for a list',
    'list.ts',
    mine("supervised: ['nic-driver']", "supervised: 'nic-driver'"),
    "'FILE' is no description: supervised is 'nic-driver': write a list, in square brackets",
  ],
  [
    'listed a component by its name',
    'components.ts',
    mine('...parts,', "...parts, components: [...parts.components, 'web-server'],"),
    "'FILE' is no description: components[6] is 'web-server': list the component itself, imported from its package",
  ],
  [
    'left the parts out',
    'parts.ts',
    mine('...parts,'),
    "'FILE' is no description: components, connections, config are missing: add them, or spread what has them, such as ...webService()",
  ],
  [
    'turned a ring round',
    'ring.ts',
    mine('iommu:', "rings: ['net-stack.sockets -> web-server.net'], iommu:"),
    "system 'mine' cannot be assembled: ring 'net-stack.sockets -> web-server.net' is no connection: write it as it stands there, 'web-server.net -> net-stack.sockets'",
  ],
  [
    'gave a parameter that is none',
    'parameter.ts',
    mine('iommu:', "config: () => ({ 'web-server': { prot: 80 } }), iommu:"),
    "system 'mine' cannot be assembled: 'web-server' has no parameter 'prot': use one of port, title, pages, idleTimeoutUs",
  ],
  [
    'gave a port that is none',
    'port.ts',
    told("'web-server': { port: 99999 }"),
    "system 'mine' cannot be assembled: config sets 'port' of 'web-server' to 99999: give a whole number from 1 to 65535",
  ],
  [
    'gave an address that is none',
    'address.ts',
    told("'net-stack': { address: '1.2.3' }"),
    "system 'mine' cannot be assembled: config sets 'address' of 'net-stack' to '1.2.3': give an IPv4 address such as 10.0.2.15",
  ],
  [
    'gave a page without its slash',
    'pages.ts',
    told("'web-server': { pages: { index: { type: 'text/plain', body: '' } } }"),
    "system 'mine' cannot be assembled: config sets 'pages' of 'web-server' to an object: give pages by paths that begin with '/'",
  ],
  [
    'put in a card that nobody drives',
    'undriven.ts',
    mine('iommu:', "nicModels: ['virtio-net'], iommu:"),
    "system 'mine' cannot be assembled: 'nic-driver' drives 'intel-82574', of which there is none for it on the board: name it in nicModels, or put the driver of 'virtio-net' in its place",
  ],
  [
    'told a driver of another card',
    'other-card.ts',
    told("'nic-driver': { vendorDevice: 0x10411af4 }"),
    "system 'mine' cannot be assembled: config sets 'vendorDevice' of 'nic-driver' to 272702196: give 0x10d38086, an Intel 82574L, which alone it drives",
  ],
  [
    'told the supervisor of another card',
    'claim.ts',
    told(
      "supervisor: { children: [{ domainRight: 'child-0', component: facts.identity('nic-driver'), vendorDevice: 0x10411af4 }] }",
    ),
    "system 'mine' cannot be assembled: config tells 'supervisor' that 'nic-driver' drives 1af4:1041, and itself that it drives 8086:10d3: tell both the same",
  ],
  [
    'misspelt a field that a budget must have',
    'budget.ts',
    mine('budgetUs: 4000', 'budgetus: 4000'),
    "'FILE' is no description: budgets.nic-driver has no 'budgetus': use budgetUs and periodUs",
  ],
  [
    'named a domain as no object may be',
    'proto.ts',
    mine('domains: {', "domains: { __proto__: ['net-stack'],"),
    "'FILE' is no description: domains is no object of names alone: write it in braces, and name nothing '__proto__'",
  ],
  [
    'made config wait',
    'async.ts',
    mine('iommu:', 'config: async (facts) => parts.config(facts), iommu:'),
    "system 'mine' cannot be assembled: config gives a promise: return the object itself, without async",
  ],
  [
    'gave parameters to a component that is none',
    'config.ts',
    mine('iommu:', "config: () => ({ 'web-sever': { port: 80 } }), iommu:"),
    `system 'mine' cannot be assembled: config names 'web-sever', which is no component here: use one of ${COMPONENTS}`,
  ],
];
