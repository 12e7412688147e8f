/** A system behind a gateway on a free port of the host's, for as long as something is done with it. */
import { assemble, type Description, type System } from '@bulkhead/assembler';
import type { Profile } from '@bulkhead/costs';
import { Gateway } from '@bulkhead/gateway';
import { HTTP_PORT } from '@bulkhead/parts';
import { farEndConfig, GUEST } from './network.ts';

/** Always closes the gateway, whatever happens. */
export async function withLiveSystem<T>(
  description: Description,
  profile: Profile,
  seed: number,
  act: (system: System, port: number) => Promise<T>,
): Promise<T> {
  const system = assemble(description, { profile: profile.name, seed });
  const gateway = new Gateway({ system, config: farEndConfig(seed), address: GUEST, port: HTTP_PORT });
  const port = await gateway.listen(0);
  try {
    return await act(system, port);
  } finally {
    await gateway.close();
  }
}
