/** ICMP header, byte offsets. RFC 792 "Internet Control Message Protocol", "Message Formats". */
export const ICMP_TYPE = 0;
export const ICMP_CODE = 1;
export const ICMP_CHECKSUM = 2;
/** Echo: identifier and sequence number; destination unreachable: unused. */
export const ICMP_REST = 4;
export const ICMP_HEADER_BYTES = 8;

/** RFC 792, "Summary of Message Types". */
export const ICMP_ECHO_REPLY = 0;
export const ICMP_DESTINATION_UNREACHABLE = 3;
export const ICMP_ECHO = 8;
/** RFC 792, "Destination Unreachable Message", codes. */
export const ICMP_CODE_PORT_UNREACHABLE = 3;
/** RFC 792, "Destination Unreachable Message": the header and the first 64 bits of the datagram's data are returned. */
export const ICMP_RETURNED_DATA_BYTES = 8;
