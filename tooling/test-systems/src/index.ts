export { farEndConfig, guestAddress } from './addresses.ts';
export {
  exokernel,
  exokernelTwo,
  hybrid,
  monolithic,
  monolithicIommu,
  multiserver,
  multiserverBare,
  multiserverRings,
  SYSTEMS,
} from './systems.ts';
