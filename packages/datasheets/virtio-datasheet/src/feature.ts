/** Feature bits, by number. DEVICE_FEATURE shows those of its select's 32. */

/** Virtio 1.2 §6 "Reserved Feature Bits". */
export const F_INDIRECT_DESC = 28;
export const F_EVENT_IDX = 29;
export const F_VERSION_1 = 32;
export const F_ACCESS_PLATFORM = 33;
export const F_RING_PACKED = 34;
export const F_IN_ORDER = 35;
export const F_ORDER_PLATFORM = 36;
export const F_SR_IOV = 37;
export const F_NOTIFICATION_DATA = 38;
export const F_NOTIF_CONFIG_DATA = 39;
export const F_RING_RESET = 40;

/** §5.1.3 "Feature bits" of the network device. */
export const NET_F_CSUM = 0;
export const NET_F_GUEST_CSUM = 1;
export const NET_F_CTRL_GUEST_OFFLOADS = 2;
export const NET_F_MTU = 3;
export const NET_F_MAC = 5;
export const NET_F_GUEST_TSO4 = 7;
export const NET_F_GUEST_TSO6 = 8;
export const NET_F_GUEST_ECN = 9;
export const NET_F_GUEST_UFO = 10;
export const NET_F_HOST_TSO4 = 11;
export const NET_F_HOST_TSO6 = 12;
export const NET_F_HOST_ECN = 13;
export const NET_F_HOST_UFO = 14;
export const NET_F_MRG_RXBUF = 15;
export const NET_F_STATUS = 16;
export const NET_F_CTRL_VQ = 17;
export const NET_F_CTRL_RX = 18;
export const NET_F_CTRL_VLAN = 19;
export const NET_F_CTRL_RX_EXTRA = 20;
export const NET_F_GUEST_ANNOUNCE = 21;
export const NET_F_MQ = 22;
export const NET_F_CTRL_MAC_ADDR = 23;
export const NET_F_SPEED_DUPLEX = 63;

/** §5.1.3.1 "Feature bit requirements": the first needs one of the others. */
export const NET_FEATURE_REQUIREMENTS: readonly (readonly [feature: number, ...needs: number[]])[] = [
  [NET_F_GUEST_TSO4, NET_F_GUEST_CSUM],
  [NET_F_GUEST_TSO6, NET_F_GUEST_CSUM],
  [NET_F_GUEST_ECN, NET_F_GUEST_TSO4, NET_F_GUEST_TSO6],
  [NET_F_GUEST_UFO, NET_F_GUEST_CSUM],
  [NET_F_HOST_TSO4, NET_F_CSUM],
  [NET_F_HOST_TSO6, NET_F_CSUM],
  [NET_F_HOST_ECN, NET_F_HOST_TSO4, NET_F_HOST_TSO6],
  [NET_F_HOST_UFO, NET_F_CSUM],
  [NET_F_CTRL_RX, NET_F_CTRL_VQ],
  [NET_F_CTRL_VLAN, NET_F_CTRL_VQ],
  [NET_F_GUEST_ANNOUNCE, NET_F_CTRL_VQ],
  [NET_F_MQ, NET_F_CTRL_VQ],
  [NET_F_CTRL_MAC_ADDR, NET_F_CTRL_VQ],
];
