/** Messages in words: what the arguments of each method are, and what it is for. */
import { kernel } from '@bulkhead/abi';
import type { Description } from '@bulkhead/assembler';
import { bytes, hex } from '../output/addresses.ts';
import type { Exchange } from './exchanges.ts';

type Kind =
  | 'component'
  | 'device'
  | 'kind of device'
  | 'number'
  | 'page'
  | 'access'
  | 'right'
  | 'type'
  | 'size'
  | 'times'
  | 'nothing'
  | 'hex';

interface MethodWords {
  readonly args: readonly Kind[];
  readonly result: Kind;
  readonly means: string;
}
const method = (args: readonly Kind[], result: Kind, means: string): MethodWords => ({ args, result, means });

const METHODS: Readonly<Record<string, MethodWords>> = {
  'pci-bus.allow': method(['component', 'kind of device'], 'nothing', 'may claim devices of this kind from now on'),
  'pci-bus.find': method(['kind of device', 'number'], 'device', 'is there one that I may have?'),
  'pci-bus.claim': method(['device'], 'nothing', 'holds it alone; its registers decode, it cannot reach memory yet'),
  'pci-bus.bar': method(['device', 'number'], 'number', 'the right to exactly the pages of this BAR'),
  'pci-bus.interrupt': method(['device', 'number'], 'nothing', 'the right to the interrupt of this vector'),
  'pci-bus.start': method(['device'], 'nothing', 'bus master on: the device may reach memory'),
  'pci-bus.release': method(['device'], 'nothing', 'gives the device back'),
  'pci-bus.reclaim': method(['component'], 'number', 'takes back all that it holds'),
  'pci-bus.ownerOf': method(['device'], 'component', 'who holds the device?'),
  'iommu.map': method(['device', 'right', 'access'], 'page', 'lets the device reach this frame, and no other'),
  'iommu.unmap': method(['device', 'page'], 'nothing', 'the device reaches it no more'),
  'iommu.reclaim': method(['device'], 'number', 'takes all mappings of the device away'),
  'net-device.ready': method(['hex', 'hex'], 'nothing', 'the driver is new and the device is up: its address'),
  'net-device.linkChanged': method(['number'], 'nothing', 'whether the link is up'),
  'net-device.open': method([], 'nothing', 'the stack takes this driver into service'),
  'kernel.retype': method(['right', 'type', 'size', 'times'], 'nothing', 'makes objects of this memory'),
  'kernel.map': method(['right', 'times', 'access'], 'nothing', 'into the own address space'),
  'kernel.unmap': method(['right'], 'nothing', 'out of the own address space'),
  'kernel.address': method(['right'], 'page', 'which frame is it?'),
  'kernel.delete': method(['right'], 'nothing', 'deletes the own right'),
  'kernel.revoke': method(['right'], 'nothing', 'takes back all that was derived from it'),
  'kernel.issueInterrupt': method(['right', 'number'], 'nothing', 'makes the handler of one interrupt'),
  'kernel.bindInterrupt': method(['right', 'number'], 'nothing', 'it arrives as a notification with this token'),
  'kernel.acknowledge': method(['right'], 'nothing', 'the interrupt may come again'),
  'kernel.setAlarm': method(['number', 'number'], 'nothing', 'a notification with this token, after so many µs'),
  'kernel.bindFaults': method(['number'], 'nothing', 'a notification with this token when a child ends'),
  'kernel.faultOf': method(['right'], 'number', 'has it ended, and why?'),
  'kernel.endDomain': method(['right'], 'nothing', 'nothing of it runs any more'),
  'kernel.startDomain': method(['right'], 'nothing', 'starts it from its image, with no rights but its ports'),
};

const ACCESS: Readonly<Record<string, readonly string[]>> = {
  'iommu.map': ['none', 'read', 'write', 'read and write'],
};

export interface ExchangeWords {
  /** `claim(00:01.0)` */
  readonly call: string;
  /** `00:01.0`, `refused: not-allowed`, or nothing to say. */
  readonly result: string;
  readonly means: string;
}

/** Says an exchange in words; one that is not known here, in numbers. */
export function wordsOf(exchange: Exchange, { components }: Description): ExchangeWords {
  const { contract, method: name, args, argRights, result } = exchange;
  const known = METHODS[`${contract}.${name}`];
  const nameOf = (index: number): string => components[index]?.name ?? 'nobody';
  const say = (value: number, kind: Kind): string => {
    switch (kind) {
      case 'component':
        return nameOf(value);
      case 'device':
        return `${hex(value >>> 8, 2)}:${hex((value >>> 3) & 31, 2)}.${value & 7}`;
      case 'kind of device':
        return `${hex(value & 0xffff, 4)}:${hex(value >>> 16, 4)}`;
      case 'page':
        return `page 0x${hex(value >>> 0, 1)}`;
      case 'access':
        return ACCESS[`${contract}.${name}`]?.[value] ?? (value === 2 ? 'read' : 'read and write');
      case 'type':
        return value === kernel.FRAME ? 'Frame' : 'Untyped';
      case 'size':
        return bytes(2 ** value);
      case 'times':
        return `× ${value}`;
      case 'hex':
        return `0x${hex(value >>> 0, 1)}`;
      default:
        return String(value);
    }
  };
  const texts = args.map((value, i) => {
    const kind = known?.args[i] ?? 'number';
    return argRights[i] ?? say(value, kind);
  });
  return {
    call: `${name}(${texts.join(', ')})`,
    result: resultOf(exchange, result === null ? '' : say(result, known?.result ?? 'number'), known?.result),
    means: known?.means ?? '',
  };
}

function resultOf({ result, kind, refusal }: Exchange, text: string, of?: Kind): string {
  if (result === null) return 'no answer: the sender is over';
  if (kind === 'cast' && result >= 0) return '';
  if (result < 0) return `refused: ${refusal}`;
  return of === 'nothing' ? '' : text;
}
