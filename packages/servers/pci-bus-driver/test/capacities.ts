/** What the README promises. */
export const DEVICE_CAPACITY = 64;
export const BRIDGE_CAPACITY = 32;
