export { IoSpaceInvocations } from './io-space-invocations.ts';
export { IO_SPACE_WORDS } from './io-space-records.ts';
export { IoSpaces, type IoSpacesOptions } from './io-spaces.ts';
export { ALL_PAGES, type IommuPort } from './iommu-port.ts';
export * as labels from './labels.ts';
