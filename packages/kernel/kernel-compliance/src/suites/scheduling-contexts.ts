/** Scheduling contexts: what is set of them, and who may run for how long. */
import { answers, climb, sectionOf } from '../clause.ts';
import type { Clause } from '../run.ts';

const contexts = sectionOf('6.1.6 Scheduling Contexts');
const passive = sectionOf('6.1.7 Passive Threads');
const creation = sectionOf('6.1.8 Scheduling Context Creation');
const algorithm = sectionOf('6.1.10 Scheduling algorithm');

export const contextCreation: readonly Clause[] = [
  creation(
    'SchedControl_ConfigureFlags: label, length, context, budget, period, budget above period, refills',
    (story, check) => {
      const { numbers, boot } = story;
      const { minBudget, maxPeriod, extraRefills } = numbers;
      const context = story.make('SchedContext', numbers.schedContextBits);
      const draft = {
        pointer: boot.schedControl,
        label: numbers.labels.CNode_Copy!,
        words: [minBudget - 1, minBudget - 1, extraRefills + 1, 0],
        capabilities: [],
      };
      climb(story, check, draft, [
        { error: 'IllegalOperation', what: 'a label of another type' },
        {
          mend: (d) => (d.label = numbers.labels.SchedControl_ConfigureFlags!),
          error: 'TruncatedMessage',
          what: 'four words',
        },
        { mend: (d) => d.words.push(0), error: 'TruncatedMessage', what: 'no context' },
        { mend: (d) => d.capabilities.push(boot.tcb), error: 'InvalidCapability', words: [1], what: 'no context' },
        {
          mend: (d) => (d.capabilities[0] = context),
          error: 'RangeError',
          words: [minBudget, maxPeriod],
          what: 'the budget',
        },
        {
          mend: (d) => (d.words[0] = 2 * minBudget),
          error: 'RangeError',
          words: [minBudget, maxPeriod],
          what: 'the period',
        },
        {
          mend: (d) => (d.words[1] = 2 * minBudget - 1),
          error: 'RangeError',
          words: [minBudget, 2 * minBudget - 1],
          what: 'a budget above the period',
        },
        {
          mend: (d) => (d.words[1] = 4 * minBudget),
          error: 'RangeError',
          words: [0, extraRefills],
          what: 'too many refills',
        },
        { mend: (d) => (d.words[2] = extraRefills), error: 'NoError', what: 'and then it is done' },
      ]);
    },
  ),
  creation('a context that was not configured gives no time', (story, check) => {
    const agent = story.sleeper();
    const empty = story.make('SchedContext', story.numbers.schedContextBits);
    answers(check, story.invoke(agent.schedContext, 'SchedContext_Unbind'), 'NoError');
    story.signal(story.minted(agent.wake, 1));
    check.equal(story.current, story.initial, 'without a context');
    answers(check, story.invoke(empty, 'SchedContext_Bind', [], [agent.tcb]), 'NoError');
    check.equal(story.current, story.initial, 'with an empty one');
    story.call(story.boot.schedControl, {
      label: story.numbers.labels.SchedControl_ConfigureFlags ?? 0,
      words: [story.slice, story.slice, 0, 0, 0],
      capabilities: [empty],
    });
    check.equal(story.current, agent.id, 'with time');
  }),
];

