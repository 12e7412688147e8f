export { KERNEL_PAGE, kernelPage, mapKernel } from './kernel-half.ts';
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
