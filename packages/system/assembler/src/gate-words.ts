/**
 * The words of which gates are made: pieces of the text of a forwarder that say where arguments, answers and rights of
 * one method are, on either side of a wall.
 */
import type { Method } from './connection.ts';

/** Registers a0, a2 and how many message registers there are. RISC-V calling convention; kernel ABI: ipc package. */
export const A0 = 10;
export const A2 = 12;
export const MESSAGE_REGISTERS = 4;

const argumentNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `a${i}`);
export const argumentsOf = (method: Method): string[] => argumentNames(method.spec.args.length);
export const isRight = (kind: string): boolean => kind === 'right';
/** What a register would hold: a word is the same in every system. */
export const asWord = (name: string): string => `${name} | 0`;
/** Rights are looked at more than once on the way: what they are is settled where it is still the caller's doing. */
export const rightsAsWords = (method: Method): string =>
  method.spec.args.map((kind, i) => (isRight(kind) ? `a${i} = ${asWord(`a${i}`)};` : '')).join(' ');

/** Statements that load arguments into registers, as far as they reach. */
export const toRegisters = (names: readonly string[]): string =>
  names
    .slice(0, MESSAGE_REGISTERS)
    .map((name, i) => `lo[${A2 + i}] = ${name};`)
    .join(' ');
/** Word 0 of a message buffer is the tag; message word i follows at i + 1. */
const bufferOffset = (word: number): number => (word + 1) * 4;
/** Statements by which the caller puts the words beyond the registers into its buffer. */
export const toBuffer = (names: readonly string[]): string =>
  names
    .slice(MESSAGE_REGISTERS)
    .map((name, i) => `caller.memory.store32(caller.bufferPage, ${bufferOffset(MESSAGE_REGISTERS + i)}, ${name});`)
    .join(' ');
/** The kernel copies the words beyond the registers. */
export const copyBuffer = (count: number): string =>
  Array.from({ length: Math.max(0, count - MESSAGE_REGISTERS) }, (_, i) => MESSAGE_REGISTERS + i + 1)
    .map((word) => `words[target.bufferWord + ${word}] = words[caller.bufferWord + ${word}];`)
    .join(' ');
/** Expressions by which the target reads its arguments. */
export const received = (count: number, beyond: (word: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => (i < MESSAGE_REGISTERS ? `lo[${A2 + i}]` : beyond(i)));
export const fromOwnBuffer = (word: number): string => `target.memory.load32(target.bufferPage, ${bufferOffset(word)})`;
export const fromCallersBuffer = (word: number): string => `words[caller.bufferWord + ${word + 1}]`;

export const transferArguments = (method: Method, target: string, refuse: string): string =>
  method.spec.args
    .map((kind, i) =>
      isRight(kind)
        ? `a${i} = scope.transfer(caller, a${i}, ${target}); if (a${i} < 0) { ${refuse} return NO_SUCH_RIGHT; } lo[${A2 + i}] = a${i};`
        : '',
    )
    .join(' ');

/** Answers beside the result go from the target's words to the caller's; rights are derived on the way. */
export const transferAnswers = (method: Method, from: string): string =>
  method.spec.kind === 'cast'
    ? ''
    : method.spec.answers
        .map((kind, i) =>
          isRight(kind)
            ? `if (result >= 0 && !life.over) callerAnswer[${i + 1}] = scope.transfer(${from}, ${from}.seat.answer[${i + 1}], caller);`
            : `callerAnswer[${i + 1}] = ${from}.seat.answer[${i + 1}];`,
        )
        .join(' ');
