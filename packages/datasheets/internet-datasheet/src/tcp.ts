/** TCP header, byte offsets. RFC 9293 §3.1 "Header Format". */
export const TCP_SOURCE_PORT = 0;
export const TCP_DESTINATION_PORT = 2;
export const TCP_SEQUENCE_NUMBER = 4;
export const TCP_ACKNOWLEDGMENT_NUMBER = 8;
export const TCP_DATA_OFFSET = 12; // words of four octets, in bits 7:4
export const TCP_CONTROL_BITS = 13;
export const TCP_WINDOW = 14;
export const TCP_CHECKSUM = 16;
export const TCP_URGENT_POINTER = 18;
/** The shortest header: no options. */
export const TCP_HEADER_BYTES = 20;

/** RFC 9293 §3.1, "Control bits". */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;

/** RFC 9293 §3.2 "Specific Option Definitions"; RFC 7323 §2.2 "Window Scale Option". */
export const OPTION_END = 0;
export const OPTION_NO_OPERATION = 1;
export const OPTION_MAXIMUM_SEGMENT_SIZE = 2;
export const OPTION_MAXIMUM_SEGMENT_SIZE_BYTES = 4;
export const OPTION_WINDOW_SCALE = 3;
export const OPTION_WINDOW_SCALE_BYTES = 3;

/** RFC 9293 §3.7.1 "Maximum Segment Size Option": what holds when the option did not come. */
export const DEFAULT_SEND_MSS_BYTES = 536;
/** RFC 7323 §2.3 "Using the Window Scale Option": a larger shift counts as this. */
export const MAX_WINDOW_SHIFT = 14;

/** IANA "Service Name and Transport Protocol Port Number Registry"; RFC 6335 §6 "Port Number Ranges". */
export const FIRST_DYNAMIC_PORT = 49152;
export const LAST_DYNAMIC_PORT = 65535;
