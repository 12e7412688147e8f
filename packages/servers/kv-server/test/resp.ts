/** RESP as a client writes and reads it: the specification again, by other hands. */
export type Reply = string | number | null | Failure | readonly Reply[];

export class Failure {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** A request as an array of bulk strings. Text is Latin-1: a byte a character. */
export const request = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;

/** @returns the replies of a stream that holds nothing but whole replies. */
export function repliesIn(stream: string): Reply[] {
  const replies: Reply[] = [];
  let at = 0;
  const line = (): string => {
    const end = stream.indexOf('\r\n', at);
    if (end < 0) throw new Error(`a reply that was cut short: ${JSON.stringify(stream.slice(at))}`);
    const text = stream.slice(at, end);
    at = end + 2;
    return text;
  };
  const next = (): Reply => {
    const head = line();
    const rest = head.slice(1);
    switch (head[0]) {
      case '+':
        return rest;
      case '-':
        return new Failure(rest);
      case ':':
        return Number(rest);
      case '$': {
        const lenBytes = Number(rest);
        if (lenBytes < 0) return null;
        const text = stream.slice(at, at + lenBytes);
        if (stream.slice(at + lenBytes, at + lenBytes + 2) !== '\r\n') throw new Error('a bulk string without its end');
        at += lenBytes + 2;
        return text;
      }
      case '*':
        return Array.from({ length: Number(rest) }, next);
      default:
        throw new Error(`no reply begins so: ${JSON.stringify(head)}`);
    }
  };
  while (at < stream.length) replies.push(next());
  return replies;
}
