/** A client that calls, and a server that answers, over tables of capabilities that are numbers. */
import { BlockedThreads, type CapabilityPort, message, rights, SystemCalls, Unscheduled } from '../src/index.ts';

export const CLIENT = 0;
export const SERVER = 1;
export const ENDPOINT = 1;
export const REPLY = 2;
export const NOTIFICATION = 3;
const KINDS = Int32Array.of(0, rights.ENDPOINT, rights.REPLY, rights.NOTIFICATION);
const OBJECTS = Int32Array.of(0, 16, 32, 48);
const RIGHTS = rights.WRITE | rights.READ | rights.GRANT | rights.GRANT_REPLY;
const BUFFERS = 256;

class Slots implements CapabilityPort {
  lookup(_thread: number, pointer: number): number {
    return pointer > 0 && pointer < KINDS.length ? pointer : -1;
  }
  kindOf(slot: number): number {
    return KINDS[slot]!;
  }
  objectOf(slot: number): number {
    return OBJECTS[slot]!;
  }
  badgeOf(_slot: number): number {
    return 7;
  }
  rightsOf(_slot: number): number {
    return RIGHTS;
  }
  receiveSlot(): number {
    return -1;
  }
  deriveInto(): number {
    return -1;
  }
  invoke(): number {
    return 0;
  }
  explain(): number {
    return 0;
  }
}

export const threads: BlockedThreads = new BlockedThreads(new Int32Array(1024), 2);
export const calls: SystemCalls = new SystemCalls(threads, new Slots(), new Unscheduled());
threads.buffer[CLIENT] = BUFFERS;
threads.buffer[SERVER] = BUFFERS + message.BUFFER_LANES;
threads.tag.fill(message.messageTag(1, 0, 0, message.MESSAGE_REGISTERS));
calls.receive(SERVER, ENDPOINT, REPLY);
