/** A stack that does nothing: for a fake of the other half of the contract. */
import type { ClientPort } from '@bulkhead/abi';
import { type sockets, WRONG_STATE } from '@bulkhead/net-stack-api';

const refuse = (): number => WRONG_STATE;

export const REFUSING: ClientPort<typeof sockets> = {
  listen: refuse,
  accept: refuse,
  connect: refuse,
  receive: refuse,
  send: refuse,
  close: refuse,
  abort: refuse,
  bind: refuse,
  sendTo: refuse,
  receiveFrom: refuse,
};
