/** Ethernet II frame, byte offsets. RFC 894 "A Standard for the Transmission of IP Datagrams over Ethernet Networks", "Frame Format"; IEEE 802.3-2018 §3.1.1 "Packet format". */
export const ETHERNET_DESTINATION = 0;
export const ETHERNET_SOURCE = 6;
export const ETHERNET_TYPE = 12;
export const ETHERNET_HEADER_BYTES = 14;
export const ETHERNET_ADDRESS_BYTES = 6;

/** IEEE 802.3-2018 §4.4.2 "MAC parameters", less the four octets of FCS. */
export const ETHERNET_MIN_FRAME_BYTES = 60;
export const ETHERNET_MAX_FRAME_BYTES = 1514;
/** RFC 894, "Frame Format": the maximum length of a datagram on an Ethernet. */
export const ETHERNET_MTU_BYTES = 1500;

/** IANA "IEEE 802 Numbers", "Ethertypes" (RFC 9542 appendix B). */
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
/** IEEE 802.1Q-2018 §9.6 "VLAN Tag Control Information": the tag stands before the type. */
export const ETHERTYPE_IPV6 = 0x86dd;
export const ETHERTYPE_VLAN = 0x8100;
export const VLAN_TAG_BYTES = 4;
export const VLAN_ID_MASK = 0x0fff;
