/** The same parts with walls in different places: one system of each shape. */
export * from '@bulkhead/test-systems';
export { SYSTEMS as SHAPES } from '@bulkhead/test-systems';
