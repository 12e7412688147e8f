/**
 * Starts drivers, notices their death and brings them back.
 *
 * Invariant: a domain is started only when nothing of its former life can reach memory any more: ended, then its devices
 * taken (they stop mastering the bus), then their mappings, and only then its memory used again. A child of which that
 * cannot be said is never started again.
 */
import { type ClientPort, kernel, type Right, type ServerPort } from '@bulkhead/abi';
import type { iommu } from '@bulkhead/iommu-driver-api';
import type { pciBus } from '@bulkhead/pci-bus-driver-api';
import type { Context } from '@bulkhead/runtime';
import type { supervision } from '@bulkhead/supervisor-api';
import type { Child, SupervisorConfig } from './config.ts';
import * as record from './records.ts';
import { Records } from './records.ts';

/** Tokens of the kernel's notifications. */
export const FAULT_TOKEN = 0;
export const ALARM_TOKEN = 1;

/** The longest back-off is 2^5 times the first; a child that lived longer than that did not fail "in a row". */
const MAX_BACKOFF_SHIFT = 5;

const isNotice = (cause: number): boolean => cause === kernel.FAULT_UNACKNOWLEDGED || cause === kernel.FAULT_EXHAUSTED;

export interface SupervisorPorts {
  readonly pci: ClientPort<typeof pciBus>;
  readonly iommu: ClientPort<typeof iommu>;
  readonly kernel: ClientPort<typeof kernel.contractOfKernel>;
  readonly supervision: ServerPort<typeof supervision>;
}

export class Supervisor {
  readonly #context: Context<SupervisorConfig>;
  readonly #ports: SupervisorPorts;
  readonly #config: SupervisorConfig;
  readonly #records: Records;
  readonly #rights: readonly Right[];
  readonly #startWork: number;
  readonly #faultWork: number;
  readonly #reclaimWork: number;
  readonly #beatWork: number;

  constructor(context: Context<SupervisorConfig>, ports: SupervisorPorts) {
    const { config, heap, work } = context;
    this.#context = context;
    this.#ports = ports;
    this.#config = config;
    this.#records = new Records(heap);
    this.#rights = config.children.map(({ domainRight }) => context.right(domainRight));
    this.#startWork = work.id('start-child');
    this.#faultWork = work.id('fault');
    this.#reclaimWork = work.id('reclaim');
    this.#beatWork = work.id('beat');
  }

