/** UDP header, byte offsets. RFC 768 "User Datagram Protocol", "Format". */
export const UDP_SOURCE_PORT = 0;
export const UDP_DESTINATION_PORT = 2;
export const UDP_LENGTH = 4;
export const UDP_CHECKSUM = 6;
export const UDP_HEADER_BYTES = 8;
/** RFC 768, "Checksum": the transmitter generated none. */
export const UDP_NO_CHECKSUM = 0;
