/** IPv4 header, byte offsets. RFC 791 §3.1 "Internet Header Format". */
export const IPV4_VERSION_IHL = 0;
export const IPV4_TYPE_OF_SERVICE = 1;
export const IPV4_TOTAL_LENGTH = 2;
export const IPV4_IDENTIFICATION = 4;
export const IPV4_FLAGS_FRAGMENT_OFFSET = 6;
export const IPV4_TIME_TO_LIVE = 8;
export const IPV4_PROTOCOL = 9;
export const IPV4_HEADER_CHECKSUM = 10;
export const IPV4_SOURCE = 12;
export const IPV4_DESTINATION = 16;
/** The shortest header: no options. IHL counts words of four octets, at least five. */
export const IPV4_HEADER_BYTES = 20;
export const IPV4_IHL_MIN = 5;
export const IPV4_VERSION = 4;

/** RFC 791 §3.1, "Flags" and "Fragment Offset", as they stand in the 16-bit word. */
export const IPV4_DONT_FRAGMENT = 0x4000;
export const IPV4_MORE_FRAGMENTS = 0x2000;
export const IPV4_FRAGMENT_OFFSET_MASK = 0x1fff;

/** IANA "Assigned Internet Protocol Numbers". */
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;

/** IANA "IP Parameters", "IP Time to Live Parameter"; RFC 1340 §"IP TIME TO LIVE PARAMETER". */
export const DEFAULT_TIME_TO_LIVE = 64;
/** RFC 919 §7 "Broadcast IP Addressing - Proposed Standards", signed. */
export const LIMITED_BROADCAST = -1;
