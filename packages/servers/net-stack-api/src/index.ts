/**
 * The network stack's service: sockets by number, bulk data through the connection's shared region.
 *
 * No call blocks. What cannot be done yet gives WOULD_BLOCK, and a `ready` event tells when it is worth another try
 * (edge-triggered: once for each time that a socket becomes readable, writable, acceptable or ends).
 * Data is copied once, between the region and the stack.
 */
import {
  type BufferRef,
  type CallSpec,
  type CastSpec,
  type Contract,
  call,
  cast,
  contract,
  FIRST_OWN_REFUSAL,
} from '@bulkhead/abi';

/** Refusals, in the order of their checks. */
export const NO_SUCH_SOCKET: number = FIRST_OWN_REFUSAL;
/** The socket is of another kind, or in a state that forbids this. */
export const WRONG_STATE: number = FIRST_OWN_REFUSAL - 1;
/** Offset and length leave the shared region. */
export const BAD_BUFFER: number = FIRST_OWN_REFUSAL - 2;
export const PORT_IN_USE: number = FIRST_OWN_REFUSAL - 3;
export const NO_SOCKETS_LEFT: number = FIRST_OWN_REFUSAL - 4;
/** The peer reset the connection, or it timed out. */
export const CONNECTION_RESET: number = FIRST_OWN_REFUSAL - 5;
export const CONNECTION_REFUSED: number = FIRST_OWN_REFUSAL - 6;
export const WOULD_BLOCK: number = FIRST_OWN_REFUSAL - 7;
/** A datagram longer than the link carries. */
export const TOO_LONG: number = FIRST_OWN_REFUSAL - 8;

/** Bits of `ready`. */
export const READABLE = 1;
export const WRITABLE = 2;
export const ACCEPTABLE = 4;
/** Both directions are over, in order or by reset; the next call tells which. */
export const ENDED = 8;

type Calls = {
  /** Result: a listening socket on TCP `port`. */
  listen: CallSpec<(port: number, backlog: number) => number>;
  /** Result: a connected socket; answer 1: the peer's IPv4 address, answer 2: its port. */
  accept: CallSpec<(listener: number) => number>;
  /** Result: a socket that is connecting: WRITABLE tells that it is established. */
  connect: CallSpec<(address: number, port: number) => number>;
  /** Result: how many bytes were copied to `buffer`; 0 at the end of the stream. */
  receive: CallSpec<(socket: number, buffer: BufferRef, maxBytes: number) => number>;
  /** Result: how many bytes of `buffer` were taken, at least 1. */
  send: CallSpec<(socket: number, buffer: BufferRef, lenBytes: number) => number>;
  /** No more will be sent: FIN after what is queued. The socket's number is free when both sides have closed. */
  close: CallSpec<(socket: number) => number>;
  /** RST, at once; the socket's number is free. */
  abort: CallSpec<(socket: number) => number>;
  /** Result: a datagram socket on UDP `port`; 0 lets the stack choose. */
  bind: CallSpec<(port: number) => number>;
  sendTo: CallSpec<(socket: number, buffer: BufferRef, lenBytes: number, address: number, port: number) => number>;
  /** Result: the datagram's length; answer 1: sender's IPv4 address, answer 2: its port. */
  receiveFrom: CallSpec<(socket: number, buffer: BufferRef, maxBytes: number) => number>;
};
type Events = {
  ready: CastSpec<(socket: number, what: number) => void>;
};

export const sockets: Contract<{ calls: Calls; events: Events }> = contract('sockets', {
  calls: {
    listen: call(['word', 'word']),
    accept: call(['word'], ['word', 'word']),
    connect: call(['word', 'word']),
    receive: call(['word', 'buffer', 'word']),
    send: call(['word', 'buffer', 'word']),
    close: call(['word']),
    abort: call(['word']),
    bind: call(['word']),
    sendTo: call(['word', 'buffer', 'word', 'word', 'word']),
    receiveFrom: call(['word', 'buffer', 'word'], ['word', 'word']),
  },
  events: { ready: cast(['word', 'word']) },
  capacity: 512,
  refusals: [
    'no-such-socket',
    'wrong-state',
    'bad-buffer',
    'port-in-use',
    'no-sockets-left',
    'connection-reset',
    'connection-refused',
    'would-block',
    'too-long',
  ],
});
