/** What a stack is told about its place in the network, and how it behaves there. */
import { ETHERNET_MTU_BYTES, IPV4_HEADER_BYTES, TCP_HEADER_BYTES } from '@bulkhead/internet-datasheet';
import { invariant } from '@bulkhead/result';
import { type Accepts, mustAccept, wholeNumber } from '@bulkhead/runtime';
import { parseIpv4Address } from './wire/ipv4.ts';

export interface NetStackConfig {
  /** IPv4 address, as a number or in dotted form. */
  readonly address: number | string;
  readonly prefixBits: number;
  /** Where everything goes that is not on the link; 0 for nowhere. */
  readonly gateway: number | string;
  /** Keys initial sequence numbers and chosen ports: the same seed gives the same run. */
  readonly seed: number;
  /** The largest segment that we accept and send. @defaultValue 1460 */
  readonly mss?: number;
  /** RFC 9293 §3.8.6.3 "Delayed Acknowledgments": below 500. 0 acknowledges each segment at once. @defaultValue 40 */
  readonly delayedAckMs?: number;
  /**
   * RFC 6528 §3: initial sequence numbers rise with time. False leaves the time out, for runs that are compared frame by
   * frame. @defaultValue true
   */
  readonly clockedSequence?: boolean;
  /** RFC 6298 §2 (2.4) says 1000 SHOULD; deployed stacks use 200. @defaultValue 200 */
  readonly minRtoMs?: number;
  /** Most that a connection queues for sending. @defaultValue 65536 */
  readonly sendBufferBytes?: number;
  /** Most that a connection holds unread. @defaultValue 65535 */
  readonly receiveBufferBytes?: number;
  /** @defaultValue 256 */
  readonly maxConnections?: number;
  /** Twice the maximum segment lifetime. RFC 9293 §3.4.2. @defaultValue 60000 */
  readonly timeWaitMs?: number;
}

/** The same with nothing left open: signed addresses, times in microseconds. */
export interface Settings {
  readonly address: number;
  readonly networkMask: number;
  readonly gateway: number;
  readonly seed: number;
  readonly mss: number;
  readonly delayedAckUs: number;
  readonly clockedSequence: boolean;
  readonly minRtoUs: number;
  readonly sendBufferBytes: number;
  readonly receiveBufferBytes: number;
  readonly maxConnections: number;
  readonly timeWaitUs: number;
}

/** What a segment may carry on an Ethernet when neither header has options. RFC 9293 §3.7.1. */
export const MAX_SEGMENT_BYTES: number = ETHERNET_MTU_BYTES - IPV4_HEADER_BYTES - TCP_HEADER_BYTES;
/** So many connections fit the heap that the component's definition asks for. */
export const MAX_CONNECTIONS = 1024;

const MAX_DELAY_MS = 600_000; // differences of simulated time stay far below 2^31 microseconds

/** Every parameter, and what it is when nobody says otherwise. */
export const DEFAULT_CONFIG: Required<NetStackConfig> = {
  address: '10.0.2.15',
  prefixBits: 24,
  gateway: '10.0.2.2',
  seed: 1,
  mss: MAX_SEGMENT_BYTES,
  delayedAckMs: 40,
  clockedSequence: true,
  minRtoMs: 200,
  sendBufferBytes: 65_536,
  receiveBufferBytes: 65_535,
  maxConnections: 256,
  timeWaitMs: 60_000,
};

const anAddress = (address: number | string): string | null => {
  if (typeof address === 'number') return wholeNumber(-0x8000_0000, 0xffff_ffff)(address);
  return parseIpv4Address(address).ok ? null : 'give an IPv4 address such as 10.0.2.15';
};

export const ACCEPTS: Accepts<Required<NetStackConfig>> = {
  address: anAddress,
  prefixBits: wholeNumber(0, 32),
  gateway: anAddress,
  seed: wholeNumber(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  mss: wholeNumber(64, MAX_SEGMENT_BYTES),
  delayedAckMs: wholeNumber(0, 500),
  minRtoMs: wholeNumber(1, 60_000),
  sendBufferBytes: wholeNumber(1024, 0x100000),
  receiveBufferBytes: wholeNumber(1024, 0x100000),
  maxConnections: wholeNumber(1, MAX_CONNECTIONS),
  timeWaitMs: wholeNumber(1, MAX_DELAY_MS),
};

function numberOf(address: number | string): number {
  if (typeof address === 'number') return address | 0;
  const parsed = parseIpv4Address(address);
  invariant(parsed.ok, `${address} is an IPv4 address`);
  return parsed.value;
}

/** @throws RangeError when a parameter cannot be: only at construction. */
export function settingsOf(told: NetStackConfig): Settings {
  const config = { ...DEFAULT_CONFIG, ...told };
  mustAccept('net-stack', ACCEPTS, config);
  const { prefixBits, clockedSequence, mss, sendBufferBytes, receiveBufferBytes, maxConnections } = config;
  return {
    address: numberOf(config.address),
    networkMask: prefixBits === 0 ? 0 : (0xffffffff << (32 - prefixBits)) | 0,
    gateway: numberOf(config.gateway),
    seed: config.seed | 0,
    mss,
    delayedAckUs: config.delayedAckMs * 1000,
    clockedSequence,
    minRtoUs: config.minRtoMs * 1000,
    sendBufferBytes,
    receiveBufferBytes,
    maxConnections,
    timeWaitUs: config.timeWaitMs * 1000,
  };
}
