import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bytesPage, DEFAULT_PAGES } from '../src/index.ts';
import { Host, responsesIn } from './fake-stack.ts';

const GET = (path: string, fields = ''): string => `GET ${path} HTTP/1.1\r\nHost: h\r\n${fields}\r\n`;
const statusOf = (...pieces: string[]): number => responsesIn(new Host().ask(...pieces).bytes)[0]!.status;

describe('pages', () => {
  it('are served with type and length', () => {
    const [home] = responsesIn(new Host().ask(GET('/')).bytes);
    expect(home).toMatchObject({ status: 200, fields: { 'Content-Type': 'text/html; charset=utf-8' } });
    expect(home!.body.toString()).toBe(DEFAULT_PAGES['/']!.body.replaceAll('{{title}}', 'Bulkhead'));
  });
  it('have the configured title, as HTML text', () => {
    const [home] = responsesIn(new Host({ config: { title: 'a <b> & "c" $&' } }).ask(GET('/')).bytes);
    expect(home!.body.toString()).toContain('<h1>a &lt;b&gt; &amp; &quot;c&quot; $&amp;</h1>');
  });
  it('may be anything: UTF-8, empty', () => {
    const pages = { '/ü': { type: 'text/plain', body: 'é €😀' }, '/empty': { type: 'text/plain', body: '' } };
    const host = new Host({ config: { pages } });
    const peer = host.ask(GET('/%C3%bc'), GET('/empty'));
    const [first, second] = responsesIn(peer.bytes);
    expect(first!.body.toString('utf8')).toBe('é €😀');
    expect(second!.fields['Content-Length']).toBe('0');
  });
  it('are found under their percent-encoded names, without the query', () => {
    expect(statusOf(GET('/%61bout?x=/y%'))).toBe(200);
    expect(statusOf(GET('/about/'))).toBe(404);
    expect(statusOf(GET('/abou'))).toBe(404);
  });
  it('are found by absolute-form, whatever the authority (RFC 9112 §3.2.2)', () => {
    expect(statusOf(GET('http://example.org:80/about'))).toBe(200);
    expect(statusOf(GET('HTTP://example.org?q'))).toBe(200);
    expect(statusOf(GET('http://example.org'))).toBe(200);
  });
  it('that do not fit the heap are refused when the server is made', () => {
    const body = 'x'.repeat(300_000);
    expect(() => new Host({ config: { pages: { '/': { type: 'text/plain', body } } } })).toThrow(/take more than/);
  });
});

describe('generated pages', () => {
  it.each([0, 1, 250, 1999, 2000, 40_000, 1_000_000])('have exactly %i bytes, each as documented', (count) => {
    const [response] = responsesIn(new Host().ask(GET(`/bytes/${count}`)).bytes);
    expect(response!.fields['Content-Length']).toBe(String(count));
    const expected = createHash('sha256').update(Uint8Array.from({ length: count }, (_, i) => bytesPage(i)));
    expect(createHash('sha256').update(response!.body).digest('hex')).toBe(expected.digest('hex'));
  });
  it('go up to 2^30', () => {
    const head = (path: string): string => `HEAD ${path} HTTP/1.1\r\nHost: h\r\n\r\n`;
    const [largest] = responsesIn(new Host().ask(head('/bytes/1073741824')).bytes, [true]);
    expect(largest!.fields['Content-Length']).toBe('1073741824');
    expect(statusOf(GET('/bytes/1073741825'))).toBe(404);
    expect(statusOf(GET('/bytes/99999999999999999999'))).toBe(404);
  });
  it('need a number', () => {
    for (const path of ['/bytes/', '/bytes/x', '/bytes/1x', '/bytes/-1', '/bytes', '/bytes/%2d']) {
      expect(statusOf(GET(path))).toBe(404);
    }
  });
});

describe('HEAD (RFC 9110 §9.3.2)', () => {
  it('is answered as GET, without the body', () => {
    const [get] = responsesIn(new Host().ask(GET('/')).bytes);
    const [head] = responsesIn(new Host().ask(GET('/').replace('GET', 'HEAD')).bytes, [true]);
    expect(head!.fields).toEqual(get!.fields);
  });
  it('has no body for a refusal either', () => {
    expect(new Host().ask('HEAD /no HTTP/1.1\r\nHost: h\r\n\r\n').text).toMatch(/^HTTP\/1\.1 404 [\s\S]*\r\n\r\n$/);
  });
});

