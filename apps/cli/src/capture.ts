/** Every frame on the wire, as a pcapng file. */
import type { AssembleOptions } from '@bulkhead/assembler';
import { enhancedPacket, INBOUND, interfaceDescription, OUTBOUND, sectionHeader } from '@bulkhead/capture';
import type { OutputFile } from './output/files.ts';

const NS_PER_SECOND = 1e9;
const FROM_MACHINE = 0;

/** Begins a capture. @returns what the link tells of its frames. Directions are the machine's own. */
export function captureTo(file: OutputFile, cyclesPerSecond: number): NonNullable<AssembleOptions['tap']> {
  file.write(sectionHeader({ application: 'bulkhead' }));
  file.write(interfaceDescription({ name: 'nic0' }));
  return (from, atCycles, frame, lenBytes) => {
    const seconds = Math.floor(atCycles / cyclesPerSecond);
    const rest = Math.floor(((atCycles - seconds * cyclesPerSecond) * NS_PER_SECOND) / cyclesPerSecond);
    const direction = from === FROM_MACHINE ? OUTBOUND : INBOUND;
    file.write(enhancedPacket({ timeNs: seconds * NS_PER_SECOND + rest, frame, lenBytes, direction }));
  };
}
