/**
 * `node src/server.js [REQUESTS] [LOSE_EVERY]`: a web server at 10.0.0.1 that ends after so many requests.
 * It prints the UDP port at which its end of the wire is.
 */
import { Host } from './host.js';
import { Wire } from './wire.js';

export const ADDRESS = '10.0.0.1';
const [requests = '1', loseEvery = '0'] = process.argv.slice(2);

/** `/bytes/N` is N bytes, anything else a greeting. Only what this example needs of HTTP/1.0, RFC 1945. */
function answerTo(path) {
  const size = /^\/bytes\/(\d+)$/.exec(path);
  const body = size === null ? `You asked for ${path}\n` : 'x'.repeat(Math.min(Number(size[1]), 10_000_000));
  return `HTTP/1.0 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

async function serve(stream) {
  let head = '';
  for await (const bytes of stream) {
    head += Buffer.from(bytes).toString('latin1');
    if (head.includes('\r\n\r\n')) break;
  }
  const [, path = '/'] = head.split(' ');
  await stream.write(Buffer.from(answerTo(path)));
  stream.end();
  for await (const _ of stream); // until the client has closed too
}

const wire = await Wire.open(0, Number(loseEvery));
const host = new Host(wire, ADDRESS, 1);
let left = Number(requests);
host.listen(80, async (stream) => {
  try {
    await serve(stream);
  } catch (error) {
    console.error(`a connection ended: ${error.message}`);
  }
  left--;
  // The client's FIN is acknowledged, and answered again should that acknowledgment be lost.
  if (left === 0) setTimeout(() => host.close(), 300);
});
console.log(wire.port);
