import { SLOT_WORDS } from '@bulkhead/capabilities';
import { NEVER } from '@bulkhead/clock';
import type { ComponentDefinition, Window } from '@bulkhead/runtime';
import { describe, expect, it } from 'vitest';
import { assemble, type Description, DescriptionError, type System } from '../src/index.ts';
import { ALARM, after, CHILD, endAndStart, supervising } from './chain.ts';
import { type Act, apart, type Self, Stage } from './stage.ts';

type Invocation = 'revoke' | 'delete' | 'unmap';
type End = 'a' | 'b';
const A = 0;

/** What the other end says of its port, and the words of a cast there. */
const castTo = (self: Self, word: number): number =>
  self.name === 'a' ? self.ports['b']!['tell']!(word, 0) : self.ports['talk']!['report']!(A, word, 0);

/** Casts once more, and then does it to every frame that it holds: its own, and those that it shares. */
const loses = (invocation: Invocation): Act => ({
  start: (self) => void self.kernel['setAlarm']!(ALARM, 100),
  token: (self) => {
    castTo(self, 5);
    for (let right = 1; right < 256; right++) {
      if (self.kernel['address']!(right) >= 0) self.kernel[invocation]!(right);
    }
  },
});
/** Uses all that it shares with the other end, after that one has lost it. */
const uses: Act = {
  start: (self) => void self.kernel['setAlarm']!(ALARM, 300),
  token: (self) => {
    const { window } = self.context.shared(self.name === 'a' ? 'b' : 'talk', A);
    window.store32(4092, 7);
    self.say(`reads ${window.load32(4092)}`);
    castTo(self, 6);
  },
  tell: (self, _from, word) => void self.say(`hears ${word}`),
  report: (self, _server, word) => void self.say(`hears ${word}`),
};

/** a is a client of b; one of them shares a region with the other. */
function between(owner: End, acts: Readonly<Record<string, Act>>): Stage {
  const stage = new Stage();
  const contract = 'whisper';
  stage.actor('a', { level: 10, servers: ['b'], contract, shares: owner === 'a' ? ['b'] : [] }, acts['a']);
  stage.actor('b', { level: 20, contract, shares: owner === 'b' ? ['talk'] : [] }, acts['b']);
  return stage;
}

interface Case {
  readonly by: string;
  readonly describe: (stage: Stage) => Description;
  /** Who stands outside the kernel, and can lose something. */
  readonly outside: readonly End[];
}
const CASES: readonly Case[] = [
  { by: 'messages and an outbox', describe: (stage) => stage.description(apart('a', 'b')), outside: ['a', 'b'] },
  {
    by: 'rings',
    describe: (stage) => stage.description(apart('a', 'b'), { rings: ['a.b -> b.talk'] }),
    outside: ['a', 'b'],
  },
  {
    by: 'system calls, the server in the kernel',
    describe: (stage) => stage.description({ kernel: ['b'], a: ['a'] }),
    outside: ['a'],
  },
  {
    by: 'upcalls, the client in the kernel',
    describe: (stage) => stage.description({ kernel: ['a'], b: ['b'] }),
    outside: ['b'],
  },
];
const ENDS = CASES.flatMap(({ by, describe, outside }) =>
  outside.flatMap((loser) => (['a', 'b'] as const).map((owner) => ({ by, describe, loser, owner }))),
);

describe.each(ENDS)('memory shared by $by, the region owned by $owner', ({ describe, loser, owner }) => {
  const other = loser === 'a' ? 'b' : 'a';
  const run = (invocation: Invocation): { story: readonly string[]; fallen: readonly string[] } => {
    const stage = between(owner, { [loser]: loses(invocation), [other]: uses });
    const system = assemble(describe(stage));
    system.runUntil(NEVER);
    return { story: stage.story, fallen: system.faults.map(({ component }) => component) };
  };
  it(`stays with both when ${loser} revokes all that it holds`, () => {
    expect(run('revoke')).toEqual({ story: [`${other}: hears 5`, `${other}: reads 7`], fallen: [] });
  });
  it.each(['delete', 'unmap'] as const)(`is lost by ${loser} alone when it does to all that it holds: %s`, (how) => {
    const { story, fallen } = run(how);
    expect(story).toContain(`${other}: reads 7`);
    expect(fallen).toEqual([loser]);
  });
});

