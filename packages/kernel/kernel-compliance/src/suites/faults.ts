/** Faults as messages, by type, and what the answer does. */
import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import type { Agent, Story, ThreadOptions } from '../story.ts';

const faults = sectionOf('6.2 Faults');
const unknown = sectionOf('6.2.2 Unknown Syscall');
const exception = sectionOf('6.2.3 User Exception');
const vmFaults = sectionOf('6.2.7 VM Fault');
const domains = sectionOf('6.3 Domains');

const UNMAPPED = 0x7_0000_5000;
const NUMBER = 12345;

interface Faulty extends Agent {
  readonly handler: number;
  readonly reply: number;
}
/** A thread whose faults the initial thread can hear, with badge 77. It runs. */
function faulty(story: Story, options: ThreadOptions = {}): Faulty {
  const endpoint = story.make('Endpoint');
  const reply = story.make('Reply');
  const agent = story.thread({ faults: story.minted(endpoint, 77), ...options });
  return { ...agent, handler: endpoint, reply };
}

export const faultMessages: readonly Clause[] = [
  vmFaults('a load from an address that is not mapped is told with its address', (story, check) => {
    const { handler, reply } = faulty(story);
    check.equal(story.access(UNMAPPED, 'load'), 'fault', 'the access');
    story.nbRecv(handler, reply);
    const { label, length, words, badge } = story.message;
    const { vmFault, faults: number } = story.numbers;
    check.equal([label, length, badge], [number.VMFault, vmFault.length, 77], 'label, length, badge');
    check.equal([words[vmFault.address], words[vmFault.fetch]], [UNMAPPED, 0], 'address, no fetch');
  }),
  vmFaults('a fetch is told as a fetch', (story, check) => {
    const { handler, reply } = faulty(story);
    check.equal(story.access(UNMAPPED, 'fetch'), 'fault', 'the access');
    story.nbRecv(handler, reply);
    check.equal(story.message.words[story.numbers.vmFault.fetch], 1, 'a fetch');
  }),
  vmFaults('an answer to a memory fault starts the thread again, whatever the label', (story, check) => {
    for (const label of [0, 1]) {
      const { id, handler, reply } = faulty(story);
      story.access(UNMAPPED, 'store', 1);
      story.nbRecv(handler, reply);
      story.send(reply, { label });
      check.equal(story.current, id, `label ${label}`);
      story.wait(story.make('Notification'));
    }
  }),
  unknown(
    'a system call that the kernel does not know is told with its number',
    (story, check) => {
      const { handler, reply } = faulty(story);
      story.machine.unknownSystemCall(NUMBER);
      check.equal(story.current, story.initial, 'the thread waits');
      story.nbRecv(handler, reply);
      const { label, length, words } = story.message;
      const { unknownSyscall, faults: number } = story.numbers;
      check.equal([label, length], [number.UnknownSyscall, unknownSyscall.length], 'label and length');
      check.equal(words[unknownSyscall.number], NUMBER, 'the number');
    },
    'exceptions',
  ),
  unknown(
    'an answer with label 0 starts the thread again',
    (story, check) => {
      const { id, handler, reply } = faulty(story);
      story.machine.unknownSystemCall(NUMBER);
      story.nbRecv(handler, reply);
      story.send(reply);
      check.equal(story.current, id, 'who runs');
    },
    'exceptions',
  ),
  unknown(
    'an answer with another label leaves the thread inactive',
    (story, check) => {
      const agent = faulty(story);
      story.machine.unknownSystemCall(NUMBER);
      story.nbRecv(agent.handler, agent.reply);
      story.send(agent.reply, { label: 1 });
      check.equal(story.current, story.initial, 'who runs');
      answers(check, story.resume(agent), 'NoError');
      check.equal(story.current, agent.id, 'it can be resumed');
    },
    'exceptions',
  ),
  exception(
    'an exception is told with its number and code',
    (story, check) => {
      const { handler, reply } = faulty(story);
      story.machine.userException(2, 9);
      story.nbRecv(handler, reply);
      const { label, length, words } = story.message;
      const { userException, faults: number } = story.numbers;
      check.equal([label, length], [number.UserException, userException.length], 'label and length');
      check.equal([words[userException.number], words[userException.code]], [2, 9], 'number and code');
    },
    'exceptions',
  ),
  exception(
    'one exception after another is told alike',
    (story, check) => {
      const { handler, reply } = faulty(story);
      const { userException } = story.numbers;
      for (const code of [3, 4]) {
        story.machine.userException(2, code);
        story.nbRecv(handler, reply);
        check.equal(
          [story.message.length, story.message.words[userException.code]],
          [userException.length, code],
          'told',
        );
        story.send(reply);
      }
    },
    'exceptions',
  ),
  exception(
    'an answer with label 0 starts the thread again, with another it does not',
    (story, check) => {
      for (const label of [0, 1]) {
        const { id, handler, reply } = faulty(story);
        story.machine.userException(2, 9);
        story.nbRecv(handler, reply);
        story.send(reply, { label });
        check.equal(story.current === id, label === 0, `label ${label}`);
        if (label === 0) story.wait(story.make('Notification'));
      }
    },
    'exceptions',
  ),
  faults('a thread without a handler that faults never runs again of itself', (story, check) => {
    const agent = story.thread();
    check.equal(story.access(UNMAPPED, 'load'), 'fault', 'the access');
    check.equal(story.current, story.initial, 'who runs');
    answers(check, story.resume(agent), 'NoError');
    check.equal(story.current, agent.id, 'it can be resumed');
  }),
  faults('a handler that was revoked is none', (story, check) => {
    const endpoint = story.make('Endpoint');
    const agent = story.sleeper({ faults: endpoint });
    answers(check, story.revoke(endpoint), 'NoError');
    story.signal(story.minted(agent.wake, 1));
    story.access(UNMAPPED, 'load');
    check.equal(story.current, story.initial, 'who runs');
    story.nbRecv(endpoint, story.make('Reply'));
    check.that(story.message.label !== story.numbers.faults.VMFault, 'nothing was told');
  }),
  faults('the handler is a capability that was installed: moving the original changes nothing', (story, check) => {
    const endpoint = story.make('Endpoint');
    const badged = story.minted(endpoint, 8);
    const agent = story.sleeper({ faults: badged });
    answers(check, story.move(story.empty(), badged), 'NoError');
    story.signal(story.minted(agent.wake, 1));
    story.access(UNMAPPED, 'load');
    story.nbRecv(endpoint, story.make('Reply'));
    check.equal([story.message.label, story.message.badge], [story.numbers.faults.VMFault, 8], 'it was told');
  }),
  faults(
    'a fault is delivered as if its thread had called: it lends its context to a passive handler',
    (story, check) => {
      const endpoint = story.make('Endpoint');
      const handler = story.passiveServer(endpoint);
      const agent = story.thread({ faults: endpoint });
      story.access(UNMAPPED, 'load');
      check.equal([story.current, story.message.label], [handler.id, story.numbers.faults.VMFault], 'the handler runs');
      story.replyRecv(endpoint, handler.reply);
      check.equal(story.current, agent.id, 'and the thread again');
    },
  ),
  faults('faults of several threads wait in the order of priorities', (story, check) => {
    const endpoint = story.make('Endpoint');
    const reply = story.make('Reply');
    for (const [badge, priority] of [
      [1, 110],
      [2, 120],
      [3, 115],
    ] as const) {
      story.thread({ faults: story.minted(endpoint, badge), priority });
      story.access(UNMAPPED, 'load');
    }
    const order = [1, 2, 3].map(() => {
      story.nbRecv(endpoint, reply);
      return story.message.badge;
    });
    check.equal(order, [2, 3, 1], 'order');
  }),
];

