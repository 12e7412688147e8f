/**
 * How each edge of an audit is shown: by a directed attack along it, or not at all, and why not. It follows from the
 * audit alone. The package's tests run these attacks along every edge of systems of eight shapes, and hold that they
 * show exactly the edges that are said to be shown here.
 *
 * What has no end that could act is shown by an effect through it: that a component runs in a domain, by a load through
 * the domain's page tables; what physical memory contains, by a store to a physical address; whose state tables and
 * rights hold, by writing over them; whose data a queue carries, by spoiling what waits there.
 */
import { KERNEL_DOMAIN } from '@bulkhead/assembler';
import {
  type Audit,
  type AuditEdge,
  type AuditNode,
  CONFIGURATION_SPACE,
  domainId,
  INTERRUPT_FILE,
  IOMMU,
  KERNEL,
  KERNEL_MEMORY,
  membersOf,
  type Verb,
  WIRE,
} from './model.ts';

/** What each attack does, and what must be seen for it to count. */
export const ATTACKS = {
  load: 'A component loads a word that was planted there, through the address space in which it stands.',
  store: 'A component stores a word, through the address space in which it stands, and it stands there.',
  exchange: 'One end of a connection stores a word in the region they share, and the other end loads it.',
  program: 'A component stores to a register, and the device has it; or no longer answers, where it was told not to.',
  transmit: 'The driver gives its device the address as a frame to send, and the words from there are on the wire.',
  receive: 'The driver gives its device the address to receive into, and a frame from the wire stands there.',
  fence:
    'The IOMMU driver queues fences that store a word at a physical address, and it stands there, or has its effect.',
  forge: 'The driver has its device receive a frame into the interrupt file, and whoever bound that identity is told.',
  call: 'A component calls, and the handler at the other end runs with its words and its name; or the kernel acts.',
  cast: 'A component casts, and the handler at the other end runs with its words; spoilt in the queue, it does not.',
  signal: 'A component casts through a ring or an outbox, and its right to the notification is what wakes the other.',
  take: 'A component asks for what nobody has, and has it.',
  end: 'A component ends a domain by its right to it.',
  start: 'A component starts a domain that ended by its right to it.',
  revoke: 'A component revokes what it lent, and the borrower ends at its next access.',
  hog: 'A component does not give the hart back, and the other misses its alarm.',
  overwrite: 'The memory is written over, and what it decided is decided otherwise.',
} as const;
export type Attack = keyof typeof ATTACKS;

type Verdict = { readonly shown: true; readonly attack: Attack } | { readonly shown: false; readonly reason: string };
export type Showing = { readonly edge: AuditEdge } & Verdict;

/** @returns for each edge of the audit, in its order, the attack that shows it, or why none does. */
export function shownBy(audit: Audit): Showing[] {
  const nodes = new Map(audit.nodes.map((node) => [node.id, node]));
  return audit.edges.map((edge) => ({
    edge,
    ...RULES[edge.verb]({ audit, edge, from: nodes.get(edge.from)!, to: nodes.get(edge.to)! }),
  }));
}

interface Question {
  readonly audit: Audit;
  readonly edge: AuditEdge;
  readonly from: AuditNode;
  readonly to: AuditNode;
}
type Rule = (question: Question) => Verdict;

const by = (attack: Attack): Verdict => ({ shown: true, attack });
const not = (reason: string): Verdict => ({ shown: false, reason });

const NO_STAND_IN: Verdict = not(
  "no component stands in the kernel's domain, and none can stand in for the kernel; the live audit reads the mapping off its page tables",
);
const PRIVILEGE: Verdict = not('the kernel is the privileged mode itself: no component can stand in for it');
const GATES: Verdict = not(
  'the runtime gives a component the gates of its own connections only; that all of the domain may use them follows from their one capability space',
);
const OWN_MEMORY: Verdict = not(
  "much of it stands for code and state that the host keeps, and what a component makes of a changed word is its program's affair: no effect can be foretold",
);
const NO_RIGHTS_USED: Verdict = not(
  'it asks nothing of the kernel and calls nobody by a capability: no right that it uses is in there',
);
const NO_KERNEL_PORT: Verdict = not(
  'no component there can ask the kernel about a right of its choice: a forged one would not be looked at',
);
const NO_IOMMU_DRIVER: Verdict = not('nobody in this system programs the IOMMU');
const NO_BUS_DRIVER: Verdict = not('nobody in this system reaches PCI configuration space');
const NO_DRIVER: Verdict = not('nobody in this system drives the card');

