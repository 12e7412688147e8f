/** Registers, buffers and flags of threads. */
import { answers, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';

const creation = sectionOf('6.1.2 Thread Creation');
const layout = sectionOf('6.1.12 Message Layout of the Read-/Write-Registers Methods');

export const threadState: readonly Clause[] = [
  creation(
    'a frame that is deleted is no IPC buffer any more: long messages are cut to the registers',
    (story, check) => {
      const endpoint = story.make('Endpoint');
      const server = story.server(endpoint);
      answers(check, story.delete(server.frame), 'NoError', undefined, 'the thread holds a capability of its own');
      story.nbSend(endpoint, { words: [1, 2, 3, 4, 5, 6] });
      check.equal(story.message.words, [1, 2, 3, 4, 5, 6], 'so the buffer is there');
      story.wait(story.make('Notification'));
      const second = story.server(endpoint);
      answers(check, story.revoke(second.frame), 'NoError');
      story.nbSend(endpoint, { words: [1, 2, 3, 4, 5, 6] });
      check.equal(story.message.words, [1, 2, 3, 4, 5, 6].slice(0, story.numbers.messageRegisters), 'revoked');
    },
  ),
  creation('a frame’s capability without Write is no IPC buffer to receive in', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.server(endpoint);
    const reader = story.copied(server.frame, story.numbers.rights.read);
    answers(check, story.invoke(server.tcb, 'TCB_SetIPCBuffer', [0x5000], [reader]), 'NoError');
    story.nbSend(endpoint, { words: [1, 2, 3, 4, 5, 6] });
    check.equal(story.message.length, story.numbers.messageRegisters, 'the length');
  }),
  creation('a frame’s capability without Write is an IPC buffer to send from', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.server(endpoint);
    const client = story.thread();
    const notification = story.make('Notification');
    const reader = story.copied(client.frame, story.numbers.rights.read);
    answers(check, story.invoke(client.tcb, 'TCB_SetIPCBuffer', [0x5000], [reader]), 'NoError');
    story.send(endpoint, { words: [1, 2, 3, 4, 5, 6], capabilities: [notification] });
    const { words, extraCaps } = story.message;
    check.equal([story.current, words], [server.id, [1, 2, 3, 4, 5, 6]], 'all words');
    check.equal(extraCaps, 0, 'of its capability nothing, without a place to receive it');
  }),
  creation(
    'a TCB that is made where another was is new: nothing is bound to it, and it is inactive',
    (story, check) => {
      const untyped = story.make('Untyped', story.object('TCB').bits);
      const tcb = story.make('TCB', 0, 1, untyped);
      const notification = story.make('Notification');
      const bind = () => story.invoke(tcb, 'TCB_BindNotification', [], [notification]);
      const { boot } = story;
      const parameters = [boot.tcb, story.schedContext(), 0];
      answers(check, bind(), 'NoError');
      answers(check, story.invoke(tcb, 'TCB_Configure', [0, 0, 0], [boot.cnode, boot.vspace, 0]), 'NoError');
      answers(check, story.invoke(tcb, 'TCB_SetSchedParams', [255, 50], parameters), 'NoError');
      answers(check, story.invoke(tcb, 'TCB_Resume'), 'NoError');
      answers(check, story.revoke(untyped), 'NoError');
      answers(check, story.retype(untyped, 'TCB', 0, tcb), 'NoError');
      answers(check, bind(), 'NoError', [], 'it is bound to nothing, and so is the notification');
      answers(check, story.invoke(tcb, 'TCB_SetPriority', [150], [boot.tcb]), 'NoError');
      answers(check, story.invoke(story.schedContext(), 'SchedContext_Bind', [], [tcb]), 'NoError', [], 'no context');
      check.equal(story.current, story.initial, 'it does not run');
      const other = story.sleeper();
      const raise = story.invoke(other.tcb, 'TCB_SetPriority', [1], [tcb]);
      answers(check, raise, 'RangeError', [0, 0], 'it controls no priority');
    },
  ),
  creation('TCB_SetIPCBuffer with address 0 takes the buffer away', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.server(endpoint);
    answers(check, story.invoke(server.tcb, 'TCB_SetIPCBuffer', [0], [0]), 'NoError');
    story.nbSend(endpoint, { words: [1, 2, 3, 4, 5, 6] });
    check.equal(story.message.length, story.numbers.messageRegisters, 'the length');
  }),
  creation('TCB_SetSchedParams binds a context, and without one takes it away', (story, check) => {
    const agent = story.sleeper();
    const badged = story.minted(agent.wake, 1);
    const { tcb } = story.boot;
    answers(check, story.invoke(agent.tcb, 'TCB_SetSchedParams', [255, 110], [tcb, 0, 0]), 'NoError', [], 'none');
    story.signal(badged);
    check.equal(story.current, story.initial, 'it has no time');
    answers(
      check,
      story.invoke(agent.schedContext, 'SchedContext_Bind', [], [story.make('TCB')]),
      'NoError',
      [],
      'free',
    );
  }),
  creation(
    'TCB_SetTLSBase is accepted',
    (story, check) => {
      answers(check, story.invoke(story.sleeper().tcb, 'TCB_SetTLSBase', [0x5000]), 'NoError', []);
    },
    'tlsBase',
  ),
  creation(
    'TCB_SetFlags clears, then sets, and answers with the flags',
    (story, check) => {
      const { tcb } = story.sleeper();
      answers(check, story.invoke(tcb, 'TCB_SetFlags', [0, 1]), 'NoError', [1], 'set');
      answers(check, story.invoke(tcb, 'TCB_SetFlags', [0, 0]), 'NoError', [1], 'asked');
      answers(check, story.invoke(tcb, 'TCB_SetFlags', [1, 0]), 'NoError', [0], 'cleared');
      answers(check, story.invoke(tcb, 'TCB_SetFlags', [1, 1]), 'NoError', [1], 'both: set wins');
    },
    'flags',
  ),
];