export const faultAnswers: readonly Clause[] = [
  unknown(
    'the words of the answer are written back to the thread’s registers',
    (story, check) => {
      const agent = faulty(story);
      const { unknownSyscall, registers } = story.numbers;
      story.machine.unknownSystemCall(NUMBER);
      story.nbRecv(agent.handler, agent.reply);
      const words = new Array<number>(unknownSyscall.length).fill(0x1234_5000);
      story.send(agent.reply, { label: 1, words });
      const read = story.invoke(agent.tcb, 'TCB_ReadRegisters', [0, registers.count]);
      check.equal([read.words[registers.ip], read.words[registers.sp]], [0x1234_5000, 0x1234_5000], 'IP and SP');
    },
    'exceptions',
    'registers',
  ),
  faults('deleting the reply object of a fault leaves its thread without an answer', (story, check) => {
    const agent = faulty(story);
    story.access(UNMAPPED, 'load');
    story.nbRecv(agent.handler, agent.reply);
    answers(check, story.delete(agent.reply), 'NoError');
    check.equal(story.current, story.initial, 'it does not run');
    answers(check, story.resume(agent), 'NoError');
    check.equal(story.current, agent.id, 'it can be resumed');
  }),
  faults('a thread that waits to tell of a fault can be suspended, and tells nobody', (story, check) => {
    const agent = faulty(story);
    story.access(UNMAPPED, 'load');
    answers(check, story.suspend(agent), 'NoError');
    story.nbRecv(agent.handler, agent.reply);
    check.equal(story.message.badge, 0, 'nothing is told');
  }),
];

