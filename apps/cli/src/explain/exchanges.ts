/** Messages between components as they happen, with everything that happened inside each. */
import { type Contract, refusalName } from '@bulkhead/abi';
import { type Message, type MessageSink, type System, TO_KERNEL } from '@bulkhead/assembler';
import { capsOf, type NamedCapability } from '@bulkhead/inspection';

/** A right that a message carried: derived for the receiver. */
export interface MovedRight {
  readonly from: string;
  readonly to: string;
  /** What it is a right to: `BAR 0 of 00:01.0`, `interrupt 16`. */
  readonly what: string;
  readonly type: string;
  /** Of what names memory; 0 of what does not. */
  readonly lenBytes: number;
  /** Letters R, W, G, P; empty where the type carries none. */
  readonly rights: string;
}
export interface Exchange {
  readonly from: string;
  readonly to: string;
  readonly contract: string;
  readonly method: string;
  readonly kind: 'call' | 'cast';
  readonly args: readonly number[];
  /** What those arguments are that are rights, by place; null for the others. */
  readonly argRights: readonly (string | null)[];
  /** Null when the sender was over before the answer came. */
  result: number | null;
  /** Its name, when the result is one. */
  refusal: string | null;
  answers: readonly number[];
  readonly moved: MovedRight[];
  /** What the receiver sent before it answered. */
  readonly inside: Exchange[];
  /** How many exchanges like this one came in a row, this one included. */
  times: number;
}

/** In place of a component's name. */
export const KERNEL = 'kernel';

/** Builds the tree of exchanges while a system runs. It reads the system's capabilities, and changes nothing. */
export class ExchangeRecorder implements MessageSink {
  readonly roots: Exchange[] = [];
  readonly #open: { readonly exchange: Exchange; readonly contract: Contract }[] = [];
  #system: System | null = null;
  #isOver = false;
  readonly #isLast: (exchange: Exchange) => boolean;

  /** @param isLast says of a message that it ends the story: it is the last that is told. */
  constructor(isLast: (exchange: Exchange) => boolean) {
    this.#isLast = isLast;
  }
  /** Before anything runs. */
  watch(system: System): void {
    this.#system = system;
  }
  get isOver(): boolean {
    return this.#isOver;
  }

  sent({ from, to, contract, method, args }: Message): void {
    const { kind, args: kinds } = method.spec;
    const exchange: Exchange = {
      from: this.#nameOf(from),
      to: this.#nameOf(to),
      contract: contract.name,
      method: method.name,
      kind,
      args,
      argRights: args.map((right, i) => (kinds[i] === 'right' ? this.#whatIs(from, right) : null)),
      result: null,
      refusal: null,
      answers: [],
      moved: [],
      inside: [],
      times: 1,
    };
    if (!this.#isOver) (this.#open.at(-1)?.exchange.inside ?? this.roots).push(exchange);
    this.#open.push({ exchange, contract });
    if (this.#isLast(exchange)) this.#isOver = true;
  }
  moved(from: number, to: number, slot: number): void {
    const found = this.#capabilities().find((one) => one.slot === slot);
    this.#open.at(-1)?.exchange.moved.push({
      from: this.#nameOf(from),
      to: this.#nameOf(to),
      what: found?.what ?? 'something',
      type: found?.type ?? '',
      lenBytes: found?.lenBytes ?? 0,
      rights: found?.rights ?? '',
    });
  }
  answered(result: number, answers: readonly number[]): void {
    const { exchange, contract } = this.#open.pop()!;
    exchange.result = result;
    exchange.refusal = result < 0 ? refusalName(contract, result) : null;
    exchange.answers = answers;
  }
  lost(): void {
    this.#open.pop();
  }

  #nameOf(component: number): string {
    return component === TO_KERNEL ? KERNEL : this.#system!.description.components[component]!.name;
  }
  #capabilities(): readonly NamedCapability[] {
    return this.#isOver ? [] : capsOf(this.#system!).capabilities;
  }
  #whatIs(component: number, right: number): string {
    const { spaces, seats } = this.#system!.kernel;
    const slot = spaces.lookup(seats[component]!.domain, right);
    return this.#capabilities().find((one) => one.slot === slot)?.what ?? 'nothing';
  }
}

const isAlike = (one: Exchange, other: Exchange): boolean =>
  one.from === other.from &&
  one.to === other.to &&
  one.contract === other.contract &&
  one.method === other.method &&
  (one.result !== null) === (other.result !== null) &&
  (one.result ?? 0) < 0 === (other.result ?? 0) < 0 &&
  one.argRights.every((what, i) => what === other.argRights[i]) &&
  one.moved.length === other.moved.length &&
  one.moved.every(({ what }, i) => what === other.moved[i]!.what) &&
  one.inside.length === other.inside.length &&
  one.inside.every((inner, i) => isAlike(inner, other.inside[i]!));

/** @returns the same story, in which exchanges of one kind that follow each other are told once. */
export function folded(exchanges: readonly Exchange[]): Exchange[] {
  const told: Exchange[] = [];
  for (const exchange of exchanges.map((one) => ({ ...one, inside: folded(one.inside) }))) {
    const last = told.at(-1);
    if (last !== undefined && isAlike(last, exchange)) last.times += exchange.times;
    else told.push(exchange);
  }
  return told;
}
