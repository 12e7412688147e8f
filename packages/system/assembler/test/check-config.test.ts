/** The parameters that a description gives: a slip of the pen would be ignored, so it is refused. */
import { describe, expect, it } from 'vitest';
import { assemble, checkDescription, type Description, DescriptionError, type Resource } from '../src/index.ts';
import { changed } from './right.ts';

const refuses = (config: unknown, ...lines: readonly string[]): void => {
  const description = changed('app', { config: { port: 80, title: 'x' } });
  expect(checkDescription({ ...description, config: (() => config) as Description['config'] })).toEqual(lines);
};

describe('config', () => {
  it('gives some of a component’s parameters, or all, or none', () => {
    refuses({});
    refuses({ app: {} });
    refuses({ app: { port: 81 } });
    refuses({ app: { port: 81, title: '' }, stack: {} });
  });
  it('names a component that is not there', () =>
    refuses(
      { ap: { port: 80 } },
      "config names 'ap', which is no component here: use one of app, stack, driver, supervisor, bus",
    ));
  it('names a parameter that the component does not have', () =>
    refuses({ app: { prot: 80 } }, "'app' has no parameter 'prot': use one of port, title"));
  it('names a parameter of a component that has none', () =>
    refuses({ stack: { port: 80 } }, "'stack' has no parameter 'port': leave it out"));
  it('names a parameter and gives it no value', () =>
    refuses({ app: { port: undefined } }, "config sets 'port' of 'app' to undefined: leave it out"));
  it.each([
    ['80', 'a string'],
    [[80], 'a list'],
    [{ port: 80 }, 'an object'],
    [null, 'null'],
  ])('gives %j where the component’s own parameter is a number', (port, what) =>
    refuses({ app: { port } }, `config sets 'port' of 'app' to ${what}: give a number`),
  );
  it.each([
    [80, 'a number'],
    ['80', 'a string'],
    [[80], 'a list'],
    [null, 'null'],
    [undefined, 'undefined'],
  ])('gives a component %j', (config, what) =>
    refuses({ app: config }, `config of 'app' is ${what}: use an object of its parameters`),
  );
  it('is no function of the facts that gives an object', () => {
    refuses(undefined, 'config gives undefined: return an object of parameters by component');
    refuses([], 'config gives a list: return an object of parameters by component');
  });
  const asking = (config: Description['config']): Description => ({
    ...changed('app', { config: { peer: 0 } }),
    config,
  });
  it('asks for the facts of the system', () => {
    const asked: unknown[] = [];
    const description = asking((facts) => {
      asked.push([facts.identity('stack'), facts.supervised('driver'), facts.supervised('app'), facts.iommu]);
      return { app: { peer: facts.identity('bus') } };
    });
    expect(checkDescription(description)).toEqual([]);
    const told = [1, true, false, 'bare'];
    expect(asked).toEqual([told]);
    // The system that is assembled tells the same.
    assemble(description);
    expect(asked.slice(1)).toEqual([told, told]);
  });
  it.each(['identity', 'supervised'] as const)('asks for the %s of a component that is not there', (fact) => {
    const description = asking((facts) => ({ app: { peer: Number(facts[fact]('ghost')) } }));
    expect(checkDescription(description)).toEqual([
      "config names 'ghost', which is no component here: use one of app, stack, driver, supervisor, bus",
    ]);
    expect(() => assemble(description)).toThrow(DescriptionError);
  });
  it('fails: the first line of what it threw is told', () => {
    const description = asking(() => {
      throw new Error('there is no coffee\nanywhere');
    });
    expect(checkDescription(description)).toEqual(['config fails, mend it: there is no coffee']);
  });
});

describe('a value of the right kind', () => {
  const accepts = {
    port: (port: number) => (port < 10 ? null : 'give less than 10'),
    title: (title: string) => (title === '' ? 'give one' : null),
  };
  const refusesValue = (config: object, ...lines: readonly string[]): void => {
    const description = changed('app', { config: { port: 8, title: 'x', other: [] }, accepts });
    expect(checkDescription({ ...description, config: () => ({ app: config }) })).toEqual(lines);
  };
  it('is one that the component accepts, where it says which', () => {
    refusesValue({ port: 9, title: 'y', other: [1] });
    refusesValue({ port: 10 }, "config sets 'port' of 'app' to 10: give less than 10");
    refusesValue({ title: '' }, "config sets 'title' of 'app' to '': give one");
  });
  it('and is not asked about while its kind is wrong', () =>
    refusesValue({ port: '10' }, "config sets 'port' of 'app' to a string: give a number"));
});

describe('children of a supervisor that is told of them', () => {
  const withChildren = (children: readonly object[], rights: Record<string, Resource>): Description => {
    const description = changed('supervisor', { config: { children: [] } });
    return {
      ...description,
      authority: { ...description.authority, supervisor: rights },
      config: () => ({ supervisor: { children } }),
    };
  };
  const [stack, driver] = [1, 2];
  const driverRight = { 'child-0': 'domain:driver' } as const;
  it('are those that it may start', () =>
    expect(checkDescription(withChildren([{ domainRight: 'child-0', component: driver }], driverRight))).toEqual([]));
  it('not: it may start one that it is not told of', () =>
    expect(checkDescription(withChildren([], driverRight))).toEqual([
      "'supervisor' may start 'domain:driver', and its config lists no child 'child-0': list it under children, or take the domain out of authority and supervised",
    ]));
  it('not: it is told of one that it may not start', () =>
    expect(
      checkDescription(
        withChildren(
          [
            { domainRight: 'child-0', component: driver },
            { domainRight: 'child-1', component: stack },
          ],
          driverRight,
        ),
      ),
    ).toEqual([
      "config tells 'supervisor' that 'child-1' is 'stack', and authority gives it no such right: give it 'domain:stack'",
    ]));
  it('not: two are exchanged', () =>
    expect(
      checkDescription(
        withChildren(
          [
            { domainRight: 'child-0', component: stack },
            { domainRight: 'child-1', component: driver },
          ],
          { 'child-0': 'domain:driver', 'child-1': 'domain:stack' },
        ),
      ),
    ).toEqual([
      "config tells 'supervisor' that 'child-0' is 'stack', and authority gives it 'domain:driver': give it 'domain:stack'",
      "config tells 'supervisor' that 'child-1' is 'driver', and authority gives it 'domain:stack': give it 'domain:driver'",
    ]));
});