export const registers: readonly Clause[] = [
  layout(
    'TCB_WriteRegisters and TCB_ReadRegisters give back what was written',
    (story, check) => {
      const agent = story.sleeper();
      const { count } = story.numbers.registers;
      const values = Array.from({ length: count }, (_, index) => 4096 + 16 * index);
      answers(check, story.invoke(agent.tcb, 'TCB_WriteRegisters', [0, count, ...values]), 'NoError');
      const read = story.invoke(agent.tcb, 'TCB_ReadRegisters', [0, count]);
      check.equal([read.error, ...read.words], ['NoError', ...values], 'registers');
      const two = story.invoke(agent.tcb, 'TCB_ReadRegisters', [0, 2]);
      check.equal(two.words, values.slice(0, 2), 'the first two');
    },
    'registers',
  ),
  layout(
    'TCB_ReadRegisters: a count of 0 or too many is RangeError, oneself IllegalOperation',
    (story, check) => {
      const agent = story.sleeper();
      const { count } = story.numbers.registers;
      answers(check, story.invoke(agent.tcb, 'TCB_ReadRegisters', [0, 0]), 'RangeError', [1, count], 'none');
      answers(
        check,
        story.invoke(agent.tcb, 'TCB_ReadRegisters', [0, count + 1]),
        'RangeError',
        [1, count],
        'too many',
      );
      answers(check, story.invoke(story.boot.tcb, 'TCB_ReadRegisters', [0, 2]), 'IllegalOperation', [], 'oneself');
    },
    'registers',
  ),
  layout(
    'TCB_WriteRegisters: fewer words than the count is TruncatedMessage, oneself IllegalOperation',
    (story, check) => {
      const agent = story.sleeper();
      answers(
        check,
        story.invoke(agent.tcb, 'TCB_WriteRegisters', [0, 3, 1, 2]),
        'TruncatedMessage',
        [],
        'two of three',
      );
      answers(check, story.invoke(story.boot.tcb, 'TCB_WriteRegisters', [0, 1, 1]), 'IllegalOperation', [], 'oneself');
    },
    'registers',
  ),
  layout(
    'TCB_ReadRegisters suspends its thread when told to',
    (story, check) => {
      const agent = story.sleeper();
      answers(check, story.invoke(agent.tcb, 'TCB_ReadRegisters', [1, 1]), 'NoError');
      story.signal(story.minted(agent.wake, 1));
      check.equal(story.current, story.initial, 'who runs');
    },
    'registers',
  ),
  layout(
    'TCB_WriteRegisters resumes its thread when told to',
    (story, check) => {
      const agent = story.sleeper();
      answers(check, story.suspend(agent), 'NoError');
      story.call(agent.tcb, { label: story.numbers.labels.TCB_WriteRegisters ?? 0, words: [1, 1, 4096] });
      check.equal(story.current, agent.id, 'who runs');
    },
    'registers',
  ),
  layout(
    'a thread that is suspended after SchedContext_YieldTo gets no answer any more: its registers are as written',
    (story, check) => {
      const [agent, other] = [story.sleeper(), story.sleeper()];
      const { count } = story.numbers.registers;
      const values = Array.from({ length: count }, (_, index) => 4096 + 16 * index);
      story.signal(story.minted(agent.wake, 1));
      story.signal(other.wake);
      story.call(other.schedContext, { label: story.numbers.labels.SchedContext_YieldTo ?? 0 });
      check.equal(story.current, other.id, 'the other runs');
      answers(check, story.suspend(agent), 'NoError');
      answers(check, story.invoke(agent.tcb, 'TCB_WriteRegisters', [0, count, ...values]), 'NoError');
      answers(check, story.resume(agent), 'NoError');
      story.elapse(story.slice);
      check.equal(story.current, agent.id, 'its turn');
      story.elapse(story.slice);
      const ends = story.invoke(agent.tcb, 'TCB_ReadRegisters', [0, count]);
      check.equal([ends.error, ...ends.words], ['NoError', ...values], 'registers');
    },
    'registers',
  ),
  layout(
    'TCB_CopyRegisters copies the frame registers with bit 2, and suspends and resumes with bits 0 and 1',
    (story, check) => {
      const [from, to] = [story.sleeper(), story.sleeper()];
      const { ip } = story.numbers.registers;
      answers(check, story.invoke(from.tcb, 'TCB_WriteRegisters', [0, 1, 0x7770]), 'NoError');
      answers(check, story.invoke(to.tcb, 'TCB_CopyRegisters', [0], [from.tcb]), 'NoError', [], 'nothing');
      const before = story.invoke(to.tcb, 'TCB_ReadRegisters', [0, ip + 1]).words[ip];
      check.that(before !== 0x7770, 'without a bit nothing is copied');
      answers(check, story.invoke(to.tcb, 'TCB_CopyRegisters', [4], [from.tcb]), 'NoError', [], 'the frame registers');
      check.equal(story.invoke(to.tcb, 'TCB_ReadRegisters', [0, ip + 1]).words[ip], 0x7770, 'the instruction pointer');
    },
    'registers',
  ),
  layout(
    'a thread whose instruction pointer was set goes on there, and does not make its system call again',
    (story, check) => {
      const [from, written, copied] = [story.sleeper(), story.sleeper(), story.sleeper()];
      answers(check, story.suspend(written), 'NoError');
      answers(check, story.suspend(copied), 'NoError');
      answers(check, story.invoke(written.tcb, 'TCB_WriteRegisters', [0, 1, 0x7770]), 'NoError');
      story.call(written.tcb, { label: story.numbers.labels.TCB_Resume ?? 0 });
      check.equal(story.current, written.id, 'by TCB_WriteRegisters');
      story.wait(written.wake);
      answers(check, story.invoke(copied.tcb, 'TCB_CopyRegisters', [4], [from.tcb]), 'NoError');
      story.call(copied.tcb, { label: story.numbers.labels.TCB_Resume ?? 0 });
      check.equal(story.current, copied.id, 'by TCB_CopyRegisters');
    },
    'registers',
  ),
  layout(
    'TCB_CopyRegisters: a source that is no TCB is InvalidCapability 1',
    (story, check) => {
      const agent = story.sleeper();
      answers(check, story.invoke(agent.tcb, 'TCB_CopyRegisters', [0], [story.boot.cnode]), 'InvalidCapability', [1]);
      answers(check, story.invoke(agent.tcb, 'TCB_CopyRegisters', [0], [story.sleeper().tcb]), 'NoError');
    },
    'registers',
  ),
];
