/** Threads: what is set of them, and which errors win. */
import { answers, climb, type Draft, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';
import type { Story } from '../story.ts';

const creation = sectionOf('6.1.2 Thread Creation');
const deactivation = sectionOf('6.1.3 Thread Deactivation');
const scheduling = sectionOf('6.1.4 Scheduling');
const exceptions = sectionOf('6.1.11 Exceptions');

const draftOf = (story: Story, pointer: number): Draft => ({
  pointer,
  label: story.numbers.labels.CNode_Copy!,
  words: [],
  capabilities: [],
});

export const threadCreation: readonly Clause[] = [
  creation('a new thread is inactive: without TCB_Resume it does not run', (story, check) => {
    const tcb = story.make('TCB');
    const parameters = [story.boot.tcb, story.schedContext(), 0];
    const spaces = [story.boot.cnode, story.boot.vspace, 0];
    answers(check, story.invoke(tcb, 'TCB_Configure', [0, 0, 0], spaces), 'NoError', [], 'its spaces');
    answers(check, story.invoke(tcb, 'TCB_SetSchedParams', [255, 150], parameters), 'NoError');
    check.equal(story.current, story.initial, 'who runs');
    answers(check, story.invoke(tcb, 'TCB_Resume'), 'NoError', [], 'resumed');
    check.that(story.current !== story.initial, 'resumed, it runs');
  }),
  creation('a resumed thread without a scheduling context does not run', (story, check) => {
    const tcb = story.make('TCB');
    const spaces = [story.boot.cnode, story.boot.vspace, 0];
    answers(check, story.invoke(tcb, 'TCB_Configure', [0, 0, 0], spaces), 'NoError');
    answers(check, story.invoke(tcb, 'TCB_SetPriority', [150], [story.boot.tcb]), 'NoError');
    answers(check, story.invoke(tcb, 'TCB_Resume'), 'NoError');
    check.equal(story.current, story.initial, 'who runs');
    answers(check, story.invoke(story.schedContext(), 'SchedContext_Bind', [], [tcb]), 'NoError');
    check.that(story.current !== story.initial, 'and with one it runs');
  }),
  creation('TCB_SetSpace and TCB_Configure: a CSpace that is no CNode is IllegalOperation', (story, check) => {
    const { tcb, boot } = { tcb: story.make('TCB'), boot: story.boot };
    const notNode = [0, boot.tcb, boot.vspace];
    answers(check, story.invoke(tcb, 'TCB_SetSpace', [0, 0], notNode), 'IllegalOperation', [], 'SetSpace');
    const also = [boot.tcb, boot.vspace, 0];
    answers(check, story.invoke(tcb, 'TCB_Configure', [0, 0, 0], also), 'IllegalOperation', [], 'Configure');
  }),
  creation('TCB_SetSpace and TCB_Configure: a VSpace that was not assigned is IllegalOperation', (story, check) => {
    const { tcb, boot } = { tcb: story.make('TCB'), boot: story.boot };
    const table = story.make('PageTable');
    for (const vspace of [table, boot.tcb, boot.cnode]) {
      answers(check, story.invoke(tcb, 'TCB_SetSpace', [0, 0], [0, boot.cnode, vspace]), 'IllegalOperation');
      answers(check, story.invoke(tcb, 'TCB_Configure', [0, 0, 0], [boot.cnode, vspace, 0]), 'IllegalOperation');
    }
  }),
  creation(
    'TCB_SetSpace, Configure, SetIPCBuffer: an untyped with children is RevokeFirst, one without is IllegalOperation',
    (story, check) => {
      const { tcb, boot } = { tcb: story.make('TCB'), boot: story.boot };
      const [parent, childless] = [story.make('Untyped', 12), story.make('Untyped', 12)];
      story.make('Endpoint', 0, 1, parent);
      for (const [untyped, error] of [[parent, 'RevokeFirst'] as const, [childless, 'IllegalOperation'] as const]) {
        const { cnode, vspace } = boot;
        answers(check, story.invoke(tcb, 'TCB_SetSpace', [0, 0], [0, untyped, vspace]), error, [], 'the CSpace');
        answers(check, story.invoke(tcb, 'TCB_SetSpace', [0, 0], [0, cnode, untyped]), error, [], 'the VSpace');
        answers(check, story.invoke(tcb, 'TCB_Configure', [0, 0, 1], [0, 0, untyped]), error, [], 'the buffer');
        answers(check, story.invoke(tcb, 'TCB_SetIPCBuffer', [1], [untyped]), error, [], 'the buffer alone');
      }
    },
  ),
  creation(
    'TCB_SetSpace with a guard sets it on the CSpace root; a guard that is too long is IllegalOperation',
    (story, check) => {
      const tcb = story.make('TCB');
      const node = story.make('CNode', 8);
      const { boot, numbers, depth } = story;
      const tooLong = [numbers.guardWord(0, depth - 7), 0];
      answers(check, story.invoke(tcb, 'TCB_SetSpace', tooLong, [0, node, boot.vspace]), 'IllegalOperation');
      const fits = [numbers.guardWord(0, depth - 8), 0];
      answers(check, story.invoke(tcb, 'TCB_SetSpace', fits, [0, node, boot.vspace]), 'NoError');
    },
  ),
  creation(
    'TCB_SetSpace and TCB_Configure: a slot that holds the last capability to a CNode is IllegalOperation',
    (story, check) => {
      const tcb = story.make('TCB');
      const { cnode, vspace } = story.boot;
      const node = story.make('CNode', 4);
      answers(check, story.invoke(tcb, 'TCB_SetSpace', [0, 0], [0, node, vspace]), 'NoError', []);
      answers(
        check,
        story.invoke(tcb, 'TCB_SetSpace', [0, 0], [0, cnode, vspace]),
        'NoError',
        [],
        'it is not the last',
      );
      answers(check, story.invoke(tcb, 'TCB_SetSpace', [0, 0], [0, node, vspace]), 'NoError', []);
      answers(check, story.delete(node), 'NoError', [], 'now it is');
      const set = story.invoke(tcb, 'TCB_SetSpace', [0, 0], [0, cnode, vspace]);
      answers(check, set, 'IllegalOperation', [], 'to replace it would be a long deletion');
      const configure = story.invoke(tcb, 'TCB_Configure', [0, 0, 0], [cnode, vspace, 0]);
      answers(check, configure, 'IllegalOperation', [], 'by TCB_Configure, too');
    },
  ),
  creation(
    'TCB_SetIPCBuffer: misaligned is AlignmentError, no frame IllegalOperation, address 0 none',
    (story, check) => {
      const tcb = story.make('TCB');
      const frame = story.make('Frame4K');
      const step = 2 ** story.numbers.ipcBufferBits;
      const set = (address: number, capability: number) =>
        story.invoke(tcb, 'TCB_SetIPCBuffer', [address], [capability]);
      answers(check, set(0x1000 + step / 2, frame), 'AlignmentError', [], 'half a step');
      answers(check, set(0x1000, story.make('Endpoint')), 'IllegalOperation', [], 'no frame');
      answers(check, set(0x1000 + step, frame), 'NoError', [], 'aligned');
      answers(check, set(0, 0), 'NoError', [], 'none');
    },
  ),
  creation(
    'TCB_SetIPCBuffer in a device’s frame is IllegalOperation',
    (story, check) => {
      const device = story.boot.untypeds.find(({ isDevice, sizeBits }) => isDevice && sizeBits >= 12)!;
      const frame = story.make('Frame4K', 0, 1, device.pointer);
      const tcb = story.make('TCB');
      answers(check, story.invoke(tcb, 'TCB_SetIPCBuffer', [0x1000], [frame]), 'IllegalOperation');
    },
    'deviceMemory',
  ),
];

export const threadDeactivation: readonly Clause[] = [
  deactivation('a suspended thread does not run until it is resumed, and goes on where it was', (story, check) => {
    const agent = story.sleeper();
    answers(check, story.suspend(agent), 'NoError');
    story.signal(story.minted(agent.wake, 4));
    check.equal(story.current, story.initial, 'suspended');
    answers(check, story.resume(agent), 'NoError');
    check.equal([story.current, story.message.badge], [agent.id, 4], 'it waits again, and takes the signal');
  }),
  deactivation('a thread may suspend itself', (story, check) => {
    const agent = story.thread();
    story.call(agent.tcb, { label: story.numbers.labels.TCB_Suspend ?? 0 });
    check.equal(story.current, story.initial, 'who runs');
    answers(check, story.resume(agent), 'NoError');
    check.equal(story.current, agent.id, 'and then');
  }),
  deactivation('TCB_Resume of a thread that runs, or waits, changes nothing for who runs', (story, check) => {
    answers(check, story.invoke(story.boot.tcb, 'TCB_Resume'), 'NoError');
    check.equal(story.current, story.initial, 'who runs');
    const waiting = story.sleeper();
    answers(check, story.resume(waiting), 'NoError', [], 'one that waits');
    check.equal(story.current, story.initial, 'who runs still');
    story.signal(story.minted(waiting.wake, 3));
    check.equal([story.current, story.message.badge], [waiting.id, 3], 'it waited on');
  }),
];

const ofPriority = (label: 'TCB_SetPriority' | 'TCB_SetMCPriority'): Clause =>
  scheduling(`${label}: label, length, authority InvalidCapability 1, above its maximum RangeError`, (story, check) => {
    const agent = story.sleeper({ maximum: 150 });
    climb(story, check, draftOf(story, story.make('TCB')), [
      { error: 'IllegalOperation', what: 'a label of another type' },
      { mend: (d) => (d.label = story.numbers.labels[label]!), error: 'TruncatedMessage', what: 'no word' },
      { mend: (d) => d.words.push(151), error: 'TruncatedMessage', what: 'no authority' },
      { mend: (d) => d.capabilities.push(story.boot.cnode), error: 'InvalidCapability', words: [1], what: 'no TCB' },
      { mend: (d) => (d.capabilities[0] = agent.tcb), error: 'RangeError', words: [0, 150], what: 'too high' },
      { mend: (d) => (d.words[0] = 150), error: 'NoError', what: 'and then it is done' },
    ]);
  });

export const priorities: readonly Clause[] = [
  ofPriority('TCB_SetPriority'),
  ofPriority('TCB_SetMCPriority'),
  scheduling(
    'TCB_SetSchedParams: authority, maximum, priority, then the context, then the fault handler',
    (story, check) => {
      const { boot, numbers } = story;
      const agent = story.sleeper({ maximum: 150 });
      const other = story.sleeper();
      climb(story, check, draftOf(story, story.make('TCB')), [
        { error: 'IllegalOperation', what: 'a label of another type' },
        { mend: (d) => (d.label = numbers.labels.TCB_SetSchedParams!), error: 'TruncatedMessage', what: 'no word' },
        { mend: (d) => d.words.push(151, 152), error: 'TruncatedMessage', what: 'no capability' },
        {
          mend: (d) => d.capabilities.push(boot.cnode, boot.cnode, boot.cnode),
          error: 'InvalidCapability',
          words: [1],
          what: 'the authority',
        },
        { mend: (d) => (d.capabilities[0] = agent.tcb), error: 'RangeError', words: [0, 150], what: 'the maximum' },
        { mend: (d) => (d.words[0] = 150), error: 'RangeError', words: [0, 150], what: 'the priority' },
        { mend: (d) => (d.words[1] = 150), error: 'InvalidCapability', words: [2], what: 'no context' },
        { mend: (d) => (d.capabilities[1] = other.schedContext), error: 'IllegalOperation', what: 'another’s context' },
        {
          mend: (d) => (d.capabilities[1] = story.schedContext()),
          error: 'InvalidCapability',
          words: [3],
          what: 'the fault handler',
        },
        { mend: (d) => (d.capabilities[2] = 0), error: 'NoError', what: 'and then it is done' },
      ]);
    },
  ),
  scheduling('TCB_SetSchedParams without a context is IllegalOperation on the thread that runs', (story, check) => {
    const { tcb } = story.boot;
    answers(check, story.invoke(tcb, 'TCB_SetSchedParams', [255, 100], [tcb, 0, 0]), 'IllegalOperation');
  }),
  scheduling('the highest priority of those that can run runs', (story, check) => {
    const [low, high] = [story.sleeper({ priority: 110 }), story.sleeper({ priority: 120 })];
    const [wakeLow, wakeHigh] = [story.minted(low.wake, 1), story.minted(high.wake, 1)];
    story.together(() => {
      story.signal(wakeLow);
      story.signal(wakeHigh);
    });
    check.equal(story.current, high.id, 'the higher');
    story.wait(high.wake);
    check.equal(story.current, low.id, 'then the lower');
    story.signal(wakeHigh);
    check.equal(story.current, high.id, 'the higher preempts');
  }),
  scheduling('TCB_SetMCPriority bounds what the thread may set, from now on', (story, check) => {
    const agent = story.sleeper();
    const other = story.sleeper();
    const set = (priority: number) => story.invoke(other.tcb, 'TCB_SetPriority', [priority], [agent.tcb]);
    answers(check, set(90), 'NoError', [], 'before');
    answers(check, story.invoke(agent.tcb, 'TCB_SetMCPriority', [80], [story.boot.tcb]), 'NoError', []);
    answers(check, set(81), 'RangeError', [0, 80], 'above');
    answers(check, set(80), 'NoError', [], 'as high');
    const raise = story.invoke(agent.tcb, 'TCB_SetMCPriority', [81], [agent.tcb]);
    answers(check, raise, 'RangeError', [0, 80], 'nobody raises his own');
  }),
  scheduling('a thread that is raised above the one that runs preempts it', (story, check) => {
    const agent = story.sleeper();
    const badged = story.minted(agent.wake, 1);
    answers(check, story.setPriority(agent, 50), 'NoError');
    story.signal(badged);
    check.equal(story.current, story.initial, 'below it waits');
    story.call(agent.tcb, {
      label: story.numbers.labels.TCB_SetPriority ?? 0,
      words: [150],
      capabilities: [story.boot.tcb],
    });
    check.equal(story.current, agent.id, 'above it runs');
  }),
];

export const exceptionHandlers: readonly Clause[] = [
  exceptions(
    'a fault handler must be an endpoint with Write and Grant or GrantReply, or nothing: InvalidCapability',
    (story, check) => {
      const { rights } = story.numbers;
      const tcb = story.make('TCB');
      const endpoint = story.make('Endpoint');
      const { cnode, vspace } = story.boot;
      const set = (handler: number) => story.invoke(tcb, 'TCB_SetSpace', [0, 0], [handler, cnode, vspace]);
      answers(check, set(story.make('Notification')), 'InvalidCapability', [1], 'a notification');
      answers(check, set(story.copied(endpoint, rights.write)), 'InvalidCapability', [1], 'Write alone');
      answers(
        check,
        set(story.copied(endpoint, rights.grant | rights.read)),
        'InvalidCapability',
        [1],
        'without Write',
      );
      answers(check, set(story.copied(endpoint, rights.write | rights.grant)), 'NoError', [], 'Grant');
      answers(check, set(story.copied(endpoint, rights.write | rights.grantReply)), 'NoError', [], 'GrantReply');
      answers(check, set(0), 'NoError', [], 'nothing');
    },
  ),
  exceptions(
    'a timeout handler must be such an endpoint, too: InvalidCapability 1',
    (story, check) => {
      const tcb = story.make('TCB');
      const set = (handler: number) => story.invoke(tcb, 'TCB_SetTimeoutEndpoint', [], [handler]);
      answers(check, set(story.make('Notification')), 'InvalidCapability', [1], 'a notification');
      answers(check, set(story.make('Endpoint')), 'NoError', [], 'an endpoint');
      answers(check, set(0), 'NoError', [], 'nothing');
    },
    'timeouts',
  ),
];
