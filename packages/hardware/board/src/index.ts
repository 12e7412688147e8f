export * from './address-map.ts';
export {
  type Board,
  type BoardOptions,
  createBoard,
  MAX_NICS,
  type NetworkCard,
  NIC_ADDRESS,
  NIC_IDENTITIES,
  NIC_MODELS,
  type NicModel,
} from './board.ts';
export { TOPOLOGIES, type Topology } from './topology.ts';