export const schedulingDomains: readonly Clause[] = [
  domains(
    'DomainSet_Set: no such domain InvalidArgument 0, no capability TruncatedMessage, no TCB InvalidArgument 1',
    (story, check) => {
      const domain = story.boot.domain!;
      const set = (number: number, tcb: number[]) => story.invoke(domain, 'DomainSet_Set', [number], tcb);
      const agent = story.sleeper();
      answers(check, set(story.numbers.domainCount, []), 'InvalidArgument', [0], 'no such domain, and no capability');
      answers(check, set(0, []), 'TruncatedMessage', [], 'no capability');
      answers(check, set(story.numbers.domainCount, [story.boot.cnode]), 'InvalidArgument', [0], 'both wrong');
      answers(check, set(0, [story.boot.cnode]), 'InvalidArgument', [1], 'no TCB');
      answers(check, set(0, [agent.tcb]), 'NoError', [], 'right');
    },
    'domains',
  ),
  domains(
    'DomainSet_ScheduleConfigure: index, domain, then no time for a domain, no time where it starts',
    (story, check) => {
      const { domainCount, scheduleLength } = story.numbers;
      const domain = story.boot.domain!;
      const set = (...words: number[]) => story.invoke(domain, 'DomainSet_ScheduleConfigure', words);
      answers(check, set(scheduleLength, domainCount, 0), 'RangeError', [0, scheduleLength - 1], 'the index');
      answers(check, set(0, domainCount, 0), 'RangeError', [0, domainCount - 1], 'the domain');
      answers(check, set(0, 1, 0), 'InvalidArgument', [1], 'no time for a domain');
      answers(check, set(0, 0, 0), 'InvalidArgument', [2], 'no time where it starts');
      answers(check, set(1, 1, 1000), 'NoError', [], 'right');
    },
    'domains',
  ),
  domains(
    'DomainSet_ScheduleSetStart: index RangeError, an end of the schedule InvalidArgument 0',
    (story, check) => {
      const { scheduleLength } = story.numbers;
      const domain = story.boot.domain!;
      const set = (index: number) => story.invoke(domain, 'DomainSet_ScheduleSetStart', [index]);
      answers(check, set(scheduleLength), 'RangeError', [0, scheduleLength - 1], 'the index');
      answers(check, set(1), 'InvalidArgument', [0], 'an end');
      answers(check, set(0), 'NoError', [], 'right');
    },
    'domains',
  ),
  domains(
    'a thread runs only while its domain does, whatever its priority',
    (story, check) => {
      const domain = story.boot.domain!;
      const { slice } = story;
      const agent = story.sleeper({ priority: 200 });
      const configure = (...words: number[]) => story.invoke(domain, 'DomainSet_ScheduleConfigure', words);
      answers(check, story.invoke(domain, 'DomainSet_Set', [1], [agent.tcb]), 'NoError');
      story.signal(story.minted(agent.wake, 1));
      check.equal(story.current, story.initial, 'its domain has no time');
      answers(check, configure(1, 1, slice), 'NoError');
      answers(check, configure(0, 0, slice), 'NoError');
      story.invoke(domain, 'DomainSet_ScheduleSetStart', [0]);
      story.elapse(slice);
      check.equal(story.current, agent.id, 'its domain’s turn');
      story.elapse(slice);
      check.equal(story.current, story.initial, 'the first domain’s turn again');
    },
    'domains',
  ),
  domains(
    'a new thread belongs to the domain that runs when its TCB is made, without a capability to domains',
    (story, check) => {
      const domain = story.boot.domain!;
      const { slice } = story;
      const agent = story.sleeper({ priority: 110, budget: 10 * slice, period: 10 * slice });
      answers(check, story.invoke(domain, 'DomainSet_Set', [1], [agent.tcb]), 'NoError');
      story.signal(story.minted(agent.wake, 1));
      answers(check, story.invoke(domain, 'DomainSet_ScheduleConfigure', [1, 1, slice]), 'NoError');
      answers(check, story.invoke(domain, 'DomainSet_ScheduleConfigure', [0, 0, slice]), 'NoError');
      story.invoke(domain, 'DomainSet_ScheduleSetStart', [0]);
      story.elapse(slice);
      check.equal(story.current, agent.id, 'the other domain’s turn');
      const child = story.thread({ priority: 120 });
      check.equal(story.current, child.id, 'a thread that is made there runs there');
      story.elapse(slice);
      check.equal(story.current, story.initial, 'and not in the first domain’s turn');
    },
    'domains',
  ),
];
