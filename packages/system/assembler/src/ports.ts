/** A component's ports: one object a port, whose methods are the forwarders of its end of each connection. */
import { kernel as kernelAbi, PEER_DIED } from '@bulkhead/abi';
import { type Connection, methodsOf } from './connection.ts';
import { type Forwarder, forwardQueued, forwardToKernel, forwardUp, type GateScope } from './gates.ts';
import type { Place } from './place.ts';

type Port = Record<string, Forwarder>;

/** @returns the ports by name: those that the component uses, and those that it provides. */
export function portsOf(scope: GateScope, connections: readonly Connection[], place: Place): Record<string, Port> {
  const ports: Record<string, Port> = {};
  for (const connection of connections) {
    if (connection.client === place) ports[connection.clientPort] = clientPort(scope, connection);
  }
  for (const [name, contract] of Object.entries(place.definition.uses)) {
    if (contract.name !== kernelAbi.contractOfKernel.name) continue;
    const port: Port = {};
    for (const method of methodsOf(contract.calls)) port[method.name] = forwardToKernel(scope, place, method);
    ports[name] = port;
  }
  for (const name of Object.keys(place.definition.provides)) ports[name] = serverPort(scope, connections, place, name);
  return ports;
}

function clientPort(scope: GateScope, connection: Connection): Port {
  const port: Port = {};
  for (const method of connection.calls) port[method.name] = forwardUp(scope, connection, method);
  for (const method of connection.casts)
    port[method.name] = connection.queuesUp
      ? forwardQueued(scope, connection, method, true)
      : forwardUp(scope, connection, method);
  return port;
}

/** Events by client: the first argument chooses the connection. */
function serverPort(scope: GateScope, connections: readonly Connection[], place: Place, name: string): Port {
  const contract = place.definition.provides[name]!;
  const port: Port = {};
  for (const method of methodsOf(contract.events)) {
    const byClient: (Forwarder | undefined)[] = [];
    for (const connection of connections) {
      if (connection.server === place && connection.serverPort === name)
        byClient[connection.client.seat.index] = forwardQueued(scope, connection, method, false);
    }
    port[method.name] = eventTo(byClient, method.spec.args.length);
  }
  return port;
}

/** Chooses the client. One shape an arity: no arguments array is made. */
function eventTo(byClient: readonly (Forwarder | undefined)[], arity: number): Forwarder {
  const names = Array.from({ length: arity }, (_, i) => `a${i}`).join(', ');
  const list = names === '' ? '' : `, ${names}`;
  const text = `return function (to${list}) { const f = byClient[to]; return f === undefined ? PEER_DIED : f(${names}); };`;
  return new Function('byClient', 'PEER_DIED', text)(byClient, PEER_DIED) as Forwarder;
}
