export { ECHO_PORT } from '@bulkhead/echo-server';
export { KV_PORT } from '@bulkhead/kv-server';
export { STREAM_PORT } from '@bulkhead/stream-server';
export { APPLICATIONS, type Application, withApplication } from './application.ts';
export { type CastBatchesOptions, castBatches, type LongCallOptions, longCall, MAX_BATCH } from './async-call.ts';
export { NICS, type Nic, withNic } from './nic.ts';
export { NULL_PLACEMENTS, type NullCallOptions, type NullPlacement, nullCall } from './null-call.ts';
export { nullCallOf } from './null-placement.ts';
export {
  GATEWAY_ADDRESS,
  GUEST_ADDRESS,
  HTTP_PORT,
  PREFIX_BITS,
  SECOND_GUEST_ADDRESS,
  type WebServiceOptions,
  webService,
} from './web-service.ts';
