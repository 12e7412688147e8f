/** A wire: every Ethernet frame is the payload of one UDP datagram on the loopback interface. */
import { createSocket } from 'node:dgram';

const LOOPBACK = '127.0.0.1';

export class Wire {
  /**
   * @param remotePort the other end; 0 until its first frame tells.
   * @param loseEvery every so many frames that leave, one is lost; 0 for none
   */
  static async open(remotePort = 0, loseEvery = 0) {
    const socket = createSocket('udp4');
    await new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, LOOPBACK, resolve);
    });
    return new Wire(socket, remotePort, loseEvery);
  }
  constructor(socket, remotePort, loseEvery) {
    this.socket = socket;
    this.remotePort = remotePort;
    this.loseEvery = loseEvery;
    this.sent = 0;
    this.lost = 0;
    this.received = 0;
    this.closed = false;
  }

  get port() {
    return this.socket.address().port;
  }
  onFrame(handler) {
    this.socket.on('message', (frame, { port }) => {
      this.remotePort ||= port;
      if (port !== this.remotePort) return; // One wire has two ends.
      this.received++;
      handler(frame);
    });
  }
  /** @param frame is copied: it belongs to the stack again when this returns */
  send(frame) {
    if (this.remotePort === 0 || this.closed) return;
    this.sent++;
    if (this.loseEvery > 0 && this.sent % this.loseEvery === 0) this.lost++;
    else this.socket.send(Buffer.from(frame), this.remotePort, LOOPBACK);
  }
  close() {
    this.closed = true;
    this.socket.close();
  }
}
