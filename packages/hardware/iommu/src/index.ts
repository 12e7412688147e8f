export type { DmaGate, DmaTarget } from './dma-gate.ts';
export { createIommu, Iommu, type IommuOptions } from './iommu.ts';
export type { SystemMessage } from './system-store.ts';
export { DMA_READ, DMA_WRITE } from './walk.ts';
