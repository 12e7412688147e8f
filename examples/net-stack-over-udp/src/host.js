/**
 * A host on a wire: the stack, this machine's clock, one timer, and streams. Everything that happens to the stack ends
 * with `settle`, which is when frames leave and events arrive.
 */
import { refusalName } from '@bulkhead/abi';
import { createLoneStack, parseIpv4Address } from '@bulkhead/net-stack';
import { ACCEPTABLE, sockets as contract, ENDED, WOULD_BLOCK } from '@bulkhead/net-stack-api';

const nowUs = () => Math.floor(performance.now() * 1000) | 0;

export class Host {
  constructor(wire, address, seed) {
    this.wire = wire;
    this.handlers = new Map();
    this.lone = createLoneStack({
      config: { address, prefixBits: 24, gateway: 0, seed, timeWaitMs: 100 },
      nowUs,
      transmit: (frame, lenBytes) => wire.send(frame.subarray(0, lenBytes)),
      setAlarm: (delayUs) => {
        clearTimeout(this.timer);
        if (delayUs <= 0) return; // Nothing to wait for.
        this.timer = setTimeout(() => this.step(() => this.lone.alarm()), delayUs / 1000);
      },
      onReady: (socket, what) => this.handlers.get(socket)?.(what),
    });
    wire.onFrame((frame) => this.step(() => this.lone.receive(frame, frame.length)));
    this.lone.settle();
  }

  /** @param onConnection gets a Stream for each client */
  listen(port, onConnection) {
    const listener = this.lone.sockets.listen(port, 8);
    this.handlers.set(listener, (what) => {
      if ((what & ACCEPTABLE) === 0) return;
      for (let socket = this.lone.sockets.accept(listener); socket >= 0; socket = this.lone.sockets.accept(listener))
        onConnection(new Stream(this, socket));
    });
    this.lone.settle();
  }
  connect(address, port) {
    const parsed = parseIpv4Address(address);
    if (!parsed.ok) throw new RangeError(`"${address}" is no IPv4 address`);
    const stream = new Stream(this, this.lone.sockets.connect(parsed.value, port));
    this.lone.settle();
    return stream;
  }
  step(action) {
    if (this.wire.closed) return;
    action();
    this.lone.settle();
  }
  /** Nothing is left that keeps the process alive. */
  close() {
    clearTimeout(this.timer);
    this.wire.close();
  }
}

/** A connection: bytes in through `for await`, bytes out through `write`, and then `end`. */
export class Stream {
  constructor(host, socket) {
    this.host = host;
    this.socket = socket;
    this.waiting = new Set();
    host.handlers.set(socket, (what) => {
      if ((what & ENDED) !== 0) host.handlers.delete(socket);
      for (const wake of [...this.waiting]) wake();
    });
  }

  async *[Symbol.asyncIterator]() {
    const { lone } = this.host;
    const { sockets } = lone;
    for (;;) {
      const count = sockets.receive(this.socket, 0, sockets.regionLenBytes);
      if (count === WOULD_BLOCK) await this.woken();
      else if (count < 0) throw new Error(refusalName(contract, count));
      else if (count === 0) return;
      else {
        const bytes = new Uint8Array(count);
        sockets.read(0, bytes, 0, count);
        lone.settle(); // The window has opened: the peer wants to know.
        yield bytes;
      }
    }
  }
  async write(bytes) {
    const { sockets } = this.host.lone;
    for (let at = 0; at < bytes.length; ) {
      const lenBytes = Math.min(bytes.length - at, sockets.regionLenBytes);
      sockets.write(0, bytes, at, lenBytes);
      const taken = sockets.send(this.socket, 0, lenBytes);
      if (taken === WOULD_BLOCK) await this.woken();
      else if (taken < 0) throw new Error(refusalName(contract, taken));
      else at += taken;
      this.host.lone.settle();
    }
  }
  end() {
    this.host.lone.sockets.close(this.socket);
    this.host.lone.settle();
  }

  woken() {
    return new Promise((resolve) => {
      const wake = () => {
        this.waiting.delete(wake);
        resolve();
      };
      this.waiting.add(wake);
    });
  }
}
