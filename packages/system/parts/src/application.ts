/** The applications that a system may run, and a description with another of them in the web server's place. */
import { type ConnectionText, type Description, type Facts, parseConnection, type Resource } from '@bulkhead/assembler';
import { ECHO_PORT, echoServer } from '@bulkhead/echo-server';
import { KV_PORT, kvServer } from '@bulkhead/kv-server';
import { err, ok, type Result } from '@bulkhead/result';
import { type ComponentDefinition, kindOf, named } from '@bulkhead/runtime';
import { STREAM_PORT, streamServer } from '@bulkhead/stream-server';
import { webServer } from '@bulkhead/web-server';
import { HTTP_PORT } from './web-service.ts';

export type Application = 'web-server' | 'echo-server' | 'stream-server' | 'kv-server';

interface Entry {
  readonly definition: ComponentDefinition;
  /** Where it listens when nobody says otherwise. */
  readonly port: number;
  readonly transport: 'tcp' | 'udp';
}
const entry = (definition: unknown, port: number, transport: Entry['transport']): Entry => ({
  definition: definition as ComponentDefinition,
  port,
  transport,
});

export const APPLICATIONS: Readonly<Record<Application, Entry>> = {
  'web-server': entry(webServer, HTTP_PORT, 'tcp'),
  'echo-server': entry(echoServer, ECHO_PORT, 'udp'),
  'stream-server': entry(streamServer, STREAM_PORT, 'tcp'),
  'kv-server': entry(kvServer, KV_PORT, 'tcp'),
};

const REPLACED: Application = 'web-server';

/**
 * Puts `application` where the description has a web server, at its own port. Walls, connections and authority stay: a
 * component or a domain that is named after the web server is named after the application, any other keeps its name.
 *
 * @returns the description, or a line that names the mend.
 */
export function withApplication(description: Description, application: Application): Result<Description, string> {
  const { components, name: system } = description;
  const [replaced, ...others] = components.filter((component) => kindOf(component) === REPLACED);
  if (replaced === undefined)
    return err(`'${system}' has no component of kind '${REPLACED}' to put '${application}' in the place of: add one`);
  if (application === REPLACED) return ok(description);
  if (others.length > 0)
    return err(`'${system}' has ${others.length + 1} components of kind '${REPLACED}': leave one to be replaced`);
  const name = replaced.name === REPLACED ? application : replaced.name;
  if (name !== replaced.name && components.some((component) => component.name === name))
    return err(`'${system}' has another component named '${name}': give that one another name`);
  return ok(replace(description, { from: replaced.name, to: name, application }));
}

interface Replacement {
  /** The names of the component before and after. */
  readonly from: string;
  readonly to: string;
  readonly application: Application;
}

function replace(description: Description, replacement: Replacement): Description {
  const { from, to, application } = replacement;
  const { domains, reserve, levels, rings } = description;
  const component = (name: string): string => (name === from ? to : name);
  const isTaken = domains[to] !== undefined;
  const domain = (name: string): string => (isTaken ? name : component(name));
  const resource = (what: Resource): Resource =>
    what.startsWith('domain:') ? `domain:${domain(what.slice('domain:'.length))}` : what;
  const connection = (text: ConnectionText): ConnectionText => connectionOf(text, component);
  const { definition } = APPLICATIONS[application];
  const replacing = to === application ? definition : named(to, definition);
  return {
    ...description,
    components: description.components.map((each) => (each.name === from ? replacing : each)),
    domains: mapped(domains, domain, (members) => members.map(component)),
    connections: description.connections.map(connection),
    authority: mapped(description.authority, component, (rights) => mapped(rights, (right) => right, resource)),
    config: (facts) => configOf(description, facts, replacement),
    supervised: description.supervised.map(domain),
    ...(rings === undefined ? {} : { rings: rings.map(connection) }),
    ...(levels === undefined ? {} : { levels: mapped(levels, domain, (level) => level) }),
    ...(reserve === undefined ? {} : { reserve: mapped(reserve, domain, (promised) => promised) }),
  };
}

/** The description may ask for facts by the name that it knows. What it told the web server is nobody's any more. */
function configOf(
  { config }: Description,
  facts: Facts,
  { from, to, application }: Replacement,
): Record<string, object> {
  const known = (component: string): string => (component === from ? to : component);
  const { [from]: _, ...rest } = config({
    ...facts,
    identity: (component) => facts.identity(known(component)),
    supervised: (component) => facts.supervised(known(component)),
  });
  return { ...rest, [to]: { port: APPLICATIONS[application].port } };
}
/** Text that is no connection stays as it is, for whoever checks the description. */
function connectionOf(text: ConnectionText, component: (name: string) => string): ConnectionText {
  const ends = parseConnection(text);
  if (ends === null) return text;
  return `${component(ends.client)}.${ends.clientPort} -> ${component(ends.server)}.${ends.serverPort}`;
}
/** The same record under other names, in the same order. */
const mapped = <From, To>(
  record: Readonly<Record<string, From>>,
  key: (name: string) => string,
  value: (from: From) => To,
): Record<string, To> => Object.fromEntries(Object.entries(record).map(([name, from]) => [key(name), value(from)]));