describe('persistence (RFC 9112 §9.3)', () => {
  it('HTTP/1.1 stays open, and says nothing about it', () => {
    const host = new Host();
    const peer = host.ask(GET('/'), GET('/about'));
    expect(responsesIn(peer.bytes).map(({ status, fields }) => [status, fields.Connection])).toEqual([
      [200, undefined],
      [200, undefined],
    ]);
    expect(peer.serverClosed).toBe(false);
  });
  it.each(['close', 'Close', 'x, close', 'close ,x', 'keep-alive, close'])(
    'HTTP/1.1 closes when asked: %s',
    (value) => {
      const peer = new Host().ask(GET('/', `Connection: ${value}\r\n`));
      expect(responsesIn(peer.bytes)[0]!.fields.Connection).toBe('close');
      expect(peer.serverClosed).toBe(true);
    },
  );
  it.each(['closed', 'clo se', 'not close', ''])('another option is none of ours: %s', (value) => {
    expect(new Host().ask(GET('/', `Connection: ${value}\r\n`)).serverClosed).toBe(false);
  });
  it('HTTP/1.0 closes unless asked', () => {
    expect(new Host().ask('GET / HTTP/1.0\r\n\r\n').serverClosed).toBe(true);
    const kept = new Host().ask('GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n');
    expect(kept.serverClosed).toBe(false);
    expect(responsesIn(kept.bytes)[0]!.fields.Connection).toBe('keep-alive');
  });
  it('ignores what comes after the last request, and frees the record when the peer closes', () => {
    const host = new Host();
    const peer = host.ask(GET('/', 'Connection: close\r\n') + GET('/about'), GET('/about'));
    expect(responsesIn(peer.bytes)).toHaveLength(1);
    host.end(peer);
    expect(host.isOpen(peer)).toBe(false);
  });
  it('resets a peer that talks on and on after the last response (§9.6)', () => {
    const host = new Host();
    const peer = host.ask(GET('/', 'Connection: close\r\n'));
    for (let i = 0; i < 70; i++) host.write(peer, 'x'.repeat(1024));
    expect(peer.aborted).toBe(true);
  });
  it('answers before it follows a peer that closes after its request', () => {
    const host = new Host();
    const peer = host.connect();
    peer.peerClosed = true;
    host.write(peer, GET('/'));
    expect(responsesIn(peer.bytes)[0]!.status).toBe(200);
    expect(host.isOpen(peer)).toBe(false);
  });
});

