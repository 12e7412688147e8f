/** A root CNode of 64 slots, untyped memory, the control of IO spaces, and a device behind a test IOMMU. */
import { Capabilities, granuleOf, type InvocationMessage, objects } from '@bulkhead/capabilities';
import { IO_SPACE_WORDS, IoSpaceInvocations, IoSpaces, labels } from '../src/index.ts';
import { type Swallowed, TestIommu } from './iommu.ts';

export const DOMAINS = 5;
export const DEVICES = 0x10000;
export const ROOT = 8;
export const CONTROL = 1;
export const UNTYPED = 2;
/** A device's memory, of 32 KiB. */
export const DEVICE_UNTYPED = 3;
export const DEVICE_PAGE = 0x40000;
/** The untyped begins with this page, after the base. */
export const FIRST_PAGE = 32;
const RECORDS = 512;
const CNODE_WORD = 1024;

export interface World {
  readonly words: Int32Array;
  readonly capabilities: Capabilities;
  readonly spaces: IoSpaces;
  readonly iommu: TestIommu;
  /** The word index of a slot of the root CNode. */
  readonly at: (index: number) => number;
  readonly message: InvocationMessage;
  /** Invokes the capability in a slot of the root CNode, with words and with slots of the root as extra capabilities. */
  readonly invoke: (index: number, label: number, words?: readonly number[], extras?: readonly number[]) => number;
  readonly make: (type: number, bits: number, index: number, count?: number, from?: number) => number;
}

export function message(): InvocationMessage {
  const lanes = (): Int32Array => new Int32Array(16);
  const answer = { low: lanes(), high: lanes(), length: 0 };
  return { low: lanes(), high: lanes(), length: 0, extras: new Int32Array(3), extraCount: 0, answer };
}

export function world({ basePage = 0, swallowed = {} }: { basePage?: number; swallowed?: Swallowed } = {}): World {
  const words = new Int32Array((64 * 4096) / 4);
  const iommu = new TestIommu(words, basePage, swallowed);
  const capabilities: Capabilities = new Capabilities({
    words,
    basePage,
    finalise: (type, object, slot, final) => invocations.finalise(type, object, slot, final),
  });
  const spaces = new IoSpaces({ capabilities, basePage, base: RECORDS, domains: DOMAINS, devices: DEVICES, iommu });
  const invocations = new IoSpaceInvocations(capabilities, spaces);
  if (RECORDS + (DOMAINS + 1) * IO_SPACE_WORDS > CNODE_WORD) throw new Error('the records need more room');
  const at = (index: number): number => CNODE_WORD + index * 8;
  capabilities.install(ROOT, objects.CNODE, granuleOf(basePage + 1, 0), 6);
  capabilities.installGuard(ROOT, 0, 26);
  capabilities.install(at(CONTROL), objects.IO_SPACE_CONTROL, 0, 0);
  capabilities.install(at(UNTYPED), objects.UNTYPED, granuleOf(basePage + FIRST_PAGE, 0), 17);
  capabilities.install(at(DEVICE_UNTYPED), objects.UNTYPED, granuleOf(DEVICE_PAGE, 0), 15, true);
  const sent = message();
  const invoke = (
    index: number,
    label: number,
    values: readonly number[] = [],
    extras: readonly number[] = [],
  ): number => {
    sent.low.fill(0);
    sent.high.fill(0);
    values.forEach((value, word) => {
      sent.low[word] = value | 0;
      sent.high[word] = Math.floor(value / 2 ** 32);
    });
    extras.forEach((extra, i) => {
      sent.extras[i] = extra === 0 ? ROOT : at(extra);
    });
    sent.length = values.length;
    sent.extraCount = extras.length;
    return invocations.invoke(at(index), label, sent);
  };
  const make = (type: number, bits: number, index: number, count = 1, from = UNTYPED): number =>
    capabilities.retype(at(from), type, bits, ROOT, 0, 0, index, count);
  return { words, capabilities, spaces, iommu, at, message: sent, invoke, make };
}

export const issue = (w: World, device: number, domain: number, index: number): number =>
  w.invoke(CONTROL, labels.IO_SPACE_CONTROL_ISSUE, [device, domain, index, 32], [0]);
export const mapTable = (w: World, table: number, space: number, ioPage: number): number =>
  w.invoke(table, labels.IO_PAGE_TABLE_MAP, [ioPage * 4096], [space]);
export const mapFrame = (w: World, frame: number, space: number, ioPage: number, rights: number = 3): number =>
  w.invoke(frame, labels.PAGE_MAP_IO, [rights, ioPage * 4096], [space]);
