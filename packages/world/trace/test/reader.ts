/**
 * A reader of trace events that knows nothing of how they are made. It does with a file what Perfetto's importer does:
 * rounds times to nanoseconds, sorts by them and keeps the order of equals, keeps a stack of slices for each thread,
 * binds the ends of an arrow to the slice on top, and points it away from the slice that began first.
 */
export interface Slice {
  readonly name: string;
  readonly cat: string;
  readonly thread: string;
  readonly parent: Slice | null;
  readonly beginNs: number;
  endNs: number;
  args: Readonly<Record<string, unknown>>;
}
export interface Arrow {
  readonly kind: string;
  from: Slice | null;
  to: Slice | null;
  fromNs: number;
  toNs: number;
}
export interface Read {
  readonly about: Readonly<Record<string, string>>;
  readonly slices: readonly Slice[];
  readonly arrows: readonly Arrow[];
  readonly instants: readonly {
    readonly name: string;
    readonly cat: string;
    readonly thread: string;
    readonly ns: number;
  }[];
  readonly counters: readonly {
    readonly name: string;
    readonly ns: number;
    readonly args: Readonly<Record<string, number>>;
  }[];
  readonly problems: readonly string[];
}

interface Event {
  readonly ph: string;
  readonly pid: number;
  readonly tid?: number;
  readonly ts?: number;
  readonly name?: string;
  readonly cat?: string;
  readonly id?: number;
  readonly s?: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** @param whole makes a time one of whole nanoseconds. Perfetto 56 rounds; a reader that cuts must not fail either. */
export function read(text: string, whole: (ns: number) => number = Math.round): Read {
  const { otherData, traceEvents } = JSON.parse(text) as {
    otherData: Record<string, string>;
    traceEvents: readonly Event[];
  };
  const problems: string[] = [];
  const threads = new Map<number, string>();
  const processes = new Map<number, string>();
  for (const { ph, name, pid, tid, args } of traceEvents) {
    if (ph !== 'M') continue;
    if (name === 'process_name') processes.set(pid, String(args!['name']));
    if (name === 'thread_name') threads.set(tid!, `${processes.get(pid)}/${args!['name']}`);
  }
  const nsOf = ({ ts }: Event): number => whole(ts! * 1000);
  const timed = traceEvents.filter(({ ph }) => ph !== 'M');
  for (const event of timed)
    if (typeof event.ts !== 'number' || event.ts < 0) problems.push(`no time: ${JSON.stringify(event)}`);
  const sorted = timed.toSorted((one, other) => nsOf(one) - nsOf(other));

  const stacks = new Map<number, Slice[]>();
  const slices: Slice[] = [];
  const arrows = new Map<string, Arrow>();
  const instants: Read['instants'][number][] = [];
  const counters: Read['counters'][number][] = [];
  for (const event of sorted) {
    const { ph, pid, tid = -1, name = '', cat = '', args = {} } = event;
    const ns = nsOf(event);
    const thread = threads.get(tid);
    if (!processes.has(pid)) problems.push(`process ${pid} has no name`);
    if (ph !== 'C' && thread === undefined) problems.push(`thread ${tid} has no name`);
    const stack = stacks.get(tid) ?? [];
    stacks.set(tid, stack);
    const key = `${cat} ${name} ${event.id}`;
    switch (ph) {
      case 'B': {
        const slice: Slice = { name, cat, thread: thread!, parent: stack.at(-1) ?? null, beginNs: ns, endNs: -1, args };
        stack.push(slice);
        slices.push(slice);
        break;
      }
      case 'E': {
        const slice = stack.pop();
        if (slice === undefined) problems.push(`an end without a beginning at ${ns} on ${thread}`);
        else Object.assign(slice, { endNs: ns, args: { ...slice.args, ...args } });
        break;
      }
      case 's':
        if (arrows.has(key)) problems.push(`two arrows are called ${key}`);
        if (stack.length === 0) problems.push(`an arrow starts at no slice at ${ns} on ${thread}`);
        arrows.set(key, { kind: cat, from: stack.at(-1) ?? null, to: null, fromNs: ns, toNs: -1 });
        break;
      case 'f': {
        const arrow = arrows.get(key);
        if (arrow === undefined || arrow.to !== null) problems.push(`an arrow ends that did not start: ${key}`);
        if (stack.length === 0) problems.push(`an arrow ends at no slice at ${ns} on ${thread}`);
        if (arrow !== undefined) Object.assign(arrow, { to: stack.at(-1) ?? null, toNs: ns });
        if (arrow?.from && arrow.to && arrow.from.beginNs > arrow.to.beginNs)
          problems.push(`an arrow points back: ${key}`);
        break;
      }
      case 'i':
        instants.push({ name, cat, thread: event.s === 'g' ? 'global' : thread!, ns });
        break;
      case 'C':
        counters.push({ name, ns, args: args as Record<string, number> });
        break;
      default:
        problems.push(`unknown phase ${ph}`);
    }
  }
  for (const stack of stacks.values()) for (const { name } of stack) problems.push(`a slice has no end: ${name}`);
  for (const [key, { to }] of arrows) if (to === null) problems.push(`an arrow has no end: ${key}`);
  return { about: otherData, slices, arrows: [...arrows.values()], instants, counters, problems };
}
