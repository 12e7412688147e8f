/** One page over one connection. @returns the body as text */
export async function get(host, address, path) {
  const stream = host.connect(address, 80);
  await stream.write(Buffer.from(`GET ${path} HTTP/1.0\r\nHost: ${address}\r\n\r\n`));
  const chunks = [];
  for await (const bytes of stream) chunks.push(bytes);
  stream.end();
  const text = Buffer.concat(chunks).toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (!text.startsWith('HTTP/1.0 200 ') || end < 0) throw new Error(`unexpected answer: ${text.slice(0, 80)}`);
  return text.slice(end + 4);
}
