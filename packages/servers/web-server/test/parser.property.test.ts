import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Host, responsesIn } from './fake-stack.ts';

const EFFORT = Number(process.env.BULKHEAD_EFFORT ?? 1);

interface Request {
  readonly text: string;
  readonly isHead: boolean;
  readonly status: number;
  readonly bodyLen: number | undefined;
}

/** Requests that can be read, with what must come of them: written from the RFC, not from the parser. */
const request: fc.Arbitrary<Request> = fc
  .record({
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'BREW'),
    target: fc.oneof(
      fc.constantFrom<[string, number, number?]>(['/', 200], ['/%61bout', 200], ['/style.css?a', 200], ['/none', 404]),
      fc.nat(3000).map((n): [string, number, number] => [`/bytes/${n}`, 200, n]),
    ),
    fields: fc.array(
      fc.tuple(
        fc.stringMatching(/^x-[a-z0-9!#$%&'*+.^_`|~-]{0,30}$/),
        fc.stringMatching(/^([!-~]([ -~]{0,40}[!-~])?)?$/),
        fc.constantFrom('', ' ', '\t '),
      ),
      { maxLength: 5 },
    ),
    hostName: fc.constantFrom('Host', 'host', 'HOST'),
    body: fc.option(fc.stringMatching(/^[ -~]{0,60}$/), { nil: undefined }),
    blankLines: fc.nat(2),
  })
  .map(({ method, target: [target, found, bodyLen], fields, hostName, body, blankLines }) => {
    const lines = fields.map(([name, value, blank]) => `${name}:${blank}${value}${blank}\r\n`).join('');
    const length = body === undefined ? '' : `content-length: ${body.length}\r\n`;
    const status = method === 'BREW' ? 501 : method === 'POST' ? 405 : found;
    return {
      text: `${'\r\n'.repeat(blankLines)}${method} ${target} HTTP/1.1\r\n${lines}${hostName}: h:80\r\n${length}\r\n${body ?? ''}`,
      isHead: method === 'HEAD',
      status,
      bodyLen: status === 200 && method === 'GET' ? bodyLen : undefined,
    };
  });

/** Cuts text at the given places, wherever they fall. */
function cut(text: string, places: readonly number[]): string[] {
  const at = [0, ...places.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, i) => text.slice(at[i], end));
}

/** Every call of the server's sees one segment; empty ones do not exist. */
const answerTo = (pieces: readonly string[]): Buffer => new Host().ask(...pieces.filter((p) => p !== '')).bytes;

describe('requests in pieces (RFC 9112 §2)', () => {
  it('a pipeline is answered in order, as each request deserves, however it is cut', () => {
    const pipeline = fc.tuple(fc.array(request, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }));
    fc.assert(
      fc.property(pipeline, ([requests, places]) => {
        const pieces = cut(requests.map(({ text }) => text).join(''), places);
        const responses = responsesIn(
          answerTo(pieces),
          requests.map(({ isHead }) => isHead),
        );
        expect(responses.map(({ status }) => status)).toEqual(requests.map(({ status }) => status));
        for (const [i, { bodyLen }] of requests.entries()) {
          if (bodyLen !== undefined) expect(responses[i]!.body).toHaveLength(bodyLen);
        }
      }),
      { numRuns: 100 * EFFORT },
    );
  });
  it('a byte at a time gives what all at once gives, malformed requests included', () => {
    const mutated = fc.tuple(request, fc.nat(), fc.nat(255), fc.boolean()).map(([{ text }, place, byte, insert]) => {
      const at = place % text.length;
      return text.slice(0, at) + String.fromCharCode(byte) + text.slice(insert ? at : at + 1);
    });
    fc.assert(
      fc.property(mutated, (text) => {
        expect(answerTo([...text])).toEqual(answerTo([text]));
      }),
      { numRuns: 150 * EFFORT },
    );
  });
  it('arbitrary bytes never break it: what it says is HTTP, and the next client is served', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 5 }), (segments) => {
        const host = new Host();
        const peer = host.connect();
        for (const segment of segments) host.write(peer, segment);
        for (const { status } of responsesIn(peer.bytes)) expect([400, 414, 431, 501, 505]).toContain(status);
        expect(responsesIn(host.ask('GET / HTTP/1.1\r\nHost: h\r\n\r\n').bytes)[0]!.status).toBe(200);
      }),
      { numRuns: 100 * EFFORT },
    );
  });
});
