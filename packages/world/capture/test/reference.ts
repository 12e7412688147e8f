/** A reader of both formats, written from their drafts and with bigint where they say 64 bits. */

export interface Option {
  readonly code: number;
  readonly value: Buffer;
}
export interface RawBlock {
  readonly type: number;
  readonly body: Buffer;
}

/** draft-ietf-opsawg-pcapng §3.1. @throws when a length is not what it must be. */
export function blocksOf(file: Buffer): RawBlock[] {
  const blocks: RawBlock[] = [];
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32LE(at + 4);
    if (length % 4 !== 0 || length < 12) throw new Error(`a block of ${length} bytes`);
    if (file.readUInt32LE(at + length - 4) !== length) throw new Error('the two lengths differ');
    blocks.push({ type: file.readUInt32LE(at), body: file.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return blocks;
}

/** §3.5: up to opt_endofopt, which must be there when there is any. */
export function optionsOf(bytes: Buffer): Option[] {
  const options: Option[] = [];
  for (let at = 0; at < bytes.length; ) {
    const code = bytes.readUInt16LE(at);
    const length = bytes.readUInt16LE(at + 2);
    if (code === 0) {
      if (length !== 0 || at + 4 !== bytes.length) throw new Error('opt_endofopt is not the end');
      return options;
    }
    options.push({ code, value: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + Math.ceil(length / 4) * 4;
  }
  if (options.length > 0) throw new Error('no opt_endofopt');
  return options;
}

export interface Packet {
  readonly interfaceIndex: number;
  readonly timeNs: bigint;
  readonly frame: Buffer;
  readonly originalLenBytes: number;
  readonly options: Option[];
}

/** §4.3. */
export function packetOf({ type, body }: RawBlock): Packet {
  if (type !== 6) throw new Error(`block ${type} is no packet`);
  const lenBytes = body.readUInt32LE(12);
  return {
    interfaceIndex: body.readUInt32LE(0),
    timeNs: (BigInt(body.readUInt32LE(4)) << 32n) | BigInt(body.readUInt32LE(8)),
    frame: body.subarray(20, 20 + lenBytes),
    originalLenBytes: body.readUInt32LE(16),
    options: optionsOf(body.subarray(20 + Math.ceil(lenBytes / 4) * 4)),
  };
}
