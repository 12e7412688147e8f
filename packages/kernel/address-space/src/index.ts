export { AddressSpaces, type AddressSpacesOptions } from './address-spaces.ts';
export { ASID_COUNT } from './asid-pools.ts';
export { KERNEL_PAGE, kernelPage, mapKernel } from './kernel-half.ts';
export * as labels from './labels.ts';
export type { FencePort } from './mappings.ts';
export {
  ACCESS_READ,
  ACCESS_USER,
  ACCESS_WRITE,
  LEVEL_GIGA,
  LEVEL_MEGA,
  LEVEL_PAGE,
  MISSING_TABLE,
  NOT_MAPPED,
  OCCUPIED,
  PageTables,
} from './page-tables.ts';
