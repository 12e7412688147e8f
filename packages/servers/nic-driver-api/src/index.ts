/**
 * Between a network stack and the driver of one NIC: casts only, so that it may cross a ring.
 *
 * The connection's shared region is the packet pool. It belongs to the stack, is cut into buffers of
 * BUFFER_SIZE_BYTES, and a buffer is named by its byte offset. The stack lends a buffer with `submit` or `supply`
 * and has it back with `completed` or `arrived`; it never has more than CREDITS of either kind out, so that no queue
 * overflows. After `ready` every buffer is the stack's again: a fresh driver has none, and takes none before `open`, for
 * what comes earlier was meant for the driver before it.
 */
import { type BufferRef, type CastSpec, type Contract, cast, contract } from '@bulkhead/abi';

export const BUFFER_SIZE_BYTES = 2048;
/** How many buffers the stack may have out for transmission, and as many for reception. */
export const CREDITS = 128;

type Casts = {
  /** The stack has seen `ready`: what it lends from now on, it lends to this driver. */
  open: CastSpec<() => void>;
  /** Transmit the frame of `lenBytes` at `buffer`. */
  submit: CastSpec<(buffer: BufferRef, lenBytes: number) => void>;
  /** Receive a frame into `buffer`. */
  supply: CastSpec<(buffer: BufferRef) => void>;
};
type Events = {
  /** The driver is new and the device is up: `addressHigh` holds the first two bytes of the MAC, `addressLow` the rest. */
  ready: CastSpec<(addressHigh: number, addressLow: number) => void>;
  linkChanged: CastSpec<(up: number) => void>;
  /** A frame of `lenBytes` stands in `buffer`, without FCS. */
  arrived: CastSpec<(buffer: BufferRef, lenBytes: number) => void>;
  /** The frame in `buffer` was transmitted, or dropped. */
  completed: CastSpec<(buffer: BufferRef) => void>;
};

export const netDevice: Contract<{ casts: Casts; events: Events }> = contract('net-device', {
  casts: { open: cast([]), submit: cast(['buffer', 'word']), supply: cast(['buffer']) },
  events: {
    ready: cast(['word', 'word']),
    linkChanged: cast(['word']),
    arrived: cast(['buffer', 'word']),
    completed: cast(['buffer']),
  },
  capacity: 512,
});
