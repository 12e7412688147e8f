export {
  type ArgKind,
  type BufferRef,
  type CallSpec,
  type CastSpec,
  type ClientHandlers,
  type ClientPort,
  type Contract,
  type ContractSpec,
  call,
  cast,
  contract,
  type Right,
  right,
  type ServerHandlers,
  type ServerPort,
} from './contract.ts';
export { Ended } from './ended.ts';
export * as kernel from './kernel-contract.ts';
export { FIRST_OWN_REFUSAL, NO_SUCH_RIGHT, PEER_DIED, QUEUE_FULL, refusalName } from './refusal.ts';
