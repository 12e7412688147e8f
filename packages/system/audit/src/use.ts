/**
 * Rights that were granted and never used in a run. Nothing in the kernel counts: a description is wrapped, so that
 * every component gets ports that count, by method and by right. That costs no simulated time, so a wrapped system does
 * exactly what it did.
 */
import { type CallSpec, type CastSpec, type Contract, kernel as kernelAbi } from '@bulkhead/abi';
import { type Description, parseConnection } from '@bulkhead/assembler';
import type { ComponentDefinition, Context } from '@bulkhead/runtime';

type Method = (...args: number[]) => number;
type Port = Readonly<Record<string, Method>>;

export interface UnusedRight {
  readonly holder: string;
  readonly kind: 'method' | 'invocation' | 'resource';
  /** What it could have done: `peer.method`, a kernel invocation, or the name of a right. */
  readonly right: string;
}

/** A description whose components count what they use. */
export interface Watched {
  readonly description: Description;
  /** @returns what has not been used so far. */
  unused(): UnusedRight[];
}

export function watched(description: Description): Watched {
  const uses = new Uses();
  return {
    description: { ...description, components: description.components.map((definition) => counting(uses, definition)) },
    unused: () => unusedIn(description, uses),
  };
}

class Uses {
  readonly #methods = new Set<string>();
  /** Rights that went through a method, by component. */
  readonly #rights = new Map<string, Set<number>>();
  readonly #named = new Map<string, number>();

  method(component: string, port: string, method: string): void {
    this.#methods.add(`${component}.${port}.${method}`);
  }
  right(component: string, index: number): void {
    const rights = this.#rights.get(component);
    if (rights === undefined) this.#rights.set(component, new Set([index]));
    else rights.add(index);
  }
  name(component: string, right: string, index: number): void {
    this.#named.set(`${component}.${right}`, index);
  }
  hasMethod(component: string, port: string, method: string): boolean {
    return this.#methods.has(`${component}.${port}.${method}`);
  }
  hasNamed(component: string, right: string): boolean {
    const index = this.#named.get(`${component}.${right}`);
    return index !== undefined && (this.#rights.get(component)?.has(index) ?? false);
  }
}

function counting(uses: Uses, definition: ComponentDefinition): ComponentDefinition {
  const { name } = definition;
  return {
    ...definition,
    create: (context, ports) => {
      const counted = Object.entries(ports as Readonly<Record<string, Port>>).map(([port, methods]) => {
        const contract = definition.uses[port] ?? definition.provides[port]!;
        const isServer = definition.uses[port] === undefined;
        return [port, countingPort(uses, name, port, methods, contract, isServer)] as const;
      });
      return definition.create(naming(uses, name, context), Object.fromEntries(counted) as never);
    },
  };
}
function countingPort(
  uses: Uses,
  component: string,
  port: string,
  methods: Port,
  contract: Contract,
  isServer: boolean,
): Port {
  const specs: Readonly<Record<string, CallSpec | CastSpec>> = isServer
    ? contract.events
    : { ...contract.calls, ...contract.casts };
  const counted = Object.entries(methods).map(([method, forward]): [string, Method] => {
    const rights = (specs[method]?.args ?? []).flatMap((kind, index) => (kind === 'right' ? [index] : []));
    return [
      method,
      (...args) => {
        // An event's first argument is to whom it goes: each client is a right of its own.
        uses.method(component, isServer ? `${port}/${args[0]}` : port, method);
        for (const index of rights) uses.right(component, args[index]!);
        return forward(...args);
      },
    ];
  });
  return Object.fromEntries(counted);
}
/** Learns by which index a component knows a right that it was given by name. */
const naming = <Config>(uses: Uses, component: string, context: Context<Config>): Context<Config> => ({
  ...context,
  right: (name) => {
    const right = context.right(name);
    uses.name(component, name, right);
    return right;
  },
});

function unusedIn(description: Description, uses: Uses): UnusedRight[] {
  return [
    ...description.connections.flatMap((text) => methodsOf(description, uses, text)),
    ...description.components.flatMap(({ name, uses: ports }) => invocationsOf(uses, name, ports)),
    ...Object.entries(description.authority).flatMap(([holder, rights]) =>
      Object.keys(rights)
        .filter((right) => !uses.hasNamed(holder, right))
        .map((right): UnusedRight => ({ holder, kind: 'resource', right })),
    ),
  ];
}
function methodsOf({ components }: Description, uses: Uses, text: string): UnusedRight[] {
  const { client, clientPort, server, serverPort } = parseConnection(text)!;
  const contract = components.find(({ name }) => name === client)!.uses[clientPort]!;
  const identity = components.findIndex(({ name }) => name === client);
  const unused = (holder: string, port: string, peer: string, methods: object): UnusedRight[] =>
    Object.keys(methods)
      .filter((method) => !uses.hasMethod(holder, port, method))
      .map((method) => ({ holder, kind: 'method', right: `${peer}.${method}` }));
  return [
    ...unused(client, clientPort, server, { ...contract.calls, ...contract.casts }),
    ...unused(server, `${serverPort}/${identity}`, client, contract.events),
  ];
}
const invocationsOf = (uses: Uses, holder: string, ports: ComponentDefinition['uses']): UnusedRight[] =>
  Object.entries(ports)
    .filter(([, contract]) => contract.name === kernelAbi.contractOfKernel.name)
    .flatMap(([port, contract]) =>
      Object.keys(contract.calls)
        .filter((method) => !uses.hasMethod(holder, port, method))
        .map((method): UnusedRight => ({ holder, kind: 'invocation', right: method })),
    );
