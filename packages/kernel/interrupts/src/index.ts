export {
  HANDLER_WORDS,
  InterruptHandlers,
  type InterruptHandlersOptions,
  type InterruptMask,
} from './interrupt-handlers.ts';
export { InterruptInvocations, type InvocationMessage } from './interrupt-invocations.ts';
export { type InterruptFile, InterruptTable, NOT_BOUND } from './interrupt-table.ts';
export * as labels from './labels.ts';
