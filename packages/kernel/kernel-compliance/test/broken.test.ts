/** Kernels that are broken on purpose, each in one thing: the clause that is about it fails. */
import { errors, objects } from '@bulkhead/capabilities';
import { outcomes } from '@bulkhead/ipc';
import { describe, expect, it } from 'vitest';
import { runClause, type Subject, suites } from '../src/index.ts';
import { CoreMachine, kernelCore } from './subject/subject.ts';

type Break = (machine: CoreMachine, fastPath: boolean) => void;

const broken = (name: string, breaks: Break): Subject => ({
  ...kernelCore,
  name,
  boot: ({ fastPath }) => {
    const machine = new CoreMachine(fastPath);
    breaks(machine, fastPath);
    return machine;
  },
});
const clauseOf = (title: string) => {
  const found = suites.filter(({ clause }) => clause.startsWith(title));
  expect(found.map(({ clause }) => clause)).toHaveLength(1);
  return found[0]!;
};

interface Broken {
  readonly what: string;
  readonly clause: string;
  readonly breaks: Break;
  /** What the failure says, in part. */
  readonly says?: string;
}

const BROKEN: readonly Broken[] = [
  {
    what: 'rights are not masked',
    clause: 'rights are masked, never checked',
    breaks: ({ kernel: { capabilities } }) => {
      const { copy } = capabilities;
      capabilities.copy = (to, from) => copy.call(capabilities, to, from, objects.ALL_RIGHTS);
    },
  },
  {
    what: 'badges are lost by Mint',
    clause: 'the badge of the sender’s capability arrives at a passive',
    breaks: ({ kernel: { capabilities } }) => {
      const { mint } = capabilities;
      capabilities.mint = (to, from, rights, data) =>
        mint.call(capabilities, to, from, rights, capabilities.typeOf(from) === objects.ENDPOINT ? 0 : data);
    },
  },
  {
    what: 'Revoke leaves the last copy',
    clause: '1 the capability that Retype made is parent',
    breaks: ({ kernel: { capabilities } }) => {
      const { revoke } = capabilities;
      capabilities.revoke = (slot, units) =>
        capabilities.typeOf(slot) === objects.ENDPOINT ? 0 : revoke.call(capabilities, slot, units);
    },
  },
  {
    what: 'a copy revokes its siblings',
    clause: '1 copies of copies are siblings',
    breaks: ({ kernel: { capabilities } }) => {
      const { copy, words } = capabilities;
      const REVOCABLE = 1 << 24;
      capabilities.copy = (to, from, rights) => {
        const error = copy.call(capabilities, to, from, rights);
        if (error === 0) words[to] = words[to]! | REVOCABLE;
        return error;
      };
    },
  },
  {
    what: 'Retype looks at the memory before the slots',
    clause: 'Untyped_Retype refuses in the order 1 to 12',
    breaks: ({ kernel: { capabilities } }) => {
      const { retype } = capabilities;
      capabilities.retype = (...words) => {
        const error = retype.call(capabilities, ...words);
        return error === errors.DELETE_FIRST ? capabilities.details.memory(0) : error;
      };
    },
    says: '11 the second slot',
  },
  {
    what: 'Copy looks up the source first',
    clause: 'CNode_Copy refuses in order',
    breaks: ({ kernel: { capabilities } }) => {
      const { typeOf } = capabilities;
      let inCopy = false;
      const { lookupSlot } = capabilities;
      capabilities.lookupSlot = (...path) => {
        inCopy = !path[3];
        return lookupSlot.call(capabilities, ...path);
      };
      capabilities.typeOf = (slot) => {
        const type = typeOf.call(capabilities, slot);
        const asked = inCopy;
        inCopy = false;
        return asked && type === objects.ENDPOINT ? objects.NULL : type;
      };
    },
    says: 'the destination is taken',
  },
  {
    what: 'the fast path loses the badge',
    clause: 'the badge of the sender’s capability arrives at a passive',
    breaks: ({ kernel: { calls, threads } }, fastPath) => {
      const { call } = calls;
      if (!fastPath) return;
      calls.call = (thread, pointer) => {
        const outcome = call.call(calls, thread, pointer);
        if (outcome === outcomes.SWITCHED) threads.badge[calls.peer] = 0;
        return outcome;
      };
    },
    says: 'with the fast path',
  },
  {
    what: 'the fast path shows, though no clause asks for what it shows',
    clause: 'Call lends the caller’s context to a passive server',
    breaks: ({ kernel: { calls, threads } }, fastPath) => {
      const { replyReceive } = calls;
      if (!fastPath) return;
      calls.replyReceive = (thread, pointer, reply) => {
        const outcome = replyReceive.call(calls, thread, pointer, reply);
        if (outcome === outcomes.SWITCHED) threads.tag[calls.peer] = 1;
        return outcome;
      };
    },
  },
  {
    what: 'Grant is not asked for',
    clause: '(2) without Grant the message goes',
    breaks: ({ kernel: { capabilities } }) => {
      const { rightsOf } = capabilities;
      capabilities.rightsOf = (slot) => rightsOf.call(capabilities, slot) | objects.GRANT;
    },
  },
  {
    what: 'a waiting thread keeps its place when its priority changes',
    clause: 'a waiting thread whose priority changes',
    breaks: ({ kernel: { threads } }) => {
      threads.setPriority = (thread, priority) => {
        threads.priority[thread] = priority;
      };
    },
  },
  {
    what: 'nobody is woken when an endpoint goes',
    clause: 'deleting the last capability to an endpoint sends everybody',
    breaks: ({ kernel: { calls } }) => {
      calls.endings.endpointDeleted = () => 0;
    },
  },
  {
    what: 'CancelBadgedSends cancels everybody’s',
    clause: 'CNode_CancelBadgedSends ends the waits',
    breaks: ({ kernel: { calls } }) => {
      calls.endings.cancelBadgedSends = (endpoint) => calls.endings.endpointDeleted(endpoint);
    },
  },
  {
    what: 'time is not charged',
    clause: 'threads of one priority take turns',
    breaks: ({ kernel }) => {
      kernel.elapse = () => {};
    },
  },
  {
    what: 'translations are kept',
    clause: 'mapping again in place changes the rights at once',
    breaks: (machine) => {
      machine.forgets = false;
    },
  },
  {
    what: 'interrupts are not masked',
    clause: 'the line stays masked until IRQHandler_Ack',
    breaks: (machine) => {
      machine.masks = false;
    },
  },
  {
    what: 'a suspended thread runs on',
    clause: 'a suspended thread does not run',
    breaks: ({ kernel: { control } }) => {
      control.suspend = () => outcomes.DONE;
    },
  },
];

