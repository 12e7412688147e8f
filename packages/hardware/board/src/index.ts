export * from './address-map.ts';
export { type Board, type BoardOptions, createBoard, NIC_ADDRESS } from './board.ts';
