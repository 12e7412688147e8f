/** The network in which every system stands: the machine at 10.0.2.15, the world behind 10.0.2.2. */
import { type NetStackConfig, parseIpv4Address } from '@bulkhead/net-stack';
import { GATEWAY_ADDRESS, GUEST_ADDRESS, PREFIX_BITS } from '@bulkhead/parts';
import { invariant } from '@bulkhead/result';

const parsed = parseIpv4Address(GUEST_ADDRESS);
invariant(parsed.ok, 'the machine has an address');
export const GUEST: number = parsed.value;

/** The stack at the far end of the link. */
export const farEndConfig = (seed: number): NetStackConfig => ({
  address: GATEWAY_ADDRESS,
  prefixBits: PREFIX_BITS,
  gateway: 0,
  // Another key than the machine's: the two stacks choose ports and sequence numbers of their own.
  seed: seed + 1_000_003,
  maxConnections: 512,
  // The host's sockets wait in its own TIME-WAIT; a second one here would only hold numbers.
  timeWaitMs: 100,
});
