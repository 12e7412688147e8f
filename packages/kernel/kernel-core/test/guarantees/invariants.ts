/** What must hold after every step, whatever the steps were. @returns what does not, in words. */
import { objects } from '@bulkhead/capabilities';
import { blocking } from '@bulkhead/ipc';
import type { World } from '../support.ts';
import type { Census, Held } from './census.ts';

const LOW_RESERVED = 16;
/** What the scheduler calls the states of messages. */
const SCHEDULED: readonly number[] = [1, 2, 2, 3, 2, 0];

/** @param zombies how many deletions were cut short, and not made to an end */
export function brokenInvariants(w: World, census: Census, zombies = 0): string[] {
  const broken = [...census.broken];
  for (const c of census.held.values())
    if (c.zombie && zombies === 0) broken.push(`slot ${c.slot} is a zombie after all is done`);
  checkMemory(w, census, broken);
  checkRefills(w, census, broken);
  checkThreads(w, census, broken);
  checkQueues(w, census, broken);
  checkPairs(w, census, broken);
  return broken;
}

/** Objects are disjoint; each lies within the memory of one boot untyped; untypeds nest, and hold what they made. */
function checkMemory(w: World, census: Census, broken: string[]): void {
  const memory = [...census.held.values()].filter(({ bytes }) => bytes > 0);
  const distinct = [...new Map(memory.map((c) => [`${c.type} ${c.object} ${c.bytes}`, c])).values()];
  const start = (c: Held): number => c.object * LOW_RESERVED;
  const end = (c: Held): number => start(c) + c.bytes;
  const given = w.info.untypedList.map(({ address, sizeBits }) => [address, address + 2 ** sizeBits] as const);
  const others = distinct.filter(({ type }) => type !== objects.UNTYPED).sort((a, b) => a.object - b.object);
  others.forEach((c, i) => {
    const next = others[i + 1];
    if (next !== undefined && start(next) < end(c))
      broken.push(`${objects.NAMES[c.type]} and ${objects.NAMES[next.type]} overlap at ${start(next)}`);
  });
  for (const c of memory) {
    const around = given.filter(([from, to]) => from <= start(c) && end(c) <= to);
    const touched = given.filter(([from, to]) => from < end(c) && start(c) < to);
    const parent = census.held.get(c.parent);
    if (touched.length !== around.length || around.length > 1) broken.push(`slot ${c.slot} lies in two untypeds`);
    if (around.length === 0 && parent !== undefined && parent.type === objects.UNTYPED)
      broken.push(`slot ${c.slot} comes from an untyped that does not hold it`);
  }
  const untypeds = distinct
    .filter(({ type }) => type === objects.UNTYPED)
    .sort((a, b) => a.object - b.object || b.bytes - a.bytes);
  for (const c of others)
    for (const u of untypeds)
      if (start(u) < end(c) && start(c) < end(u) && !(start(u) <= start(c) && end(c) <= end(u)))
        broken.push(`slot ${c.slot} lies partly in the untyped of slot ${u.slot}`);
  untypeds.forEach((a, i) => {
    for (const b of untypeds.slice(i + 1)) if (start(b) < end(a) && end(b) > end(a)) broken.push('untypeds overlap');
  });
}

const timeAt = (words: Int32Array, at: number): number => (words[at + 1]! >>> 0) * 2 ** 32 + (words[at]! >>> 0);

/** The amounts of a configured context's refills add up to its budget. */
function checkRefills(w: World, census: Census, broken: string[]): void {
  const { words } = w;
  for (const { object } of census.ofType(objects.SCHED_CONTEXT)) {
    const sc = census.wordOf(object);
    const [max, head, count] = [words[sc + 6]!, words[sc + 7]!, words[sc + 8]!];
    if (max === 0) continue;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += timeAt(words, sc + 16 + ((head + i) % max) * 4 + 2);
    if (sum !== timeAt(words, sc + 10)) broken.push(`the refills of context ${object} add up to ${sum}`);
  }
}

const threadsOf = (w: World, census: Census): number[] =>
  census.ofType(objects.TCB).map(({ object }) => w.kernel.tcbs.threadAt(object));

