/** The network device. Virtio 1.2 §5.1 "Network Device". Byte offsets; numbers are little-endian. */

/** §5.1.2 "Virtqueues", of one pair. */
export const NET_RECEIVEQ = 0;
export const NET_TRANSMITQ = 1;
export const NET_CONTROLQ = 2;

/** §5.1.4 "Device configuration layout". */
export const NET_CFG_MAC = 0; // 6 bytes
export const NET_CFG_STATUS = 6; // 16 bits
export const NET_CFG_MAX_VIRTQUEUE_PAIRS = 8; // 16 bits
export const NET_CFG_MTU = 10; // 16 bits
export const NET_CFG_SPEED = 12; // 32 bits, Mbit/s
export const NET_CFG_DUPLEX = 16; // 8 bits
export const NET_CFG_SIZE_BYTES = 17;
export const NET_S_LINK_UP = 1;
export const NET_S_ANNOUNCE = 2;
export const NET_DUPLEX_FULL = 1;

/** §5.1.6 "Device Operation": before each packet. */
export const NET_HDR_FLAGS = 0; // 8 bits
export const NET_HDR_GSO_TYPE = 1; // 8 bits
export const NET_HDR_HDR_LEN = 2; // 16 bits
export const NET_HDR_GSO_SIZE = 4; // 16 bits
export const NET_HDR_CSUM_START = 6; // 16 bits
export const NET_HDR_CSUM_OFFSET = 8; // 16 bits
export const NET_HDR_NUM_BUFFERS = 10; // 16 bits
export const NET_HDR_SIZE_BYTES = 12;
export const NET_HDR_F_NEEDS_CSUM = 1;
export const NET_HDR_F_DATA_VALID = 2;
export const NET_HDR_GSO_NONE = 0;
export const NET_HDR_GSO_TCPV4 = 1;
export const NET_HDR_GSO_UDP = 3;
export const NET_HDR_GSO_TCPV6 = 4;
export const NET_HDR_GSO_ECN = 0x80;

/** §5.1.6.5 "Control Virtqueue": class, command, data; the device answers one byte behind them. */
export const NET_CTRL_CLASS = 0; // 8 bits
export const NET_CTRL_COMMAND = 1; // 8 bits
export const NET_CTRL_DATA = 2;
export const NET_CTRL_OK = 0;
export const NET_CTRL_ERR = 1;

/** §5.1.6.5.1 "Packet Receive Filtering". */
export const NET_CTRL_RX = 0;
export const NET_CTRL_RX_PROMISC = 0;
export const NET_CTRL_RX_ALLMULTI = 1;
export const NET_CTRL_RX_ALLUNI = 2;
export const NET_CTRL_RX_NOMULTI = 3;
export const NET_CTRL_RX_NOUNI = 4;
export const NET_CTRL_RX_NOBCAST = 5;
/** §5.1.6.5.2 "Setting MAC Address Filtering". */
export const NET_CTRL_MAC = 1;
export const NET_CTRL_MAC_TABLE_SET = 0;
export const NET_CTRL_MAC_ADDR_SET = 1;
/** §5.1.6.5.3 "VLAN Filtering". */
export const NET_CTRL_VLAN = 2;
export const NET_CTRL_VLAN_ADD = 0;
export const NET_CTRL_VLAN_DEL = 1;
/** §5.1.6.5.4 "Gratuitous Packet Sending". */
export const NET_CTRL_ANNOUNCE = 3;
export const NET_CTRL_ANNOUNCE_ACK = 0;
/** §5.1.6.5.5 "Device operation in multiqueue mode". */
export const NET_CTRL_MQ = 4;
export const NET_CTRL_MQ_VQ_PAIRS_SET = 0;
/** §5.1.6.5.8 "Offloads State Configuration". */
export const NET_CTRL_GUEST_OFFLOADS = 5;
export const NET_CTRL_GUEST_OFFLOADS_SET = 0;