  start(): void {
    this.#ports.kernel.bindFaults(FAULT_TOKEN);
    this.#config.children.forEach(({ component, vendorDevice }, child) => {
      this.#ports.pci.allow(component, vendorDevice);
      this.#startChild(child);
    });
    this.#records.nextBeatUs = this.#after(this.#config.heartbeatUs);
    this.#arm();
  }
  notified(token: number): void {
    if (token === FAULT_TOKEN) this.#lookForFaults();
    else this.#wake();
    this.#arm();
  }
  /**
   * Only a fault of a device that the child holds now is the child's: what its former life caused may still be on its
   * way here when the device is already nobody's.
   */
  faulted(device: number, cause: number, ioPage: number): void {
    this.#context.work.spend(this.#faultWork);
    const holder = this.#ports.pci.ownerOf(device);
    const child = this.#config.children.findIndex(({ component }) => component === holder);
    if (child < 0 || this.#records.get(child, record.STATE) !== record.ALIVE) return;
    this.#records.setReason(child, record.REASON_IOMMU, cause, ioPage);
    this.#fail(child);
    this.#arm();
  }
  pong(from: number): void {
    const child = this.#config.children.findIndex(({ component }) => component === from);
    if (child >= 0) this.#records.set(child, record.AWAITED, 0);
  }

  /** One notification may stand for several faults, and for one that was dealt with already. */
  #lookForFaults(): void {
    this.#context.work.spend(this.#faultWork);
    const { answer } = this.#context;
    this.#rights.forEach((domain, child) => {
      if (this.#records.get(child, record.STATE) !== record.ALIVE) return;
      let cause = this.#ports.kernel.faultOf(domain);
      for (; isNotice(cause); cause = this.#ports.kernel.faultOf(domain)) this.#note(child, cause);
      if (cause === 0) return;
      this.#records.setReason(child, cause, answer[1]!, answer[2]!);
      this.#fail(child);
    });
  }
  /** What the child lives on with: the mask, or its budget, holds it back. It is written down, with the device. */
  #note(child: number, cause: number): void {
    this.#context.work.spend(this.#faultWork);
    const { answer } = this.#context;
    const [detail, sinceUs, component] = [answer[1]!, answer[2]!, answer[3]!];
    const { pci } = this.#ports;
    const device = cause === kernel.FAULT_UNACKNOWLEDGED ? pci.raisedBy(detail) : pci.heldBy(component, 0);
    const records = this.#records;
    records.setNotice(child, record.NOTICES, records.notice(child, record.NOTICES) + 1);
    records.setNotice(child, record.NOTICE_CAUSE, cause);
    records.setNotice(child, record.NOTICE_DEVICE, device);
    records.setNotice(child, record.NOTICE_DETAIL, detail);
    records.setNotice(child, record.NOTICE_SINCE_US, sinceUs);
  }
  /** The alarm: starts whose back-off is over, and the heartbeat. */
  #wake(): void {
    for (let child = 0; child < this.#rights.length; child++)
      if (
        this.#records.get(child, record.STATE) === record.WAITING &&
        this.#isOver(this.#records.get(child, record.DUE_US))
      )
        this.#startChild(child);
    if (this.#config.heartbeatUs === 0 || !this.#isOver(this.#records.nextBeatUs)) return;
    this.#records.nextBeatUs = this.#after(this.#config.heartbeatUs);
    for (let child = 0; child < this.#rights.length; child++) this.#beat(child);
  }
  #beat(child: number): void {
    if (this.#records.get(child, record.STATE) !== record.ALIVE) return;
    this.#context.work.spend(this.#beatWork);
    if (this.#records.get(child, record.AWAITED) === 1) {
      this.#records.setReason(child, record.REASON_HEARTBEAT, 0, 0);
      this.#fail(child);
      return;
    }
    this.#records.set(child, record.AWAITED, 1);
    this.#ports.supervision.ping(this.#config.children[child]!.component);
  }

  /** The child is over: nothing of it runs, and nothing of it reaches memory, when this returns. */
  #fail(child: number): void {
    const hasEnded = this.#ports.kernel.endDomain(this.#rights[child]!) >= 0;
    if (this.#reclaim(this.#config.children[child]!) && hasEnded) this.#scheduleStart(child);
    else {
      this.#records.setReason(child, record.REASON_NOT_RECLAIMED, 0, 0);
      this.#records.set(child, record.STATE, record.GIVEN_UP);
    }
  }
  /**
   * First the devices: they stop mastering the bus. Then what was mapped for them, by whichever name the child had them, and
   * also where the first was refused. @returns false when something of it could not be taken away.
   */
  #reclaim({ component }: Child): boolean {
    this.#context.work.spend(this.#reclaimWork);
    const areTaken = this.#ports.pci.reclaim(component) >= 0;
    const areUnmapped = this.#ports.iommu.reclaimFrom(component) >= 0;
    return areTaken && areUnmapped;
  }
  /** At once after the first failure in a row; later after a back-off that doubles; never after too many. */
  #scheduleStart(child: number): void {
    const { backoffUs, maxRestarts } = this.#config;
    const livedUs = (this.#context.nowUs() - this.#records.get(child, record.STARTED_US)) | 0;
    const inARow = livedUs >= 0 && livedUs <= backoffUs * 2 ** MAX_BACKOFF_SHIFT;
    const failures = inARow ? this.#records.get(child, record.FAILURES) + 1 : 1;
    this.#records.set(child, record.FAILURES, failures);
    if (failures > maxRestarts) this.#records.set(child, record.STATE, record.GIVEN_UP);
    else if (failures === 1) this.#startChild(child);
    else {
      this.#records.set(child, record.STATE, record.WAITING);
      this.#records.set(child, record.DUE_US, this.#after(backoffUs * 2 ** Math.min(failures - 2, MAX_BACKOFF_SHIFT)));
    }
  }
  #startChild(child: number): void {
    this.#context.work.spend(this.#startWork);
    this.#records.set(child, record.STATE, record.ALIVE);
    this.#records.set(child, record.AWAITED, 0);
    this.#records.set(child, record.STARTED_US, this.#context.nowUs());
    if (this.#ports.kernel.startDomain(this.#rights[child]!) >= 0) return;
    this.#records.setReason(child, record.REASON_NOT_STARTED, 0, 0);
    this.#fail(child);
  }

  #after(delayUs: number): number {
    return (this.#context.nowUs() + delayUs) | 0;
  }
  #isOver(timeUs: number): boolean {
    return ((this.#context.nowUs() - timeUs) | 0) >= 0;
  }
  /** A component has one alarm: it is set for whatever comes first. A delay of 0 would cancel it. */
  #arm(): void {
    const now = this.#context.nowUs();
    let earliest = this.#config.heartbeatUs === 0 ? -1 : Math.max(1, (this.#records.nextBeatUs - now) | 0);
    for (let child = 0; child < this.#rights.length; child++) {
      if (this.#records.get(child, record.STATE) !== record.WAITING) continue;
      const delayUs = Math.max(1, (this.#records.get(child, record.DUE_US) - now) | 0);
      if (earliest < 0 || delayUs < earliest) earliest = delayUs;
    }
    if (earliest > 0 && this.#rights.length > 0) this.#ports.kernel.setAlarm(ALARM_TOKEN, earliest);
  }
}
