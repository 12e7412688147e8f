export { library as default } from '@bulkhead/tsup-preset';
