export { Mmu, type MmuOptions } from './mmu.ts';
export { isCanonical } from './modes.ts';
export {
  type MapError,
  type Mapping,
  PageTables,
  type PageTablesOptions,
  type ProtectError,
  type UnmapError,
} from './page-tables.ts';
export { FETCH, LOAD, STORE } from './permissions.ts';
export { type MmuStatistics, type TranslationCosts, translationCycles } from './statistics.ts';
export { ACCESS_FAULT, PAGE_FAULT } from './walk.ts';
