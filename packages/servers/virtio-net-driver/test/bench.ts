/** The driver with a fake device and fake ports. `trace` tells, in order, what it asked of others and told its stack. */
import { type BufferRef, right } from '@bulkhead/abi';
import { type Context, type Region, Window } from '@bulkhead/runtime';
import { type VirtioNetDriverConfig, virtioNetDriver } from '../src/index.ts';
import { BAR2_PAGE, BAR4_PAGE, FakeVirtio, IO_PAGE_OFFSET } from './fake-virtio.ts';

export const STACK = 5;
export const DEVICE = 0x18;
export const POOL_PAGE = 512;
export const POOL_SIZE_BYTES = 2 ** 21;
/** Pages of the region `queues`, scattered for the device. */
const QUEUES_PAGE = 2;
const FRAMES: Readonly<Record<number, number>> = { 20: 2, 21: 3, 22: 4, 23: 5, 24: 6, 30: POOL_PAGE };

/** Replaces a port's answer, to see what the driver does then. */
export type Answers = Readonly<Partial<Record<string, number>>>;

export function bench(answers: Answers = {}, prepare: (nic: FakeVirtio) => void = () => {}) {
  const nic = new FakeVirtio();
  prepare(nic);
  const trace: string[] = [];
  const answer = new Int32Array(8);
  const region = (page: number, frame: number, frameSizeBits: number, frameCount: number): Region => ({
    window: new Window(nic, page, 0, frameCount * 2 ** frameSizeBits),
    frame: right(frame),
    frameCount,
    frameSizeBits,
  });
  const spent: Record<string, number> = {};
  const context: Context<VirtioNetDriverConfig> = {
    self: 6,
    memory: nic,
    heap: new Window(nic, 0, 0, virtioNetDriver.heapPages * 4096),
    work: {
      id: (name) => {
        if (!virtioNetDriver.work.includes(name)) throw new Error(`no work ${name}`);
        return virtioNetDriver.work.indexOf(name);
      },
      spend: (id) => {
        const name = virtioNetDriver.work[id]!;
        spent[name] = (spent[name] ?? 0) + 1;
      },
      spendMany: () => {},
    },
    answer,
    config: { ...virtioNetDriver.config, peer: STACK },
    right: () => {
      throw new Error('the driver is given no rights');
    },
    region: () => region(QUEUES_PAGE, 20, 12, 5),
    shared: () => region(POOL_PAGE, 30, 21, 1),
    nowUs: () => 0,
  };
  /** One line a call; the answer is the test's or `usual`. */
  const call = (line: string, usual: number, extra = 0): number => {
    trace.push(line);
    answer[1] = extra;
    return answers[line] ?? usual;
  };
  const event = (line: string): number => {
    trace.push(line);
    return answers[line] ?? 0;
  };
  const instance = virtioNetDriver.create(context, {
    pci: {
      allow: () => 0,
      find: (_, nth) => call(`pci find ${nth}`, nth === 0 ? DEVICE : DEVICE + 8),
      claim: (device) => call(`pci claim ${device}`, 0),
      bar: (device, index) => call(`pci bar ${device} ${index}`, 1, 40 + index),
      interrupt: (device, vector) => call(`pci interrupt ${device} ${vector}`, 0, 90 + vector),
      start: (device) => {
        nic.busMaster = true;
        return call(`pci start ${device}`, 0);
      },
      release: () => 0,
      reclaim: () => 0,
      ownerOf: () => 0,
      heldBy: () => 0,
      inventory: () => 0,
      config: (_, offset) => {
        answer[1] = nic.config.get(offset) ?? 0;
        return answers.config ?? 0;
      },
      messageOf: () => 0,
      raisedBy: () => DEVICE,
      redirect: () => 0,
    },
    iommu: {
      map: (device, frame, access) =>
        call(`iommu map ${device} frame ${frame} access ${access}`, FRAMES[frame]! + IO_PAGE_OFFSET),
      unmap: () => 0,
      reclaim: () => 0,
      reclaimFrom: () => 0,
    },
    kernel: {
      retype: (untyped, type, bits, count) => call(`kernel retype ${untyped} ${type} ${bits} ${count}`, untyped + 10),
      map: (frame, count) => call(`kernel map ${frame} ${count}`, 0, (frame as number) === 52 ? BAR2_PAGE : BAR4_PAGE),
      unmap: () => 0,
      address: () => 0,
      delete: () => 0,
      revoke: () => 0,
      issueInterrupt: () => 0,
      bindInterrupt: (handler, token) => call(`kernel bind ${handler} ${token}`, 0),
      acknowledge: (handler) => event(`acknowledge ${handler}`),
      setAlarm: () => 0,
      bindFaults: () => 0,
      faultOf: () => 0,
      endDomain: () => 0,
      startDomain: () => 0,
    },
    supervision: { pong: () => event('pong') },
    device: {
      ready: (to, high, low) => event(`ready ${to} ${high.toString(16)} ${(low >>> 0).toString(16)}`),
      linkChanged: (to, up) => event(`link ${to} ${up}`),
      arrived: (to, buffer, lenBytes) => event(`arrived ${to} ${buffer} ${lenBytes}`),
      completed: (to, buffer) => event(`completed ${to} ${buffer}`),
    },
  });
  const { handlers } = instance;
  return {
    nic,
    trace,
    spent,
    pool: new Window(nic, POOL_PAGE, 0, POOL_SIZE_BYTES),
    heap: context.heap,
    start: () => instance.start?.(),
    settle: () => instance.settle?.(),
    open: (from = STACK) => handlers.device.open(from),
    submit: (buffer: number, lenBytes: number, from = STACK) =>
      handlers.device.submit(from, buffer as BufferRef, lenBytes),
    supply: (buffer: number, from = STACK) => handlers.device.supply(from, buffer as BufferRef),
    ping: () => handlers.supervision.ping(),
    faulted: () => handlers.iommu.faulted(DEVICE, 5, 0, 0),
    notified: (token: number) => handlers.kernel.notified(token),
    /** Delivers every message that the device has sent, as the kernel would. */
    deliver: () => {
      for (const vector of nic.messages.splice(0)) handlers.kernel.notified(vector);
    },
  };
}

/** After its start, with an empty trace. */
export function started(answers: Answers = {}, prepare: (nic: FakeVirtio) => void = () => {}) {
  const all = bench(answers, prepare);
  all.start();
  all.open();
  all.trace.length = 0;
  all.nic.writes.length = 0;
  return all;
}
