/** Every frame on the wire, as a pcapng file. */
import type { AssembleOptions } from '@bulkhead/assembler';
import { enhancedPacket, INBOUND, interfaceDescription, OUTBOUND, sectionHeader } from '@bulkhead/capture';
import type { OutputFile } from './output/files.ts';

const NS_PER_SECOND = 1e9;
const FROM_MACHINE = 0;

/** Begins a capture, with an interface a network card. @returns what the links tell. Directions are the machine's own. */
export function captureTo(
  file: OutputFile,
  cyclesPerSecond: number,
  nics: number,
): NonNullable<AssembleOptions['tap']> {
  file.write(sectionHeader({ application: 'bulkhead' }));
  for (let nic = 0; nic < nics; nic++) file.write(interfaceDescription({ name: `nic${nic}` }));
  return (from, atCycles, frame, lenBytes, nic) => {
    const seconds = Math.floor(atCycles / cyclesPerSecond);
    const rest = Math.floor(((atCycles - seconds * cyclesPerSecond) * NS_PER_SECOND) / cyclesPerSecond);
    const direction = from === FROM_MACHINE ? OUTBOUND : INBOUND;
    const timeNs = seconds * NS_PER_SECOND + rest;
    file.write(enhancedPacket({ interfaceIndex: nic, timeNs, frame, lenBytes, direction }));
  };
}
