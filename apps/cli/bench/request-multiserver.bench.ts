/** A request through `multiserver`. */
import multiserver from '@bulkhead/multiserver';
import { benchRequests } from './requests.ts';

benchRequests(multiserver);
