/** Where a system's walls stand between its application and its network stack, as a null call would meet them. */
import { type Description, KERNEL_DOMAIN, parseConnection } from '@bulkhead/assembler';
import { sockets } from '@bulkhead/net-stack-api';
import { err, ok, type Result } from '@bulkhead/result';
import type { NullPlacement } from './null-call.ts';

/**
 * The first connection of the sockets contract decides: several applications of one system stand alike.
 *
 * @returns the placement, or a line that names the mend.
 */
export function nullCallOf(description: Description): Result<NullPlacement, string> {
  for (const text of description.connections) {
    const ends = parseConnection(text);
    const server = description.components.find(({ name }) => name === ends?.server);
    if (ends === null || server?.provides[ends.serverPort]?.name !== sockets.name) continue;
    const client = domainOf(description, ends.client);
    const stack = domainOf(description, ends.server);
    if (client === stack) return ok('direct');
    return ok(stack === KERNEL_DOMAIN ? 'system-call' : 'ipc');
  }
  return err(`'${description.name}' connects nobody with a network stack: add 'web-server.net -> net-stack.sockets'`);
}

const domainOf = ({ domains }: Description, component: string): string | undefined =>
  Object.keys(domains).find((domain) => domains[domain]!.includes(component));
