/**
 * The layer rules that `turbo boundaries` does not reach: it judges packages, this judges imports.
 *
 * Each rule has a planted violation in test/imports.test.ts. Paths are relative to the root of the tree.
 */
const PACKAGE = '^((?:packages/[^/]+|apps|tooling)/[^/]+)/';
/** Library code; `world` is left out of some rules because it is where the machine meets the host. */
const LIBRARY_SOURCE = '^packages/[^/]+/[^/]+/src/';
const HOSTLESS_SOURCE = '^packages/(base|datasheets|hardware|kernel|servers|system)/[^/]+/src/';

/** @type {import('dependency-cruiser').IConfiguration} */
const config = {
  forbidden: [
    {
      name: 'stay-in-the-package',
      comment: 'Another package is imported by its name, never by a path: its folder is its own business.',
      severity: 'error',
      from: { path: PACKAGE },
      to: { path: PACKAGE, pathNot: '^$1/', dependencyTypes: ['local', 'localmodule'] },
    },
    {
      name: 'no-cycles',
      comment: 'Files, and so packages, depend on one another in one direction.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'driver-not-its-device',
      comment: 'A device and its driver share a datasheet and nothing else.',
      severity: 'error',
      from: { path: '^packages/servers/' },
      to: { path: '^packages/(hardware|kernel/(?!abi/))' },
    },
    {
      name: 'kernel-not-a-device',
      comment: 'The kernel knows hardware by its ports, never by its make.',
      severity: 'error',
      from: { path: '^packages/kernel/' },
      to: { path: '^packages/(hardware/(?!ports/)|servers/)' },
    },
    {
      name: 'hardware-knows-no-software',
      comment: 'Hardware that knew its kernel would be a prop.',
      severity: 'error',
      from: { path: '^packages/hardware/' },
      to: { path: '^packages/(kernel|servers|system|world)/' },
    },
    {
      name: 'api-not-its-server',
      comment: 'A contract does not know who keeps it.',
      severity: 'error',
      from: { path: '^packages/servers/([^/]+)-api/' },
      to: { path: '^packages/servers/$1/' },
    },
    {
      name: 'server-not-another-server',
      comment:
        'Servers meet through contracts: only `-api` packages, the runtime, `connections` and `device-claim` are shared.',
      severity: 'error',
      from: { path: '^packages/servers/([^/]+)/' },
      to: { path: '^packages/servers/', pathNot: '^packages/servers/($1|runtime|connections|device-claim|[^/]+-api)/' },
    },
    {
      name: 'no-host-in-libraries',
      comment: 'A library runs anywhere: no Node built-ins. Ports bring time, chance and input.',
      severity: 'error',
      from: { path: HOSTLESS_SOURCE },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-host-clock',
      comment: 'Nothing in packages/ reads the host’s clock: time is simulated, and comes from a Clock.',
      severity: 'error',
      from: { path: LIBRARY_SOURCE },
      to: { path: '^(node:)?(timers(/promises)?|perf_hooks)$' },
    },
    {
      name: 'apps-are-leaves',
      comment: 'An app is imported by nobody; only the command loads descriptions.',
      severity: 'error',
      from: { path: '^(?!apps/cli/)((?:packages/[^/]+|apps|tooling)/[^/]+)/' },
      to: { path: '^apps/', pathNot: '^$1/' },
    },
    {
      name: 'sources-not-tests',
      comment: 'What is published does not lean on what is not.',
      severity: 'error',
      from: { path: '/src/' },
      to: { path: '^(packages|apps)/.*/(test|bench)/' },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.d.ts', '.d.mts'],
    },
  },
};

export default config;