const always =
  (attack: Attack): Rule =>
  () =>
    by(attack);
const byKernelOr =
  (attack: Attack): Rule =>
  ({ audit, edge }) =>
    edge.from === domainId(KERNEL_DOMAIN) && !isPeopled(audit) ? NO_STAND_IN : by(attack);
/** A gate is a component's; what its domain can do with it is told of the domain. */
const throughGate =
  (attack: Attack): Rule =>
  ({ from }) =>
    from.kind === 'domain' ? GATES : by(attack);
const isProgrammed = ({ edges }: Audit, device: string): boolean =>
  edges.some(({ verb, to }) => verb === 'programs' && to === device);
const byIommu = ({ audit }: Question, attack: Attack): Verdict =>
  isProgrammed(audit, IOMMU) ? by(attack) : NO_IOMMU_DRIVER;
const byCard = ({ audit }: Question, attack: Attack): Verdict => (hasDriver(audit) ? by(attack) : NO_DRIVER);

const RULES: Readonly<Record<Verb, Rule>> = {
  'runs-in': ({ from }) => (from.id === KERNEL ? PRIVILEGE : by('load')),
  reads: byKernelOr('load'),
  writes: byKernelOr('store'),
  contains: (question) => byIommu(question, question.to.id === IOMMU ? 'program' : 'fence'),
  programs: ({ audit, from }) =>
    from.id !== CONFIGURATION_SPACE || isProgrammed(audit, from.id) ? by('program') : NO_BUS_DRIVER,
  'dma-reads': (question) => (question.from.id === IOMMU ? byIommu(question, 'fence') : byCard(question, 'transmit')),
  'dma-writes': (question) => (question.from.id === IOMMU ? byIommu(question, 'fence') : byCard(question, 'receive')),
  'holds-state-of': stateRule,
  'carries-data-of': ({ from }) => by(from.id.startsWith('shared region of ') ? 'exchange' : 'cast'),
  calls: throughGate('call'),
  casts: throughGate('cast'),
  signals: always('signal'),
  interrupts: (question) => (question.from.id === IOMMU ? byIommu(question, 'fence') : byCard(question, 'forge')),
  takes: always('take'),
  ends: always('end'),
  starts: always('start'),
  revokes: always('revoke'),
  stalls: always('hog'),
  'exchanges-frames-with': (question) => byCard(question, question.from.id === WIRE ? 'receive' : 'transmit'),
};

/** Tables and rights are looked up by the MMU and the kernel; own memory by a program. */
function stateRule(question: Question): Verdict {
  const { audit, from, to } = question;
  // An interrupt has to come for the kernel to look up whose it is; the IOMMU sends it.
  if (from.id === KERNEL_MEMORY) return byIommu(question, 'overwrite');
  if (from.id.startsWith('page tables of ')) return by('overwrite');
  if (!from.id.startsWith('capability space of ')) return OWN_MEMORY;
  const members = membersOf(audit).filter(({ domain }) => domain === from.domain);
  if (to.id === KERNEL) return members.some((member) => callsKernel(audit, member)) ? by('overwrite') : NO_KERNEL_PORT;
  return callsKernel(audit, to) || callsOut(audit, to) ? by('overwrite') : NO_RIGHTS_USED;
}

const isPeopled = (audit: Audit): boolean => membersOf(audit).some(({ domain }) => domain === KERNEL_DOMAIN);
/** The driver of a card has interrupts, and calls another that has: the driver of the IOMMU. */
function hasDriver({ edges }: Audit): boolean {
  const bound = edges.filter(({ from, verb }) => from === INTERRUPT_FILE && verb === 'interrupts').map(({ to }) => to);
  return edges.some(({ from, verb, to }) => verb === 'calls' && bound.includes(from) && bound.includes(to));
}
const callsKernel = ({ edges }: Audit, { id }: AuditNode): boolean =>
  edges.some(({ from, verb, to }) => from === id && verb === 'calls' && to === KERNEL);
/** By a right to an endpoint: within a domain, and into the kernel's, no capability is needed. */
function callsOut(audit: Audit, { id, domain }: AuditNode): boolean {
  const others = membersOf(audit).filter((other) => other.domain !== domain && other.domain !== KERNEL_DOMAIN);
  return audit.edges.some(
    ({ from, verb, to }) => from === id && verb === 'calls' && others.some((other) => other.id === to),
  );
}
