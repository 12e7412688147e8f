/** The supervisor in a world of fakes: a kernel with domains that can be killed, a PCI-bus driver and an IOMMU driver. */
import { kernel, type Right, right } from '@bulkhead/abi';
import { NO_SUCH_DEVICE } from '@bulkhead/pci-bus-driver-api';
import { type Context, FlatMemory, Window } from '@bulkhead/runtime';
import { type SupervisorConfig, supervisor } from '../src/index.ts';
import * as record from '../src/records.ts';
import { Records } from '../src/records.ts';

export const EFFORT: number = Number(process.env.BULKHEAD_EFFORT ?? 1);
export const NIC_DRIVER = 4;
export const DISK_DRIVER = 5;
export const NIC = 0x18;
export const DISK = 0x20;
export const DOMAINS: Readonly<Record<string, number>> = { 'child-0': 100, 'child-1': 101 };

export const TWO: SupervisorConfig = {
  children: [
    { domainRight: 'child-0', component: NIC_DRIVER, vendorDevice: 0x10d38086 },
    { domainRight: 'child-1', component: DISK_DRIVER, vendorDevice: 0x10421af4 },
  ],
  heartbeatUs: 0,
  maxRestarts: 4,
  backoffUs: 100,
};

export class World {
  nowUs = 0;
  /** Everything that the supervisor did, in order. */
  trace: string[] = [];
  readonly alive = new Map<number, boolean>();
  readonly causes = new Map<number, number>();
  /** What the kernel has to tell of a domain that lives on. */
  readonly notices = new Map<number, { readonly cause: number; readonly answers: readonly number[] }[]>();
  readonly owners = new Map<number, number>();
  readonly refused = new Map<string, number>();
  alarm: { token: number; atUs: number } | null = null;
  faultToken = -1;
  readonly answer: Int32Array = new Int32Array(8);
  readonly heap: FlatMemory = new FlatMemory(2);
  readonly handlers: ReturnType<typeof supervisor.create>['handlers'];
  readonly #start: () => void;

  constructor(config: SupervisorConfig) {
    const context: Context<SupervisorConfig> = {
      self: 3,
      memory: this.heap,
      heap: new Window(this.heap, 1, 0, supervisor.heapPages * 4096),
      work: { id: (name) => supervisor.work.indexOf(name), spend: () => {}, spendMany: () => {} },
      answer: this.answer,
      config,
      right: (name) => right(DOMAINS[name]!),
      region: () => {
        throw new Error('the supervisor has no regions');
      },
      shared: () => {
        throw new Error('the supervisor shares nothing');
      },
      nowUs: () => this.nowUs | 0,
    };
    const instance = supervisor.create(context, this.#ports());
    this.handlers = instance.handlers;
    this.#start = () => instance.start!();
  }
  start(): void {
    this.#start();
    this.trace = [];
  }
  /** A fresh driver claims its device. */
  settle(): void {
    if (this.alive.get(100) === true) this.owners.set(NIC, NIC_DRIVER);
    if (this.alive.get(101) === true) this.owners.set(DISK, DISK_DRIVER);
  }
  kill(domain: number, cause: number = kernel.FAULT_PAGE): void {
    this.alive.set(domain, false);
    this.causes.set(domain, cause);
    this.handlers.kernel.notified(this.faultToken);
  }
  /** The kernel tells of a domain that lives on. */
  notice(domain: number, ...notices: readonly { readonly cause: number; readonly answers: readonly number[] }[]): void {
    this.notices.set(domain, [...notices]);
    this.handlers.kernel.notified(this.faultToken);
  }
  /** What was written down of a child: how often, the cause, the device, the detail, since when. */
  noted(child: number): number[] {
    const records = new Records(new Window(this.heap, 1, 0, supervisor.heapPages * 4096));
    const words = [record.NOTICES, record.NOTICE_CAUSE, record.NOTICE_DEVICE, record.NOTICE_DETAIL];
    return [...words, record.NOTICE_SINCE_US].map((word) => records.notice(child, word));
  }
  /** Lets time pass; the alarm rings when it is due. */
  pass(us: number): void {
    const end = this.nowUs + us;
    while (this.alarm !== null && this.alarm.atUs <= end) {
      const { token, atUs } = this.alarm;
      this.nowUs = atUs;
      this.alarm = null;
      this.handlers.kernel.notified(token);
    }
    this.nowUs = end;
  }
  #do(what: string, result = 0): number {
    this.trace.push(what);
    return this.refused.get(what) ?? result;
  }
  #ports(): Parameters<typeof supervisor.create>[1] {
    const startDomain = (domain: Right): number => {
      const result = this.#do(`start ${domain}`);
      if (this.alive.get(domain) === true) throw new Error('only what has ended can be started');
      if (result < 0) return result;
      if ([...this.owners.values()].includes(domain === 100 ? NIC_DRIVER : DISK_DRIVER))
        throw new Error('a former life still holds its device');
      this.alive.set(domain, true);
      this.causes.set(domain, 0);
      return 0;
    };
    return {
      kernel: {
        bindFaults: (token: number) => {
          this.faultToken = token;
          return 0;
        },
        faultOf: (domain: Right) => {
          const notice = this.notices.get(domain)?.shift();
          if (notice !== undefined) {
            this.answer.set(notice.answers, 1);
            return notice.cause;
          }
          this.answer[1] = 0x12345;
          this.answer[2] = 0x678;
          return this.causes.get(domain) ?? 0;
        },
        endDomain: (domain: Right) => {
          this.alive.set(domain, false);
          if ((this.causes.get(domain) ?? 0) === 0) this.causes.set(domain, kernel.FAULT_ENDED);
          return this.#do(`end ${domain}`);
        },
        startDomain,
        setAlarm: (token: number, delayUs: number) => {
          this.alarm = delayUs === 0 ? null : { token, atUs: this.nowUs + delayUs };
          return 0;
        },
      },
      pci: {
        allow: (component: number, vendorDevice: number) => this.#do(`allow ${component} ${vendorDevice.toString(16)}`),
        reclaim: (component: number) => {
          const result = this.#do(`pci.reclaim ${component}`);
          for (const [device, owner] of this.owners) if (owner === component && result >= 0) this.owners.delete(device);
          return result;
        },
        ownerOf: (device: number) => this.owners.get(device) ?? 0xffff,
        raisedBy: (identity: number) => this.#do(`pci.raisedBy ${identity}`, identity === 16 ? NIC : NO_SUCH_DEVICE),
        heldBy: (component: number, nth: number) =>
          [...this.owners].filter(([, owner]) => owner === component)[nth]?.[0] ?? NO_SUCH_DEVICE,
      },
      iommu: { reclaimFrom: (component: number) => this.#do(`iommu.reclaimFrom ${component}`) },
      supervision: { ping: (to: number) => this.#do(`ping ${to}`) },
    } as unknown as Parameters<typeof supervisor.create>[1];
  }
}

export function started(config: Partial<SupervisorConfig> = {}): World {
  const world = new World({ ...TWO, ...config });
  world.start();
  world.settle();
  return world;
}