describe.each([[], ['a.b -> b.talk']] as const)('a neighbour that is started again, with rings: %s', (...rings) => {
  const restartOf = (other: End, loser: End, invocation: Invocation): readonly string[] => {
    const stage = between(loser, {
      [loser]: {
        start: (self) => void self.kernel['setAlarm']!(ALARM, 100),
        token: (self) => {
          for (let right = 1; right < 4096; right++) self.kernel[invocation]!(right);
        },
      },
      [other]: {
        start: (self) => {
          const { window } = self.context.shared(other === 'a' ? 'b' : 'talk', A);
          self.say(`life ${self.life} reads ${window.load32(0)}`);
        },
      },
    });
    const supervisor: Act = {
      start: (self) => {
        self.kernel['startDomain']!(self.context.right(CHILD));
        self.kernel['setAlarm']!(ALARM, 300);
      },
      token: (self) => {
        self.kernel['endDomain']!(self.context.right(CHILD));
        self.say(`starts it: ${self.kernel['startDomain']!(self.context.right(CHILD))}`);
      },
    };
    stage.actor('supervisor', { level: 40, rights: [CHILD] }, supervisor);
    const domains = apart('a', 'b', 'supervisor');
    assemble(stage.description(domains, { ...supervising(other), rings: [...rings] })).runUntil(NEVER);
    return stage.story;
  };
  it.each([
    ['a', 'b', 'delete'],
    ['b', 'a', 'delete'],
    ['a', 'b', 'revoke'],
    ['b', 'a', 'revoke'],
  ] as const)('%s finds all that %s shares with it, though that did to all that it holds: %s', (other, loser, how) => {
    expect(restartOf(other, loser, how)).toEqual([
      `${other}: life 1 reads 0`,
      'supervisor: starts it: 0',
      `${other}: life 2 reads 0`,
    ]);
  });
});

describe('an owner that is started again', () => {
  it.each([
    ['a', 'b'],
    ['b', 'a'],
  ] as const)('%s leaves the region where %s had it: cleared, and of use to both', (owner, other) => {
    const port = other === 'a' ? 'b' : 'talk';
    let kept: Window | null = null;
    const stage = between(owner, {
      [owner]: {
        start: (self) => {
          const { window } = self.context.shared(owner === 'a' ? 'b' : 'talk', A);
          self.say(`life ${self.life} reads ${window.load32(0)}`);
          window.store32(0, 10 + self.life);
        },
      },
      [other]: {
        start: (self) => void self.kernel['setAlarm']!(ALARM, 200),
        token: (self) => {
          kept ??= self.context.shared(port, A).window;
          self.say(`reads ${kept.load32(0)}`);
          if (stage.lives[owner] === 1) self.kernel['setAlarm']!(ALARM, 200);
        },
      },
    });
    stage.actor('supervisor', { level: 40, rights: [CHILD] }, after(300, endAndStart));
    const system = assemble(stage.description(apart('a', 'b', 'supervisor'), supervising(owner)));
    system.runUntil(NEVER);
    expect(stage.story).toEqual([
      `${owner}: life 1 reads 0`,
      `${other}: reads 11`,
      `${owner}: life 2 reads 0`,
      `${other}: reads 12`,
    ]);
    expect(system.faults.map(({ component }) => component)).toEqual([owner]);
  });
});

describe('the originals of shared frames', () => {
  const slotsOf = ({ kernel }: System): number => {
    const { capabilities, kernelMemory } = kernel;
    const first = capabilities.wordOf(kernelMemory.rootSlot);
    return Array.from({ length: 4096 }, (_, i) => capabilities.typeOf(first + i * SLOT_WORDS)).filter(
      (type) => type !== 0,
    ).length;
  };
  it('are made of the memory of the owner: one right to each in the kernel, one at each end', () => {
    const sizes = [0, 1, 2].map((pages) => {
      const stage = between('a', {});
      const [a] = stage.actors as [ComponentDefinition];
      const shares = pages === 0 ? {} : { b: { sizeBits: 12 as const, count: pages } };
      stage.actors[0] = { ...a, shares };
      const system = assemble(stage.description(apart('a', 'b')));
      const { capabilities, domains } = system.kernel;
      const free = domains
        .filter(({ untypedSlot }) => untypedSlot !== 0)
        .map(({ untypedSlot }) => capabilities.freeBytesOf(untypedSlot));
      return [slotsOf(system), ...free];
    });
    const [none, one, two] = sizes as [number[], number[], number[]];
    const step = (from: readonly number[], to: readonly number[]): number[] => to.map((value, i) => value - from[i]!);
    expect(step(one, two)).toEqual(step(none, one));
    expect(step(none, one)).toEqual([1, 0, -4096, 0]);
  });
  it('are refused, by a line, when there are more than the kernel has slots for', () => {
    const stage = between('a', {});
    stage.actor('c', { level: 5, servers: ['b'], contract: 'whisper', shares: ['b'] });
    stage.actors.forEach((definition, i) => {
      if (definition.name !== 'b')
        stage.actors[i] = { ...definition, shares: { b: { sizeBits: 12 as const, count: 1700 } } };
    });
    expect(() => assemble(stage.description(apart('a', 'b', 'c')))).toThrow(DescriptionError);
  });
});
