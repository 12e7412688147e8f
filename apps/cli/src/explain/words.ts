/** What a charge means, in the field's words. */
import type { Step } from '@bulkhead/assembler';

/** What the words of some steps depend on. */
export interface Surroundings {
  /** The address space that is loaded now. */
  readonly domain: string;
  /** Why the kernel is entered. */
  readonly purpose: string;
}

type Words = (step: Step, around: Surroundings) => string;

const times = (count: number, one: string, many: string): string => (count === 1 ? `1 ${one}` : `${count} ${many}`);
const lines = (count: number): string => times(count, 'line', 'lines');

/** By primitive. What is not here is called by its name. */
const WORDS: Readonly<Record<string, Words>> = {
  'kernel-entry-exit': (_, { purpose }) => `kernel entry ${purpose}`,
  'register-save': () => 'registers saved and restored',
  'address-space-switch': (_, { domain }) => `address space of ${domain} loaded`,
  'ipc-path': () => 'message passed on, fast path',
  'ipc-slow-path': () => 'message passed on, slow path',
  'message-word': ({ count }) => `${times(count, 'word', 'words')} of the message beyond the registers`,
  'cap-transfer': () => 'right passed on with the message',
  'notification-signal': () => 'other side signalled',
  'notification-wait': () => 'waits for what comes next',
  'ring-entry': () => 'ring entry written or taken',
  'direct-call': () => 'function call',
  'cast-queue': () => 'cast put into a queue',
  'cast-dispatch': ({ component }) => (component === 'kernel' ? 'next component chosen' : 'cast taken from its queue'),
  schedule: () => 'next thread chosen',
  invocation: () => 'kernel invocation done',
  'cap-lookup': () => 'right looked up',
  'page-map': () => 'page mapped',
  'page-unmap': () => 'page unmapped',
  'tlb-refill': ({ count }) => `TLB refilled, ${times(count, 'walk', 'walks')}`,
  'tlb-invalidate-page': () => 'page taken out of the TLB',
  'copy-line': ({ count }) => `copy ${lines(count)}`,
  'checksum-line': ({ count }) => `checksum over ${lines(count)}`,
  'interrupt-entry': () => 'interrupt',
  'interrupt-acknowledge': () => 'interrupt acknowledged',
  'mmio-read': () => 'device register read',
  'mmio-write': () => 'device register written',
  'nic-driver.interrupt': () => 'interrupt cause handled',
  'nic-driver.rx-frame': () => 'frame received',
  'nic-driver.tx-frame': () => 'frame given to the device',
  'virtio-net-driver.interrupt': () => 'interrupt handled',
  'virtio-net-driver.rx-frame': () => 'frame received',
  'virtio-net-driver.tx-frame': () => 'frame given to the device',
  'net-stack.ethernet': () => 'Ethernet header',
  'net-stack.arp': () => 'ARP',
  'net-stack.ip': () => 'IP header',
  'net-stack.icmp': () => 'ICMP message',
  'net-stack.udp': () => 'UDP datagram',
  'net-stack.tcp-in': () => 'TCP segment in',
  'net-stack.tcp-out': () => 'TCP segment out',
  'net-stack.socket-call': () => 'socket call',
  'net-stack.timer': () => 'timer looked at',
  'net-stack copy-line': ({ count }) => `copy ${lines(count)} between the application's buffer and the stack's`,
  'web-server.accept': () => 'connection accepted',
  'web-server.request': () => 'request parsed',
  'web-server.response': () => 'response composed',
  'web-server copy-line': ({ count }) => `copy ${lines(count)} in the application`,
};

/** @param kind whose code the charged component is */
export function wordsOf(step: Step, kind: string, around: Surroundings): string {
  const { primitive } = step;
  const words = WORDS[`${kind} ${primitive}`] ?? WORDS[primitive];
  return words === undefined ? primitive.replace('.', ': ').replaceAll('-', ' ') : words(step, around);
}
