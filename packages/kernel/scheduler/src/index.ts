export { PRIORITY_COUNT, ReadyQueues } from './ready-queues.ts';