/** Both books say the same of each thread; what has no TCB is in neither. */
function checkThreads(w: World, census: Census, broken: string[]): void {
  const { threads, scheduler } = w.kernel;
  const alive = new Set(threadsOf(w, census));
  for (let t = 1; t < threads.threadCount; t++) {
    const [state, scheduled] = [threads.state[t]!, scheduler.threads.state[t]!];
    if (!alive.has(t) && (state !== blocking.INACTIVE || scheduled !== 0 || scheduler.threads.context[t] !== 0))
      broken.push(`thread ${t} has no TCB, and state ${state}, ${scheduled}`);
    if (SCHEDULED[state] !== scheduled)
      broken.push(`thread ${t} is ${state} to messages, ${scheduled} to the scheduler`);
    const sc = scheduler.threads.context[t]!;
    const counts = scheduled === 1 && sc !== 0 && w.words[sc + 6] !== 0;
    const [ready, postponed] = [scheduler.isQueued(t), scheduler.isPostponed(t)];
    if ((ready || postponed) !== counts || (ready && postponed))
      broken.push(`thread ${t}: ready ${ready}, postponed ${postponed}`);
    if (counts && sc !== scheduler.context && ready !== scheduler.contexts.isReady(sc, scheduler.now, 0))
      broken.push(`thread ${t} has ${ready ? 'no ' : ''}time, and is ${ready ? '' : 'not '}ready`);
  }
}

/** Who waits at an object stands in its queue, and nobody else; by priority. */
function checkQueues(w: World, census: Census, broken: string[]): void {
  const { threads } = w.kernel;
  const waiting = new Set(threadsOf(w, census).filter((t) => threads.object[t] !== 0));
  for (const { type, object } of [...census.ofType(objects.ENDPOINT), ...census.ofType(objects.NOTIFICATION)]) {
    const at = census.wordOf(object);
    const isEndpoint = type === objects.ENDPOINT;
    const state = w.words[at]!;
    const expected = isEndpoint ? state : state === 1 ? blocking.BLOCKED_ON_NOTIFICATION : 0;
    let previous = -1;
    let passed = 0;
    for (let t = w.words[at + 1]! - 1; t >= 0; t = Math.max(threads.after(t), -1)) {
      if (!waiting.delete(t) || threads.object[t] !== at || threads.state[t] !== expected) {
        broken.push(`thread ${t} is in the queue of ${object}, and in state ${threads.state[t]}`);
        break;
      }
      if (previous >= 0 && threads.priority[previous]! < threads.priority[t]!) broken.push(`${object}: wrong order`);
      previous = t;
      passed++;
    }
    if (w.words[at + 2]! - 1 !== previous) broken.push(`the tail of ${object} is not its last`);
    if (passed > 0 !== (isEndpoint ? state !== 0 : state === 1))
      broken.push(`${object} is ${state} with ${passed} waiting`);
  }
  for (const t of waiting) broken.push(`thread ${t} waits at ${threads.object[t]}, which does not know`);
}

/** What is tied together is so from both ends: replies, bound notifications, scheduling contexts. */
function checkPairs(w: World, census: Census, broken: string[]): void {
  const { threads, scheduler } = w.kernel;
  const { words } = w;
  const alive = threadsOf(w, census);
  const tie = (name: string, type: number, word: number, of: ArrayLike<number>, states: readonly number[]): void => {
    const records = new Set(census.ofType(type).map(({ object }) => census.wordOf(object)));
    for (const at of records) {
      const t = words[at + word]! - 1;
      if (t >= 0 && of[t] !== at) broken.push(`${name} ${at} is tied to thread ${t}, which is tied to ${of[t]}`);
    }
    for (const t of alive) {
      const at = of[t]!;
      if (at === 0) continue;
      if (!records.has(at) || words[at + word] !== t + 1)
        broken.push(`thread ${t} is tied to a ${name} that is not to it`);
      if (!states.includes(threads.state[t]!)) broken.push(`thread ${t} has a ${name} in state ${threads.state[t]}`);
    }
  };
  const any = [0, 1, 2, 3, 4, 5];
  tie('reply', objects.REPLY, 0, threads.reply, [blocking.BLOCKED_ON_RECEIVE, blocking.BLOCKED_ON_REPLY]);
  tie('notification', objects.NOTIFICATION, 4, threads.bound, any);
  tie('context', objects.SCHED_CONTEXT, 0, scheduler.threads.context, any);
  for (const { object } of census.ofType(objects.NOTIFICATION)) {
    const at = census.wordOf(object);
    const sc = words[at + 15]!;
    if (sc !== 0 && words[sc + 1] !== at) broken.push(`notification ${at} and context ${sc} are not tied both ways`);
  }
}
