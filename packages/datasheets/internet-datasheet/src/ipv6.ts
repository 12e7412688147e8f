/** IPv6 header, byte offsets. RFC 8200 §3 "IPv6 Header Format". */
export const IPV6_PAYLOAD_LENGTH = 4;
export const IPV6_NEXT_HEADER = 6;
export const IPV6_SOURCE = 8;
export const IPV6_DESTINATION = 24;
export const IPV6_HEADER_BYTES = 40;
export const IPV6_ADDRESS_BYTES = 16;
