/** Between a component that is watched and the supervisor that brings it back. */
import { type CastSpec, type Contract, cast, contract } from '@bulkhead/abi';

type Casts = {
  /** The answer to `ping`. */
  pong: CastSpec<() => void>;
};
type Events = {
  /** Answer with `pong` before the next one, or be ended for a missed heartbeat. */
  ping: CastSpec<() => void>;
};

export const supervision: Contract<{ casts: Casts; events: Events }> = contract('supervision', {
  casts: { pong: cast([]) },
  events: { ping: cast([]) },
  capacity: 4,
});
