export type { AtsPort, PageRequest, TranslationCompletion, TranslationRequest } from './ats.ts';
export { ALL_CAPABILITIES, type IommuCapabilities, SV39_CAPABILITIES } from './capabilities.ts';
export type { DmaGate, DmaTarget } from './dma-gate.ts';
export { createIommu, Iommu, type RequesterOptions } from './iommu.ts';
export { TO_MRIF } from './msi-table.ts';
export type { IommuOptions } from './parts.ts';
export { DMA_EXECUTE, DMA_READ, DMA_WRITE } from './request.ts';
export type { SystemMessage } from './system-store.ts';