export const bindings: readonly Clause[] = [
  contexts('SchedContext_Bind: neither TCB nor notification is InvalidCapability 1', (story, check) => {
    const context = story.schedContext();
    for (const other of [story.make('Endpoint'), story.boot.cnode, context])
      answers(check, story.invoke(context, 'SchedContext_Bind', [], [other]), 'InvalidCapability', [1]);
  }),
  contexts('SchedContext_Bind: a context, or a thread, that is bound already is IllegalOperation', (story, check) => {
    const [one, two] = [story.sleeper(), story.sleeper()];
    const free = story.schedContext();
    const bind = (context: number, object: number) => story.invoke(context, 'SchedContext_Bind', [], [object]);
    answers(check, bind(one.schedContext, two.tcb), 'IllegalOperation', [], 'both are bound');
    answers(check, bind(free, two.tcb), 'IllegalOperation', [], 'the thread is');
    answers(check, bind(one.schedContext, story.make('TCB')), 'IllegalOperation', [], 'the context is');
    const [first, second] = [story.make('Notification'), story.make('Notification')];
    answers(check, bind(free, first), 'NoError', [], 'a notification');
    answers(check, bind(free, second), 'IllegalOperation', [], 'a second notification');
    answers(check, bind(story.schedContext(), first), 'IllegalOperation', [], 'the notification has one');
    answers(check, bind(free, story.make('TCB')), 'NoError', [], 'a thread beside the notification');
  }),
  contexts(
    'SchedContext_UnbindObject: no TCB or notification InvalidCapability 1; not bound to it IllegalOperation',
    (story, check) => {
      const agent = story.sleeper();
      const unbind = (object: number) => story.invoke(agent.schedContext, 'SchedContext_UnbindObject', [], [object]);
      answers(check, unbind(story.make('Endpoint')), 'InvalidCapability', [1], 'an endpoint');
      answers(check, unbind(story.make('TCB')), 'IllegalOperation', [], 'another thread');
      answers(check, unbind(story.make('Notification')), 'IllegalOperation', [], 'another notification');
      answers(check, unbind(agent.tcb), 'NoError', [], 'its thread');
      answers(check, unbind(agent.tcb), 'IllegalOperation', [], 'its thread, once more');
    },
  ),
  contexts('SchedContext_Unbind and UnbindObject of the context that runs is IllegalOperation', (story, check) => {
    const { schedContext, tcb } = story.boot;
    answers(check, story.invoke(schedContext, 'SchedContext_Unbind'), 'IllegalOperation');
    answers(check, story.invoke(schedContext, 'SchedContext_UnbindObject', [], [tcb]), 'IllegalOperation');
  }),
  contexts('SchedContext_Unbind takes it from thread and notification', (story, check) => {
    const agent = story.sleeper();
    const notification = story.make('Notification');
    answers(check, story.invoke(agent.schedContext, 'SchedContext_Bind', [], [notification]), 'NoError');
    answers(check, story.invoke(agent.schedContext, 'SchedContext_Unbind'), 'NoError');
    story.signal(story.minted(agent.wake, 1));
    check.equal(story.current, story.initial, 'the thread has no time');
    answers(check, story.invoke(story.schedContext(), 'SchedContext_Bind', [], [notification]), 'NoError');
  }),
  contexts('deleting the last capability to a context unbinds it: its thread stops', (story, check) => {
    const agent = story.sleeper();
    answers(check, story.delete(agent.schedContext), 'NoError');
    story.signal(story.minted(agent.wake, 1));
    check.equal(story.current, story.initial, 'who runs');
    story.call(story.schedContext(), { label: story.numbers.labels.SchedContext_Bind ?? 0, capabilities: [agent.tcb] });
    check.equal(story.current, agent.id, 'with a new one it runs');
  }),
  contexts('SchedContext_Consumed answers the time used since it was asked last', (story, check) => {
    const agent = story.sleeper();
    const consumed = () => story.invoke(agent.schedContext, 'SchedContext_Consumed');
    consumed();
    story.signal(story.minted(agent.wake, 1));
    story.elapse(story.numbers.minBudget);
    story.wait(agent.wake);
    answers(check, consumed(), 'NoError', [story.numbers.minBudget], 'first');
    answers(check, consumed(), 'NoError', [0], 'then');
  }),
  passive('a thread whose context is unbound waits on, and receives, but does not run', (story, check) => {
    const endpoint = story.make('Endpoint');
    const server = story.passiveServer(endpoint);
    story.nbSend(endpoint, { words: [6] });
    check.equal(story.current, story.initial, 'it does not run');
    story.call(server.schedContext, {
      label: story.numbers.labels.SchedContext_Bind ?? 0,
      capabilities: [server.tcb],
    });
    check.equal([story.current, story.message.words], [server.id, [6]], 'with a context it has the message');
  }),
  contexts('deleting a notification frees the context that was bound to it', (story, check) => {
    const context = story.schedContext();
    const bind = (object: number) => story.invoke(context, 'SchedContext_Bind', [], [object]);
    const notification = story.make('Notification');
    const other = story.make('Notification');
    answers(check, bind(notification), 'NoError');
    answers(check, bind(other), 'IllegalOperation', [], 'it is bound');
    answers(check, story.delete(notification), 'NoError');
    answers(check, bind(other), 'NoError', [], 'another');
  }),
  contexts('deleting a TCB frees the context that was bound to it', (story, check) => {
    const agent = story.sleeper();
    answers(check, story.delete(agent.tcb), 'NoError');
    const bound = story.invoke(agent.schedContext, 'SchedContext_Bind', [], [story.make('TCB')]);
    answers(check, bound, 'NoError', []);
  }),
];

