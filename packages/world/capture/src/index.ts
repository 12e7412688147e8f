export { pcapHeader, pcapRecord } from './pcap.ts';
export {
  enhancedPacket,
  INBOUND,
  type InterfaceOptions,
  interfaceDescription,
  LINKTYPE_ETHERNET,
  OUTBOUND,
  type PacketOptions,
  type SectionOptions,
  sectionHeader,
} from './pcapng.ts';
