/** Who can keep whom from what it needs, without breaking a single wall. */
import { parseConnection } from '@bulkhead/assembler';
import { chainsFrom, controlThen } from './chain.ts';
import { lastStep, stalls } from './containment.ts';
import { type Audit, type AuditNode, domainId, INTERRUPT_FILE, membersOf } from './model.ts';

export const RESOURCES = ['time', 'memory', 'interrupts', 'queue space', 'device'] as const;
export type ScarceResource = (typeof RESOURCES)[number];

export interface Starvation {
  readonly resource: ScarceResource;
  readonly starver: string;
  readonly starved: string;
  readonly reason: string;
}

/** Why a resource can be taken at all, or why not: one sentence each. */
export const GUARANTEES: Readonly<Record<ScarceResource, string>> = {
  time: 'Whoever has a budget leaves time to others; who has none keeps the hart from every level that is not higher.',
  memory: 'Each domain lives on memory of its own, promised before it starts: only what shares a domain can take it.',
  interrupts: 'Control of interrupts reaches every identity that nobody has yet.',
  'queue space': 'Each connection has queues of its own; a full one refuses the cast and blocks nobody.',
  device: 'A device belongs to one holder at a time; whoever else may program it can reset it or come first.',
};

export const starvation = (audit: Audit): Starvation[] => [
  ...ofTime(audit),
  ...ofMemory(audit),
  ...ofInterrupts(audit),
  ...ofQueues(audit),
  ...ofDevices(audit),
];

function pairs(audit: Audit): (readonly [AuditNode, AuditNode])[] {
  const members = membersOf(audit);
  return members.flatMap((starver) =>
    members.filter((starved) => starved !== starver).map((starved) => [starver, starved] as const),
  );
}
const ofTime = (audit: Audit): Starvation[] =>
  pairs(audit).flatMap(([starver, starved]) => {
    const chain = stalls(starver, starved);
    return chain === null
      ? []
      : [{ resource: 'time', starver: starver.id, starved: starved.id, reason: chain[0]!.reason }];
  });
const ofMemory = (audit: Audit): Starvation[] =>
  pairs(audit)
    .filter(([starver, starved]) => starver.domain === starved.domain)
    .map(([starver, starved]) => ({
      resource: 'memory',
      starver: starver.id,
      starved: starved.id,
      reason: `both stand in domain '${starver.domain}', on one promise of memory and one capability space`,
    }));

const driversOf = (audit: Audit): string[] => [
  ...new Set(
    audit.edges.filter(({ from, verb }) => from === INTERRUPT_FILE && verb === 'interrupts').map(({ to }) => to),
  ),
];
function ofInterrupts(audit: Audit): Starvation[] {
  const takers = audit.edges.filter(({ verb, to }) => verb === 'takes' && to === INTERRUPT_FILE);
  return pairs(audit).flatMap(([starver, starved]) => {
    const taker = takers.find(({ from }) => from === domainId(starver.domain!));
    if (taker === undefined || !driversOf(audit).includes(starved.id)) return [];
    return [{ resource: 'interrupts', starver: starver.id, starved: starved.id, reason: taker.reason }];
  });
}
/** A consumer that takes nothing leaves its producers with a full queue. */
const ofQueues = (audit: Audit): Starvation[] =>
  audit.nodes.flatMap(({ id }): Starvation[] => {
    const found = /^(cast|event) queue of (.+)$/.exec(id);
    const ends = found === null ? null : parseConnection(found[2]!);
    if (ends === null) return [];
    const [producer, consumer] = found![1] === 'cast' ? [ends.client, ends.server] : [ends.server, ends.client];
    const reason = `what it does not take from the ${id}, it makes the other's casts be refused for`;
    return [{ resource: 'queue space', starver: consumer, starved: producer, reason }];
  });

function ofDevices(audit: Audit): Starvation[] {
  const nics = audit.edges.filter(({ verb }) => verb === 'exchanges-frames-with').map(({ from }) => from);
  const drives = (component: AuditNode, device: string): boolean =>
    driversOf(audit).includes(component.id) &&
    audit.edges.some(
      ({ from, verb, to }) => from === domainId(component.domain!) && verb === 'programs' && to === device,
    );
  return pairs(audit).flatMap(([starver, starved]) => {
    const controlled = chainsFrom(audit, starver.id, controlThen());
    return nics.flatMap((device) => {
      const way = controlled.get(device) ?? lastStep(audit, controlled, starver.id, 'takes', device);
      if (way === null || !drives(starved, device)) return [];
      return [{ resource: 'device' as const, starver: starver.id, starved: starved.id, reason: way.at(-1)!.reason }];
    });
  });
}
