/** What `explain driver-start` prints for people: numbered lines, or a Mermaid sequence diagram. */
import type { Description } from '@bulkhead/assembler';
import { bytes } from '../output/addresses.ts';
import { whole } from '../output/table.ts';
import type { DriverStart } from './driver-start.ts';
import type { Exchange, MovedRight } from './exchanges.ts';
import { type ExchangeWords, wordsOf } from './message-words.ts';

/** A message, or a capability that went with one, at its place in the story. */
interface Told {
  /** How many exchanges it happened inside. */
  readonly depth: number;
  readonly message: { readonly exchange: Exchange; readonly words: ExchangeWords } | null;
  readonly right: MovedRight | null;
}

/** What went with the question comes before what happened inside, what came with the answer after. */
function inOrder(exchange: Exchange, description: Description, depth = 0): Told[] {
  const moved = (isAnswer: boolean): Told[] =>
    exchange.moved
      .filter(({ from }) => (from === exchange.to) === isAnswer)
      .map((right) => ({ depth: depth + 1, message: null, right }));
  return [
    { depth, message: { exchange, words: wordsOf(exchange, description) }, right: null },
    ...moved(false),
    ...exchange.inside.flatMap((inner) => inOrder(inner, description, depth + 1)),
    ...moved(true),
  ];
}

const INDENT = '  ';
const rightText = ({ what, type, lenBytes, rights }: MovedRight): string =>
  `${type}${rights === '' ? '' : ` ${rights}`}: ${what}${lenBytes > 0 ? `, ${bytes(lenBytes)}` : ''}`;
const timesText = (times: number): string => (times > 1 ? ` (and ${times - 1} more like it)` : '');
const resultText = (result: string): string => (result === '' ? '' : ` = ${result}`);

function messageText({ from, to, kind, times }: Exchange, { call, result, means }: ExchangeWords): string {
  const arrow = kind === 'call' ? '→' : '⇢';
  const meaning = means === '' ? '' : `   ${means}`;
  return `${from} ${arrow} ${to}: ${call}${resultText(result)}${timesText(times)}${meaning}`;
}

export function driverStartText(start: DriverStart, description: Description): string {
  const told = start.exchanges.flatMap((exchange) => inOrder(exchange, description));
  const digits = String(told.length).length;
  let last = 0;
  const lines = told.map(({ depth, message, right }) => {
    const indent = INDENT.repeat(depth + 1);
    if (message === null) return `${' '.repeat(digits)}${indent}capability to ${right!.to}: ${rightText(right!)}`;
    return `${String(++last).padStart(digits)}${indent}${messageText(message.exchange, message.words)}`;
  });
  return [
    `How ${start.driver} of ${start.system} comes to its device: every message and capability until the stack uses it`,
    `${start.system}: ${start.summary}`,
    `→ a call, ⇢ a cast; what is indented happened before the answer. ${whole(start.elapsedUs)} µs of simulated time.`,
    '',
    ...lines,
    '',
  ].join('\n');
}

/** A name without what Mermaid reads as syntax. */
const idOf = (name: string): string => name.replaceAll('-', '_');
const quoted = (text: string): string => text.replaceAll('#', '#35;').replaceAll(';', '#59;');

/** Mermaid's syntax: https://mermaid.js.org/syntax/sequenceDiagram.html */
export function driverStartMermaid(start: DriverStart, description: Description): string {
  const lines: string[] = ['sequenceDiagram', '  autonumber'];
  for (const name of start.participants) lines.push(`  participant ${idOf(name)} as ${name}`);
  const drawRight = (right: MovedRight): void => {
    const over = `${idOf(right.from)},${idOf(right.to)}`;
    lines.push(`  Note over ${over}: capability to ${right.to}<br/>${quoted(rightText(right))}`);
  };
  const draw = (exchange: Exchange): void => {
    const { call, result } = wordsOf(exchange, description);
    const [from, to] = [idOf(exchange.from), idOf(exchange.to)];
    const isCall = exchange.kind === 'call';
    lines.push(`  ${from}${isCall ? '->>' : '-)'}${to}: ${quoted(call + timesText(exchange.times))}`);
    exchange.moved.filter((right) => right.from !== exchange.to).forEach(drawRight);
    exchange.inside.forEach(draw);
    exchange.moved.filter((right) => right.from === exchange.to).forEach(drawRight);
    if (isCall) lines.push(`  ${to}-->>${from}: ${quoted(result === '' ? 'done' : result)}`);
  };
  start.exchanges.forEach(draw);
  return `${lines.join('\n')}\n`;
}
