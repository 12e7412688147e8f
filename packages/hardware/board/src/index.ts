export * from './address-map.ts';
export { type Board, type BoardOptions, createBoard, MAX_NICS, NIC_ADDRESS } from './board.ts';
export { TOPOLOGIES, type Topology } from './topology.ts';
