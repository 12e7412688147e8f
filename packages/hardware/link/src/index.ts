export { FrameFifo } from './frame-fifo.ts';
export {
  A_TO_B,
  B_TO_A,
  createLink,
  type Direction,
  type FrameReceiver,
  type FrameTap,
  Link,
  type LinkEnd,
  type LinkOptions,
  WIRE_OVERHEAD_BYTES,
} from './link.ts';
