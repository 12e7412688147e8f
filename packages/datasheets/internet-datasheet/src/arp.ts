/** ARP packet for IPv4 over Ethernet, byte offsets. RFC 826 "An Ethernet Address Resolution Protocol", "Packet format". */
export const ARP_HARDWARE_TYPE = 0; // ar$hrd
export const ARP_PROTOCOL_TYPE = 2; // ar$pro
export const ARP_HARDWARE_LENGTH = 4; // ar$hln
export const ARP_PROTOCOL_LENGTH = 5; // ar$pln
export const ARP_OPERATION = 6; // ar$op
export const ARP_SENDER_HARDWARE = 8; // ar$sha
export const ARP_SENDER_PROTOCOL = 14; // ar$spa
export const ARP_TARGET_HARDWARE = 18; // ar$tha
export const ARP_TARGET_PROTOCOL = 24; // ar$tpa
export const ARP_PACKET_BYTES = 28;

/** RFC 826, "Definitions". */
export const ARP_HARDWARE_ETHERNET = 1;
export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;
