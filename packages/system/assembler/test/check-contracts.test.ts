/** Contracts and rings: what two ends say to each other, and through what. */
import { type Contract, cast, contract, kernel, type Right } from '@bulkhead/abi';
import type { ComponentDefinition } from '@bulkhead/runtime';
import { describe, expect, it } from 'vitest';
import { checkDescription, type Description } from '../src/index.ts';
import { but, connection, right } from './right.ts';
import { apart, Stage, talk } from './stage.ts';

const refuses = (description: Description, ...lines: readonly string[]): void => {
  expect(checkDescription(description)).toEqual(lines);
};
const any = (made: unknown): Contract => made as Contract;

/** A client and a server, whose ends speak what is said. */
function pair(used: Contract, provided: Contract = used): Description {
  const stage = new Stage();
  const client = stage.actor('client', { level: 10, servers: ['server'] });
  const server = stage.actor('server', { level: 20 });
  const components: ComponentDefinition[] = [
    { ...client, uses: { server: used } },
    { ...server, uses: {}, provides: { talk: provided } },
  ];
  return { ...stage.description(apart('client', 'server')), components };
}

describe('a contract that no gate could carry', () => {
  it('a cast of more words than a queue entry holds', () =>
    refuses(
      pair(
        contract('wide', {
          events: { report: cast<(...words: number[]) => void>(['word', 'word', 'word', 'word', 'word'] as never) },
        }),
      ),
      "cast 'wide.report' has 5 words: 4 are the most, send the rest through the shared region",
    ));
  it('a right in a cast, which a queue does not transfer', () =>
    refuses(
      pair(contract('wide', { events: { report: cast<(right: Right) => void>(['right']) } })),
      "cast 'wide.report' carries a right: rights go with calls, make it one",
    ));
});

describe('two contracts at the ends of one connection', () => {
  it('of two names', () =>
    refuses(
      pair(any(talk), contract('whisper', {})),
      "connection 'client.server -> server.talk': the ends speak 'talk' and 'whisper'; both must speak one contract",
    ));
  it('of one name and other methods', () =>
    refuses(
      pair(any(talk), any({ ...talk, events: {} })),
      "connection 'client.server -> server.talk': the ends speak two contracts named 'talk', which differ in 'report'; import one for both",
    ));
  it('of one name and other arguments', () =>
    refuses(
      pair(any(talk), any({ ...talk, casts: { tell: cast<(a: number) => void>(['word']) } })),
      "connection 'client.server -> server.talk': the ends speak two contracts named 'talk', which differ in 'tell'; import one for both",
    ));
  it('of one name and methods in another order, by which they are numbered', () => {
    const calls = Object.fromEntries(Object.entries(talk.calls).reverse());
    refuses(
      pair(any(talk), any({ ...talk, calls })),
      "connection 'client.server -> server.talk': the ends speak two contracts named 'talk', which differ in 'ask'; import one for both",
    );
  });
  it('of one name and queues of another length', () =>
    refuses(
      pair(any(talk), any({ ...talk, capacity: 32 })),
      "connection 'client.server -> server.talk': the ends speak two contracts named 'talk', which differ in 'capacity'; import one for both",
    ));
  it('two values that say the same are one contract', () => refuses(pair(any(talk), structuredClone(any(talk)))));
});

describe("the kernel's contract", () => {
  const kernels = any(kernel.contractOfKernel);
  it('a connection to it, which everybody has', () =>
    refuses(
      but(({ connections }) => ({ connections: [...connections, 'app.kernel -> bus.talk'] })),
      "connection 'app.kernel -> bus.talk': the kernel is connected with everybody already; remove the line",
    ));
  it('provided by a component', () => {
    const description = pair(any(talk));
    const [client, server] = description.components as [ComponentDefinition, ComponentDefinition];
    const provides = { ...server.provides, kernel: kernels };
    refuses(
      { ...description, components: [client, { ...server, provides }] },
      "'server' provides the kernel's contract at 'kernel': only the kernel does, remove the port",
    );
  });
  it('its name for another contract', () => {
    const description = pair(any(talk));
    const [client, server] = description.components as [ComponentDefinition, ComponentDefinition];
    const uses = { ...client.uses, k: contract(kernels.name, {}) };
    refuses(
      { ...description, components: [{ ...client, uses }, server] },
      `a contract is named '${kernels.name}': the kernel's has that name, choose another`,
    );
  });
});

describe('the two ends of a connection', () => {
  it('the wrong way round', () =>
    refuses(
      but(({ connections }) => ({
        connections: connections.map((text) => (text.startsWith('app') ? 'stack.talk -> app.stack' : text)),
      })),
      "connection 'stack.talk -> app.stack' is the wrong way round: the client stands first, write 'app.stack -> stack.talk'",
      "port 'app.stack' is not connected: add 'app.stack -> …' to a provider of 'talk' (app.talk, stack.talk, driver.talk, supervisor.talk, bus.talk)",
    ));
  it('one port that is used and provided', () => {
    const description = pair(any(talk));
    const [client, server] = description.components as [ComponentDefinition, ComponentDefinition];
    refuses(
      { ...description, components: [{ ...client, provides: { server: any(talk) } }, server] },
      "'client' uses and provides a port 'server': give the two ends two names",
    );
  });
});

describe('rings', () => {
  const ring = 'app.stack -> stack.talk';
  it('are right between two user domains', () => refuses(but(() => ({ rings: [ring] }))));
  it('named twice', () =>
    refuses(
      but(() => ({ rings: [ring, ring] })),
      `ring '${ring}' is named twice: name it once`,
    ));
  it('the wrong way round', () =>
    refuses(
      but(() => ({ rings: ['stack.talk -> app.stack'] })),
      `ring 'stack.talk -> app.stack' is no connection: write it as it stands there, '${ring}'`,
    ));
  it('between two other ports of the same components', () =>
    refuses(
      but(() => ({ rings: ['app.talk -> stack.stack'] })),
      `ring 'app.talk -> stack.stack' is no connection: write it as it stands there, '${ring}'`,
    ));
  it('written with other blanks than the connection', () =>
    refuses(
      but(() => ({ rings: [connection('app.stack->stack.talk')] })),
      `ring 'app.stack->stack.talk' is no connection: write it as it stands there, '${ring}'`,
    ));
  it('of a contract that has no casts', () =>
    refuses(
      { ...pair(any(contract('calls', { calls: talk.calls }))), rings: ['client.server -> server.talk'] },
      "connection 'client.server -> server.talk' cannot be a ring: 'calls' has no casts, and calls go by IPC; take it out of rings",
    ));
  it('of one thread', () =>
    refuses(
      {
        ...right(),
        domains: { ...apart('driver', 'supervisor', 'bus'), app: ['app', 'stack'] },
        levels: { app: 20 },
        rings: [ring],
      },
      `connection '${ring}' cannot be a ring: rings connect two user domains`,
    ));
});
