export {
  type DeliveryWatch,
  HANDLER_WORDS,
  type InterruptFile,
  InterruptHandlers,
  type InterruptHandlersOptions,
  type InterruptMask,
} from './interrupt-handlers.ts';
export { InterruptInvocations } from './interrupt-invocations.ts';
export * as labels from './labels.ts';
