import { describe, expect, it } from 'vitest';
import { SLOT_COUNT } from '../src/layout.ts';
import { hashOf } from '../src/store.ts';
import { ascii } from '../src/text.ts';
import { Host } from './fake-stack.ts';
import { Failure, type Reply, repliesIn, request } from './resp.ts';

/** A server to which one client sends whole requests, and reads their replies. */
class Client {
  readonly host: Host = new Host();
  readonly #peer = this.host.connect();

  do(...words: string[]): Reply {
    this.host.write(this.#peer, request(...words));
    const [reply, ...others] = repliesIn(this.#peer.take());
    expect(others).toEqual([]);
    return reply!;
  }
  /** One request a line, words at blanks. @returns the replies. */
  all(text: string): Reply[] {
    return text
      .trim()
      .split('\n')
      .map((line) => this.do(...line.trim().split(' ')));
  }
}
const failure = (text: string): Failure => new Failure(text);
const NOT_AN_INTEGER = failure('ERR value is not an integer or out of range');

describe('strings', () => {
  it('GET gives what SET set, byte by byte; a key that is not there gives null', () => {
    const client = new Client();
    const every = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
    expect(client.do('SET', every, every + every)).toBe('OK');
    expect([client.do('GET', every), client.do('get', 'other')]).toEqual([every + every, null]);
    expect([client.do('SET', '', ''), client.do('GET', '')]).toEqual(['OK', '']);
  });
  it('SET NX sets only what is not there, and XX only what is', () => {
    const replies = new Client().all(
      'SET a 1 XX\nSET a 2 NX\nSET a 3 nx\nSET a 4 xx\nGET a\nSETNX a 5\nSETNX b 6\nGET b',
    );
    expect(replies).toEqual([null, 'OK', null, 'OK', '4', 0, 1, '6']);
  });
  it('SET with what is not built says so, and sets nothing', () => {
    const expiry = failure('ERR this server keeps keys for ever: expiry is not supported');
    const client = new Client();
    expect(client.all('SET a 1 EX 10\nSET a 1 px 10\nEXPIRE a 1')).toEqual([expiry, expiry, expiry]);
    expect(client.all('SET a 1 NX XX\nSET a 1 WHAT\nEXISTS a')).toEqual([
      failure('ERR syntax error'),
      failure('ERR syntax error'),
      0,
    ]);
  });
  it('a value may grow and shrink', () => {
    const client = new Client();
    for (const lenBytes of [1, 32_768, 5, 700, 0, 60]) {
      client.do('SET', 'a', 'x'.repeat(lenBytes));
      expect([client.do('GET', 'a'), client.do('STRLEN', 'a')]).toEqual(['x'.repeat(lenBytes), lenBytes]);
    }
  });
  it('APPEND adds to the end, and gives the length', () => {
    const client = new Client();
    let expected = '';
    for (let i = 0; i < 50; i++) {
      const piece = `${i},`.repeat(i);
      expected += piece;
      expect(client.do('APPEND', 'a', piece)).toBe(expected.length);
    }
    expect(client.do('GET', 'a')).toBe(expected);
    client.do('SET', 'b', 'x'.repeat(32_768));
    expect(client.do('APPEND', 'b', 'x')).toEqual(
      failure('ERR string exceeds maximum allowed size (proto-max-bulk-len)'),
    );
  });
  it('MSET sets all, MGET gets all, in their order', () => {
    const client = new Client();
    expect(client.all('MSET a 1 b 2 a 3\nMGET a b c a')).toEqual(['OK', ['3', '2', null, '3']]);
    expect(client.do('MSET', 'a', '1', 'b')).toEqual(failure("ERR wrong number of arguments for 'mset' command"));
  });
});

describe('counters', () => {
  it('INCR, DECR, INCRBY and DECRBY count from 0', () => {
    expect(new Client().all('INCR a\nINCRBY a 41\nDECR a\nDECRBY a -9\nINCRBY b -5\nGET a\nGET b')).toEqual([
      1,
      42,
      41,
      50,
      -5,
      '50',
      '-5',
    ]);
  });
  it('refuse what is no integer, and leave it', () => {
    const replies = new Client().all('SET a x\nINCR a\nSET a 1\nINCRBY a 1.5\nSET b 01\nDECR b\nGET a');
    expect(replies).toEqual(['OK', NOT_AN_INTEGER, 'OK', NOT_AN_INTEGER, 'OK', NOT_AN_INTEGER, '1']);
    const client = new Client();
    client.do('SET', 'long', '1'.repeat(1000));
    expect(client.do('INCR', 'long')).toEqual(NOT_AN_INTEGER);
  });
  it('refuse to leave the range', () => {
    const overflow = failure('ERR increment or decrement would overflow');
    expect(new Client().all('SET a 9007199254740991\nINCR a\nDECRBY b 9007199254740991\nDECR b\nGET a')).toEqual([
      'OK',
      overflow,
      -9007199254740991,
      overflow,
      '9007199254740991',
    ]);
  });
});

describe('keys', () => {
  it('EXISTS counts a key as often as it is named, DEL once', () => {
    expect(new Client().all('MSET a 1 b 2\nEXISTS a b a c\nDEL a a c\nEXISTS a b\nUNLINK b\nDBSIZE')).toEqual([
      'OK',
      3,
      1,
      1,
      1,
      0,
    ]);
  });
  it('TYPE, TTL, PTTL and PERSIST tell of keys that never expire', () => {
    expect(new Client().all('SET a 1\nTYPE a\nTYPE b\nTTL a\nTTL b\nPTTL a\nPERSIST a')).toEqual([
      'OK',
      'string',
      'none',
      -1,
      -2,
      -1,
      0,
    ]);
  });
  it('KEYS gives those that match', () => {
    const client = new Client();
    client.all('MSET one 1 two 2 three 3');
    expect((client.do('KEYS', 't*') as string[]).sort()).toEqual(['three', 'two']);
    expect(client.do('KEYS', 'x')).toEqual([]);
  });
  it('FLUSHALL and FLUSHDB leave nothing', () => {
    expect(new Client().all('MSET a 1 b 2\nFLUSHALL\nDBSIZE\nSET a 1\nFLUSHDB ASYNC\nGET a')).toEqual([
      'OK',
      'OK',
      0,
      'OK',
      'OK',
      null,
    ]);
  });
});

describe('SCAN', () => {
  /** Keys whose homes are few, and side by side: most stand where they probed to, and move when another goes. */
  function crowded(name: string, count: number): string[] {
    const keys: string[] = [];
    for (let i = 0; keys.length < count; i++) {
      const key = `${name}${i}`;
      if ((hashOf(ascii(key), 0, key.length) & (SLOT_COUNT - 1)) < 5000) keys.push(key);
    }
    return keys;
  }
  /** Goes through all, and does something between two calls. */
  function scan(client: Client, options: string[], between: (call: number) => void): string[] {
    const found: string[] = [];
    let cursor = '0';
    let call = 0;
    do {
      const [next, keys] = client.do('SCAN', cursor, ...options) as [string, string[]];
      found.push(...keys);
      cursor = next;
      between(call++);
    } while (cursor !== '0');
    return found;
  }
  it('tells every key that stays, whatever comes and goes between two calls', () => {
    const client = new Client();
    const [kept, going, coming] = [crowded('kept', 1500), crowded('going', 1500), crowded('coming', 1500)];
    for (const key of [...going, ...kept]) client.do('SET', key, 'x');
    const found = scan(client, ['COUNT', '7'], (call) => {
      for (let i = 0; i < 5; i++) client.do('DEL', going[(call * 5 + i) % 1500]!);
      client.do('SET', coming[call % 1500]!, 'x');
    });
    expect(kept.filter((key) => !found.includes(key))).toEqual([]);
  });
  it('tells about as many as it is asked for, and only those that match', () => {
    const client = new Client();
    for (let i = 0; i < 200; i++) client.do('SET', `k${i}`, 'x');
    expect((client.do('SCAN', '0') as [string, string[]])[1].length).toBeLessThan(20);
    expect(scan(client, ['MATCH', 'k19?', 'COUNT', '50'], () => {}).sort()).toEqual(
      Array.from({ length: 10 }, (_, i) => `k19${i}`),
    );
  });
  it('refuses what is no cursor and no option', () => {
    const cursor = failure('ERR invalid cursor');
    const syntax = failure('ERR syntax error');
    expect(new Client().all('SCAN x\nSCAN -1\nSCAN 999999999\nSCAN 0 COUNT\nSCAN 0 COUNT 0\nSCAN 0 WHAT 1')).toEqual([
      cursor,
      cursor,
      cursor,
      syntax,
      syntax,
      syntax,
    ]);
    expect(new Client().do('SCAN', '0', 'COUNT', 'x')).toEqual(NOT_AN_INTEGER);
  });
});

describe('the connection and the server', () => {
  it('PING and ECHO', () => {
    expect(new Client().all('PING\nPING hello\nECHO hello')).toEqual(['PONG', 'hello', 'hello']);
    expect(new Client().do('PING', 'a', 'b')).toEqual(failure("ERR wrong number of arguments for 'ping' command"));
  });
  it('SELECT knows database 0', () => {
    expect(new Client().all('SELECT 0\nSELECT 1\nSELECT x')).toEqual([
      'OK',
      failure('ERR DB index is out of range'),
      NOT_AN_INTEGER,
    ]);
  });
  it('HELLO speaks version 2 and no other', () => {
    const client = new Client();
    const hello = ['server', 'bulkhead', 'mode', 'standalone', 'role', 'master', 'proto', 2, 'id', 1, 'modules', []];
    expect(client.all('HELLO\nHELLO 2')).toEqual([hello, hello]);
    expect(client.do('HELLO', '3')).toEqual(failure('NOPROTO unsupported protocol version'));
  });
  it('CONFIG GET answers what redis-benchmark asks', () => {
    expect(
      new Client().all('CONFIG GET save\nCONFIG GET appendonly\nCONFIG GET SAVE appendonly\nCONFIG GET x'),
    ).toEqual([['save', ''], ['appendonly', 'no'], ['save', '', 'appendonly', 'no'], []]);
    expect(new Client().all('CONFIG SET save x\nCONFIG GET')).toEqual([
      failure("ERR unknown subcommand 'SET'"),
      failure("ERR wrong number of arguments for 'config|get' command"),
    ]);
  });
  it('COMMAND and CLIENT answer what redis-cli asks', () => {
    expect(new Client().all('COMMAND DOCS\nCOMMAND\nCOMMAND X')).toEqual([
      [],
      [],
      failure("ERR unknown subcommand 'X'"),
    ]);
    expect(
      new Client().all('CLIENT SETNAME me\nCLIENT SETINFO LIB-NAME x\nCLIENT GETNAME\nCLIENT ID\nCLIENT KILL'),
    ).toEqual(['OK', 'OK', null, 1, failure("ERR unknown subcommand 'KILL'")]);
    expect(new Client().do('COMMAND', 'COUNT')).toBeGreaterThan(30);
  });
  it('INFO tells how many keys there are', () => {
    const client = new Client();
    client.do('SET', 'a', '1');
    expect(client.do('INFO')).toContain('db0:keys=1,expires=0,avg_ttl=0\r\n');
  });
  it('an unknown command is repeated with its arguments, of which only what prints', () => {
    const client = new Client();
    expect(client.do('FOO', 'a\r\n', 'b')).toEqual(
      failure("ERR unknown command 'FOO', with args beginning with: 'a  ' 'b' "),
    );
    expect(client.do('')).toEqual(failure("ERR unknown command '', with args beginning with: "));
    const long = client.do('X'.repeat(500), ...Array.from({ length: 100 }, () => 'y'.repeat(50))) as Failure;
    expect(long.message.length).toBeLessThan(512);
  });
  it('a command with too few or too many arguments is refused by its name', () => {
    for (const [name, ...words] of [['get'], ['set', 'a'], ['Dbsize', 'x'], ['mget'], ['strlen', 'a', 'b'], ['client']])
      expect(new Client().do(name!, ...words)).toEqual(
        failure(`ERR wrong number of arguments for '${name!.toLowerCase()}' command`),
      );
  });
});

describe('a reply that is too large', () => {
  it('is refused as a whole, and the next one comes', () => {
    const client = new Client();
    client.do('SET', 'a', 'x'.repeat(30_000));
    expect(client.do('MGET', 'a', 'a', 'a')).toEqual(
      failure('ERR the reply is larger than this server composes at once'),
    );
    expect(client.do('MGET', 'a')).toEqual(['x'.repeat(30_000)]);
  });
});

describe('a full server', () => {
  const OOM = failure("OOM command not allowed when used memory > 'maxmemory'.");

  it('says so, has lost nothing, and serves again when there is room', () => {
    const client = new Client();
    const value = 'x'.repeat(30_000);
    let count = 0;
    while (client.do('SET', `k${count}`, value) === 'OK') count++;
    expect(count).toBe(128);
    expect(client.do('SET', 'another', value)).toEqual(OOM);
    expect(client.do('APPEND', 'k0', 'x'.repeat(2765))).toEqual(OOM);
    expect(client.do('MSET', 'k1', 'changed', 'new', value)).toEqual(OOM);
    expect([client.do('EXISTS', 'another', 'new'), client.do('DBSIZE')]).toEqual([0, count]);
    for (let i = 0; i < count; i++) expect(client.do('GET', `k${i}`)).toBe(value);
    expect([client.do('DEL', 'k7'), client.do('SET', 'another', value)]).toEqual([1, 'OK']);
  });
  it('MSET that has no room for its last value sets none', () => {
    const client = new Client();
    const large = 'x'.repeat(30_000);
    let count = 0;
    while (client.do('SET', `k${count}`, large) === 'OK') count++;
    client.do('DEL', 'k0');
    expect(client.do('MSET', 'a', large, 'b', large)).toEqual(OOM);
    expect([client.do('EXISTS', 'a', 'b'), client.do('SET', 'a', large), client.do('GET', 'k1')]).toEqual([
      0,
      'OK',
      large,
    ]);
  });
});
