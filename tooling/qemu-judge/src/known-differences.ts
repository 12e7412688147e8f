/**
 * Where our model of the Intel 82574L and QEMU's (7.2) are known to differ, and why. A comparison accepts nothing else.
 * Sections are those of the Intel 82574 GbE Controller Family Datasheet, revision 3.4; what QEMU does was seen by
 * running it.
 */

export const KNOWN = {
  // Reception
  'unicast-by-hash': '§7.1.1.2 "Multicast Filter (Partial)" is of group addresses. QEMU looks up unicast ones too.',
  'checksum-indication': '§7.1.11: IXSM tells that nothing was checked. QEMU does not, but for RFCTL.IPV6_XSUM_DIS.',
  'packet-checksum': '§7.1.11 "Receive Packet Checksum Offloading": the packet checksum is written. QEMU leaves it 0.',
  'inexact-filter': '§7.1.3: PIF tells that only the hash let a frame pass. QEMU sets it never.',
  'first-fragment':
    '§7.1.11: of a fragment no transport is looked at. QEMU looks into the first one, for its type and for ACK.',
  'header-told-again':
    '§7.1.5: ours tells of the headers in the descriptor that has them. QEMU does in each of the frame.',
  'ipv6-disable': '§10.2.5 RFCTL.IPV6_DIS: IPv6 is not recognised. QEMU looks at it only for the hash.',
  'ack-disable': '§10.2.5 RFCTL.ACK_DIS: ours sees no acknowledgement then. QEMU still tells of it in the descriptor.',
  'udp-without-checksum':
    'RFC 8200 §8.1: UDP over IPv6 must have a checksum; ours reports an error. QEMU takes it for none.',
  'hashed-are-counted-twice':
    '§10.2.7 MPRC counts a multicast frame once. QEMU counts one that the hash let pass twice.',
  'refused-are-counted': '§10.2.7 RUC and ROC count frames that passed the filters. QEMU counts all.',
  'octets-without-tag': '§10.2.7 GORC and TORC count what was on the wire. QEMU leaves out a tag that it strips.',
  'threshold-crossed':
    '§7.1.9 RXDMT0 comes when the free descriptors fall to the threshold. QEMU misses it when a frame takes several.',
  // Transmission
  'no-padding': '§10.2.6 TCTL.PSP: short frames are padded. QEMU pads none.',
  'no-legacy-checksum': '§7.2.10 "Legacy Transmit Descriptor": IC inserts a checksum. QEMU inserts none.',
  'no-second-tag': '§7.5 VLE inserts a tag, whatever the frame is. QEMU overwrites the one that a frame has.',
  'fragments-for-segments': '§7.3 "TCP Segmentation". QEMU 7.2 cuts IP fragments, and counts the whole as one frame.',
  'ipv4-sum-in-ipv6':
    '§7.3.6.2: IPv6 has no header checksum. QEMU 7.2 writes one into the source address of a large send.',
  'bytes-without-fcs': '§10.2.7 GOTC and TOTC count the FCS. QEMU does not.',
  // Both
  'sizes-without-fcs': '§10.2.7 PRC and PTC are of whole frames. QEMU goes by the length without FCS.',
  'interrupt-count': '§10.2.7 IAC counts assertions. QEMU counts causes, and under MSI-X none.',
} as const;

export type KnownDifference = keyof typeof KNOWN;

/** What a comparison found. */
export class Verdict<Known extends string = KnownDifference> {
  /** Differences that nobody explained. */
  readonly unexplained: string[] = [];
  /** Frames whose tag was stripped. */
  strippedFrames = 0;
  readonly #met: Set<Known>;

  /** @param met collects the known differences that showed. */
  constructor(met: Set<Known>) {
    this.#met = met;
  }
  same(what: string, ours: unknown, theirs: unknown): void {
    if (ours !== theirs) this.unexplained.push(`${what}: ours ${shown(ours)}, QEMU ${shown(theirs)}`);
  }
  /** @returns `isExplained`, and remembers what explained it. */
  explains(known: Known, isExplained: boolean): boolean {
    if (isExplained) this.#met.add(known);
    return isExplained;
  }
}

const shown = (value: unknown): string => (typeof value === 'number' ? (value >>> 0).toString(16) : String(value));
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
