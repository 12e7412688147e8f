/** Where the machine is, and who asks it from outside. */
import { type NetStackConfig, parseIpv4Address } from '@bulkhead/net-stack';
import { GATEWAY_ADDRESS, GUEST_ADDRESS, PREFIX_BITS } from '@bulkhead/parts';

const guest = parseIpv4Address(GUEST_ADDRESS);
if (!guest.ok) throw new Error('the machine has an address');

export const guestAddress: number = guest.value;

/** The stack at the far end of the link. Its closed connections are soon over. */
export const farEndConfig = (seed: number): NetStackConfig => ({
  address: GATEWAY_ADDRESS,
  prefixBits: PREFIX_BITS,
  gateway: 0,
  seed,
  timeWaitMs: 100,
});
