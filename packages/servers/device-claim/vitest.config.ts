export { project as default } from '@bulkhead/vitest-preset';
