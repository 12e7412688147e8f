export { type ClaimOptions, type ClaimPorts, claimDevice, type DeviceClaim } from './device-claim.ts';
export { DeviceRegion } from './device-region.ts';
