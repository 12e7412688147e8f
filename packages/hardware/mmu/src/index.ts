export { isCanonical, Mmu, type MmuOptions } from './mmu.ts';
export { FETCH, LOAD, STORE } from './permissions.ts';
export { ACCESS_FAULT, PAGE_FAULT } from './walk.ts';
