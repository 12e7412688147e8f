/** Many system calls in a process of its own, so that collecting garbage is exact: prints the garbage that they made. */
import { objects, labels as slotLabels } from '@bulkhead/capabilities';
import { message } from '@bulkhead/ipc';
import { bootSlots, labels, systemCalls } from '../src/index.ts';
import { World } from './support.ts';

const rounds = Number(process.argv[2]);
const fastPath = process.argv[3] === 'fast';
const { gc } = globalThis as unknown as { readonly gc: () => void };
const BUDGET = 2 ** 30;
const PRIORITY = 110;

const w = new World({ kernel: { fastPath } });
const { kernel } = w;
const { threads } = kernel;
const [endpoint, reply, bell] = [objects.ENDPOINT, objects.REPLY, objects.NOTIFICATION].map((type) => w.make(type));
const client = w.makeThread({ priority: PRIORITY - 1, budget: BUDGET });
const server = w.makeThread({ priority: PRIORITY, budget: BUDGET });
const [clientId, serverId] = [w.thread(client), w.thread(server)];
kernel.control.resume(serverId);
w.rest();
kernel.systemCall(systemCalls.RECEIVE, endpoint!, reply!, 0);
w.wake();
w.makePassive(server);
kernel.control.resume(clientId);
w.rest();

let wrong = 0;
let now = kernel.scheduler.now;
const by = (thread: number): void => {
  if (kernel.current !== thread) wrong++;
};
/** @param words of a message that is in registers already */
function call(pointer: number, label: number, words: number, extras: number): void {
  threads.tag[clientId!] = message.messageTag(label, 0, extras, words);
  kernel.systemCall(systemCalls.CALL, pointer, 0, 0);
}
function invoke(pointer: number, label: number, words: number, extras: number): void {
  call(pointer, label, words, extras);
  if (threads.tag[clientId!]! !== 0) wrong++;
}
const register = (index: number, word: number): void => {
  threads.registers[clientId! * 8 + index * 2] = word;
};
const capability = (index: number, pointer: number): void => {
  threads.words[threads.buffer[clientId!]! + message.CAPS_OR_BADGES + index * 2] = pointer;
};

/** A call and its answer, a signal and its taking. */
function talk(): void {
  by(clientId!);
  call(endpoint!, 7, message.MESSAGE_REGISTERS, 0);
  by(serverId!);
  threads.tag[serverId!] = message.messageTag(0, 0, 0, 2);
  kernel.systemCall(systemCalls.REPLY_RECEIVE, endpoint!, reply!, 0);
  by(clientId!);
  kernel.systemCall(systemCalls.SEND, bell!, 0, 0);
  kernel.systemCall(systemCalls.NB_WAIT, bell!, 0, 0);
  kernel.elapse(++now);
}
/** What is invoked on the way: slots, threads, and time. */
function invokeAll(): void {
  register(0, 200);
  register(1, 32);
  register(2, endpoint!);
  register(3, 32);
  threads.words[threads.buffer[clientId!]! + message.BUFFER_MESSAGE + 8] = objects.ALL_RIGHTS;
  capability(0, bootSlots.CNODE);
  invoke(bootSlots.CNODE, slotLabels.CNODE_COPY, 5, 1);
  invoke(bootSlots.CNODE, slotLabels.CNODE_DELETE, 2, 0);
  register(0, PRIORITY);
  capability(0, bootSlots.TCB);
  invoke(server, labels.TCB_SET_PRIORITY, 1, 1);
  register(0, 1000);
  call(server, labels.TCB_SET_PRIORITY, 1, 1);
  if (threads.tag[clientId!] === 0) wrong++;
}
function run(count: number): void {
  for (let i = 0; i < count; i++) {
    talk();
    invokeAll();
  }
}
run(50_000);
gc();
const before = process.memoryUsage().heapUsed;
run(rounds);
const garbageBytes = process.memoryUsage().heapUsed - before;
process.stdout.write(JSON.stringify({ garbageBytes, wrong, taken: kernel.calls.misses.of('taken') }));