describe('refusals', () => {
  it.each<[number, string, string]>([
    [400, 'nothing of a request', 'hello\r\n\r\n'],
    [400, 'no version (HTTP/0.9)', 'GET /\r\n\r\n'],
    [400, 'no Host (RFC 9112 §3.2)', 'GET / HTTP/1.1\r\n\r\n'],
    [400, 'two Hosts', GET('/', 'Host: h\r\n')],
    [400, 'a Host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
    [400, 'a blank before the colon (§5.1)', GET('/', 'A : b\r\n')],
    [400, 'a folded line (§5.2)', GET('/', 'A: b\r\n c\r\n')],
    [400, 'a blank before the first field', 'GET / HTTP/1.1\r\n Host: h\r\n\r\n'],
    [400, 'a field without a name', GET('/', ': b\r\n')],
    [400, 'a field without a colon', GET('/', 'ab\r\n')],
    [400, 'a control character in a value', GET('/', 'A: \x01\r\n')],
    [400, 'a lone CR in a value', GET('/', 'A: b\rc\r\n')],
    [400, 'a lone LF', 'GET / HTTP/1.1\nHost: h\n\n'],
    [400, 'two blanks', 'GET  / HTTP/1.1\r\nHost: h\r\n\r\n'],
    [400, 'a relative target', GET('about')],
    [400, 'an unknown scheme', GET('ftp://h/')],
    [400, 'a bad escape', GET('/%zz')],
    [400, 'an escape cut short', GET('/%4')],
    [400, 'a byte beyond ASCII in the target', GET('/\xff')],
    [400, 'a Content-Length that is no number', GET('/', 'Content-Length: 1x\r\n')],
    [400, 'an empty Content-Length', GET('/', 'Content-Length: \r\n')],
    [400, 'two Content-Lengths', GET('/', 'Content-Length: 1\r\nContent-Length: 1\r\n')],
    [400, 'both lengths (§6.3)', GET('/', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n')],
    [411, 'a body of unknown length', 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n'],
    [413, 'a body beyond the limit', GET('/', 'Content-Length: 1048577\r\n')],
    [413, 'a body far beyond the limit', GET('/', 'Content-Length: 99999999999999999999\r\n')],
    [414, 'a target beyond the limit', GET(`/${'a'.repeat(8000)}`)],
    [431, 'fields beyond the limit', GET('/', `A: ${'b'.repeat(16_384)}\r\n`)],
    [431, 'a field name beyond the limit', GET('/', `${'b'.repeat(16_384)}: b\r\n`)],
    [501, 'a method longer than any', `${'A'.repeat(33)} / HTTP/1.1\r\n`],
    [505, 'another major version', 'GET / HTTP/2.0\r\nHost: h\r\n\r\n'],
    [505, 'a client of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%i and the end: %s', (status, _, request) => {
    const peer = new Host().ask(request);
    const [response, ...others] = responsesIn(peer.bytes);
    expect(response!.status).toBe(status);
    expect(response!.fields.Connection).toBe('close');
    expect(others).toEqual([]);
    expect(peer.serverClosed).toBe(true);
  });
  it.each<[number, string]>([
    [404, GET('/nothing')],
    [404, GET('/constructor')],
    [405, 'DELETE / HTTP/1.1\r\nHost: h\r\n\r\n'],
    [405, 'OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n'],
    [405, 'CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n'],
    [405, 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nGET /'],
    [501, 'BREW / HTTP/1.1\r\nHost: h\r\n\r\n'],
    [501, 'get / HTTP/1.1\r\nHost: h\r\n\r\n'],
  ])('%i, and the connection goes on: %j', (status, request) => {
    const responses = responsesIn(new Host().ask(request + GET('/')).bytes);
    expect(responses.map((response) => response.status)).toEqual([status, 200]);
  });
  it('405 says what is allowed (RFC 9110 §15.5.6)', () => {
    const peer = new Host().ask('DELETE / HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(responsesIn(peer.bytes)[0]!.fields.Allow).toBe('GET, HEAD');
  });
});

describe('what is allowed', () => {
  it('ignores empty lines before a request (RFC 9112 §2.2)', () => {
    expect(statusOf(`\r\n\r\n${GET('/')}`)).toBe(200);
  });
  it('skips a body by its length', () => {
    const body = 'x'.repeat(5000);
    const peer = new Host().ask(GET('/', 'Content-Length: 5000\r\n') + body + GET('/about'));
    expect(responsesIn(peer.bytes).map(({ status }) => status)).toEqual([200, 200]);
  });
  it('does not wait for a body that waits for 100 (RFC 9110 §10.1.1)', () => {
    const peer = new Host().ask(GET('/', 'Expect: 100-continue\r\nContent-Length: 5\r\n'));
    expect(responsesIn(peer.bytes)[0]!.status).toBe(200);
    expect(peer.serverClosed).toBe(true);
  });
  it('serves a higher minor version as 1.1 (RFC 9110 §2.5)', () => {
    expect(statusOf('GET / HTTP/1.7\r\nHost: h\r\n\r\n')).toBe(200);
  });
  it('takes an empty Host, and one with a port', () => {
    expect(statusOf('GET / HTTP/1.1\r\nHost:\r\n\r\n')).toBe(200);
    expect(statusOf('GET / HTTP/1.1\r\nhOST:\t [::1]:8080 \r\n\r\n')).toBe(200);
  });
  it('takes a target and fields of the size of the limits', () => {
    expect(statusOf(GET(`/?${'a'.repeat(7998)}`))).toBe(200);
    expect(statusOf(GET('/', `A: ${'b'.repeat(16_000)}\r\n`))).toBe(200);
  });
});