describe('a kernel in which', () => {
  it.each(BROKEN)('$what fails the clause: $clause', ({ what, clause, breaks, says }) => {
    const outcome = runClause(broken(what, breaks), clauseOf(clause));
    expect(outcome.verdict).toBe('failed');
    expect(outcome.reasons.join('\n')).toContain(says ?? '');
  });
  it('boot fails fails every clause, and nothing is thrown', () => {
    const dead: Subject = {
      ...kernelCore,
      boot: () => {
        throw new Error('no machine');
      },
    };
    const outcomes = suites.slice(0, 20).map((clause) => runClause(dead, clause));
    expect(outcomes.every(({ verdict, reasons }) => verdict === 'failed' && reasons[0]!.includes('no machine'))).toBe(
      true,
    );
  });
  it('features are missing skips what needs them, and says which', () => {
    const poor: Subject = { ...kernelCore, features: new Set() };
    const outcomes = suites.filter(({ needs }) => needs.includes('domains')).map((clause) => runClause(poor, clause));
    expect(outcomes.length).toBeGreaterThan(0);
    for (const { verdict, reasons } of outcomes)
      expect([verdict, ...reasons]).toEqual(['skipped', 'no scheduling domains']);
  });
  it('methods are left out has them skipped, not held, and holds the others', () => {
    const left = /^(IRQ|ASID|Domain|IO|Page_MapIO|Page_UnmapIO|TCB_(Read|Write|Copy|SetTLS|SetFlags|SetTimeout))/;
    const labels = Object.fromEntries(Object.entries(kernelCore.numbers.labels).filter(([label]) => !left.test(label)));
    const poor: Subject = { ...kernelCore, features: new Set(), numbers: { ...kernelCore.numbers, labels } };
    const methods = suites.filter(({ section }) => section.startsWith('10.3 '));
    const verdicts = methods.map((clause) => [clause.clause, runClause(poor, clause).verdict]);
    const expected = methods.map(({ clause }) => [clause, left.test(clause) ? 'skipped' : 'held']);
    expect(verdicts).toEqual(expected);
    expect(expected.filter(([, verdict]) => verdict === 'skipped').length).toBeGreaterThan(20);
  });
});