export const budgets: readonly Clause[] = [
  algorithm('threads of one priority take turns, each as long as its budget', (story, check) => {
    const [one, two] = [story.sleeper(), story.sleeper()];
    const [wakeOne, wakeTwo] = [story.minted(one.wake, 1), story.minted(two.wake, 1)];
    story.together(() => {
      story.signal(wakeOne);
      story.signal(wakeTwo);
    });
    const order = [story.current];
    for (let turn = 0; turn < 3; turn++) {
      story.elapse(story.slice);
      order.push(story.current);
    }
    check.equal(order, [one.id, two.id, one.id, two.id], 'turns');
  }),
  algorithm('within its turn a thread is not interrupted by its equals', (story, check) => {
    const [one, two] = [story.sleeper(), story.sleeper()];
    const [wakeOne, wakeTwo] = [story.minted(one.wake, 1), story.minted(two.wake, 1)];
    story.together(() => {
      story.signal(wakeOne);
      story.signal(wakeTwo);
    });
    story.elapse(story.slice - 2 * story.numbers.minBudget);
    check.equal(story.current, one.id, 'before the end');
  }),
  algorithm('Yield gives up the rest of the turn', (story, check) => {
    const [one, two] = [story.sleeper(), story.sleeper()];
    const [wakeOne, wakeTwo] = [story.minted(one.wake, 1), story.minted(two.wake, 1)];
    story.together(() => {
      story.signal(wakeOne);
      story.signal(wakeTwo);
    });
    story.yield();
    check.equal(story.current, two.id, 'the next');
    story.yield();
    check.equal(story.current, one.id, 'and back');
  }),
  algorithm('who has used its budget waits until the period is over, whatever its priority', (story, check) => {
    const half = 2 * story.numbers.minBudget;
    const budget = 2 * half;
    const agent = story.sleeper({ priority: 200, budget, period: 10 * budget });
    story.signal(story.minted(agent.wake, 1));
    check.equal(story.current, agent.id, 'it runs');
    story.elapse(half);
    check.equal(story.current, agent.id, 'up to its budget');
    story.elapse(half);
    check.equal(story.current, story.initial, 'and not longer');
    story.elapse(9 * budget - 2);
    check.equal(story.current, story.initial, 'before the period is over');
    story.elapse(4);
    check.equal(story.current, agent.id, 'and then it runs again');
  }),
  algorithm('Yield with a budget below the period waits for the next replenishment', (story, check) => {
    const budget = 2 * story.numbers.minBudget;
    const agent = story.sleeper({ priority: 200, budget, period: 10 * budget });
    story.signal(story.minted(agent.wake, 1));
    story.yield();
    check.equal(story.current, story.initial, 'it waits');
    story.elapse(10 * budget + 1);
    check.equal(story.current, agent.id, 'and runs again');
  }),
  algorithm('no thread gets more than its budget in a period, however it wakes and waits', (story, check) => {
    const budget = 4 * story.numbers.minBudget;
    const agent = story.sleeper({ priority: 200, budget, period: 4 * budget });
    const badged = story.minted(agent.wake, 1);
    let used = 0;
    for (let step = 0; step < 64; step++) {
      if (story.current === agent.id) {
        story.elapse(budget / 4);
        used += budget / 4;
        if (story.current === agent.id) story.wait(agent.wake);
      } else {
        story.signal(badged);
        if (story.current === story.initial) story.elapse(budget / 4);
      }
    }
    const total = 64 * (budget / 4);
    check.that(used > 0 && used <= total / 4 + 2 * budget, `used ${used} of ${total}`);
  }),
  algorithm('SchedContext_YieldTo runs a thread of the same priority, and answers what it used', (story, check) => {
    const agent = story.sleeper({ priority: 110 });
    const badged = story.minted(agent.wake, 1);
    const { tcb } = story.boot;
    answers(check, story.invoke(agent.schedContext, 'SchedContext_Consumed'), 'NoError');
    answers(check, story.invoke(tcb, 'TCB_SetPriority', [110], [tcb]), 'NoError');
    story.signal(badged);
    check.equal(story.current, story.initial, 'its equal waits for its turn');
    story.call(agent.schedContext, { label: story.numbers.labels.SchedContext_YieldTo ?? 0 });
    check.equal(story.current, agent.id, 'it runs at once');
    story.elapse(story.numbers.minBudget);
    story.wait(agent.wake);
    answers(check, story.answerOf(story.initial), 'NoError', [story.numbers.minBudget], 'what it used');
    story.signal(badged);
    story.call(agent.schedContext, { label: story.numbers.labels.SchedContext_YieldTo ?? 0 });
    check.equal(story.current, agent.id, 'once more');
    story.wait(agent.wake);
    answers(check, story.answerOf(story.initial), 'NoError', [0], 'what it used since');
  }),
  algorithm('SchedContext_YieldTo: no thread, oneself, above one’s maximum is IllegalOperation', (story, check) => {
    const to = (context: number) => story.invoke(context, 'SchedContext_YieldTo');
    answers(check, to(story.schedContext()), 'IllegalOperation', [], 'no thread');
    answers(check, to(story.boot.schedContext), 'IllegalOperation', [], 'oneself');
    const high = story.sleeper({ priority: 150 });
    const low = story.sleeper({ priority: 120, maximum: 140 });
    story.signal(story.minted(low.wake, 1));
    answers(check, to(high.schedContext), 'IllegalOperation', [], 'above the maximum');
  }),
];
