/** A request through `monolithic`. */
import monolithic from '@bulkhead/monolithic';
import { benchRequests } from './requests.ts';

benchRequests(monolithic);
