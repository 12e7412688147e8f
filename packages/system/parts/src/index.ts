export { NULL_PLACEMENTS, type NullCallOptions, type NullPlacement, nullCall } from './null-call.ts';
export {
  GATEWAY_ADDRESS,
  GUEST_ADDRESS,
  HTTP_PORT,
  PREFIX_BITS,
  SECOND_GUEST_ADDRESS,
  type WebServiceOptions,
  webService,
} from './web-service.ts';
