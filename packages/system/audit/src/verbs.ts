/** The verbs of questions: what people say for each, and the forms of their words. */

/** What can be asked about two names. */
export const ASKABLE = [
  'read',
  'write',
  'reach',
  'access',
  'call',
  'talk to',
  'signal',
  'interrupt',
  'end',
  'start',
  'starve',
  'DMA',
  'share memory with',
] as const;
export type Askable = (typeof ASKABLE)[number];

const list = (text: string): readonly string[] => text.split(', ');

/** What people say for each: words before a preposition, which a question may have or not. */
const SYNONYMS: Readonly<Record<Askable, readonly string[]>> = {
  read: list('read, see, load, spy, leak, observe, look, inspect, steal'),
  write: list(
    'write, corrupt, modify, change, overwrite, store, damage, spoil, tamper, harm, compromise, attack, program, configure, control, reset',
  ),
  reach: list('reach, affect, influence, get, hurt'),
  access: list('access, touch, use, have access'),
  call: list('call, invoke, cast, message, ask, send'),
  'talk to': list('talk, communicate, speak, exchange messages'),
  signal: list('signal, notify, wake'),
  interrupt: list('interrupt'),
  end: list('end, kill, stop, crash, terminate, take down, bring down, revoke'),
  start: list('start, restart, reboot, supervise, revive'),
  starve: list('starve, stall, block, hog, delay, slow, slow down, deprive'),
  DMA: list('dma, do dma'),
  'share memory with': list('share memory, exchange data, share data'),
};
/** Verbs that hold in both directions, or in none. */
const MUTUAL: readonly Askable[] = ['talk to', 'share memory with'];

/** What is done, of words that do not end in -ed. An adjective says that it can be done. */
const DONE: Readonly<Record<string, readonly string[]>> = {
  read: list('read, readable'),
  see: list('seen, visible'),
  write: list('written, writable, writeable'),
  overwrite: list('overwritten'),
  spoil: list('spoilt, spoiled'),
  reach: list('reached, reachable'),
  access: list('accessed, accessible'),
  get: list('got'),
  hurt: list('hurt'),
  call: list('called, callable'),
  cast: list('cast'),
  send: list('sent'),
  speak: list('spoken'),
  wake: list('woken'),
  stop: list('stopped'),
  take: list('taken'),
  bring: list('brought'),
  steal: list('stolen'),
  reset: list('reset'),
  control: list('controlled, controllable'),
  hog: list('hogged'),
};

const stemThen = (word: string, ending: string): string =>
  /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}i${ending}` : word + (word.endsWith('e') ? ending.slice(1) : ending);
const third = (word: string): string => {
  if (word === 'have') return 'has';
  if (word === 'do') return 'does';
  return /(s|sh|ch|x|[^aeiou]y)$/.test(word) ? stemThen(word, 'es') : `${word}s`;
};
const done = (word: string): readonly string[] => DONE[word] ?? [stemThen(word, 'ed')];

const DOUBLED: readonly string[] = ['stop', 'hog', 'get', 'reset', 'control'];
const doing = (word: string): string => {
  if (DOUBLED.includes(word)) return `${word}${word.at(-1)}ing`;
  return /[^e]e$/.test(word) ? `${word.slice(0, -1)}ing` : `${word}ing`;
};

type Forms = ReadonlyMap<string, Askable>;
/** By phrase; the first word of a phrase is the one that changes. */
const formsOf = (verbs: readonly Askable[], inflect: (word: string) => readonly string[]): Forms =>
  new Map(
    verbs.flatMap((verb) =>
      SYNONYMS[verb].flatMap((phrase) => {
        const [head = '', ...rest] = phrase.split(' ');
        return inflect(head).map((word) => [[word, ...rest].join(' '), verb] as const);
      }),
    ),
  );

const active = (word: string): readonly string[] => [word, third(word)];
/** "write", "writes". */
export const ACTIVE: Forms = formsOf(ASKABLE, active);
/** "written", "writable". */
export const PASSIVE: Forms = formsOf(ASKABLE, done);
/** "writing". */
export const GERUND: Forms = formsOf(ASKABLE, (word) => [doing(word)]);
/** What two can do with each other. */
export const TOGETHER: Forms = formsOf(MUTUAL, active);
