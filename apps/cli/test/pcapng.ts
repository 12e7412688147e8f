/** Reads what a capture wrote: little-endian, one interface. draft-ietf-opsawg-pcapng §3.1, §4.3. */
export interface CapturedFrame {
  readonly timeNs: bigint;
  readonly direction: 'in' | 'out' | null;
  readonly bytes: Buffer;
}

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const EPB_FLAGS = 2;
const align = (lenBytes: number): number => (lenBytes + 3) & ~3;

export function readPcapng(file: Buffer): CapturedFrame[] {
  const frames: CapturedFrame[] = [];
  const types: number[] = [];
  for (let at = 0; at < file.length; ) {
    const [type, lenBytes] = [file.readUInt32LE(at), file.readUInt32LE(at + 4)];
    if (lenBytes < 12 || file.readUInt32LE(at + lenBytes - 4) !== lenBytes) throw new Error(`a torn block at ${at}`);
    types.push(type);
    if (type === ENHANCED_PACKET) frames.push(frameIn(file.subarray(at + 8, at + lenBytes - 4)));
    at += lenBytes;
  }
  if (types[0] !== SECTION_HEADER || types[1] !== INTERFACE_DESCRIPTION) throw new Error('no section, or no interface');
  return frames;
}

function frameIn(body: Buffer): CapturedFrame {
  const lenBytes = body.readUInt32LE(12);
  const timeNs = (BigInt(body.readUInt32LE(4)) << 32n) | BigInt(body.readUInt32LE(8));
  return {
    timeNs,
    direction: directionIn(body.subarray(20 + align(lenBytes))),
    bytes: body.subarray(20, 20 + lenBytes),
  };
}

function directionIn(options: Buffer): CapturedFrame['direction'] {
  for (let at = 0; at + 4 <= options.length; at += 4 + align(options.readUInt16LE(at + 2))) {
    if (options.readUInt16LE(at) !== EPB_FLAGS) continue;
    return ([null, 'in', 'out', null] as const)[options.readUInt32LE(at + 4) & 3]!;
  }
  return null;
}
