/** Frames through `monolithic`. */
import monolithic from '@bulkhead/monolithic';
import { benchFrames } from './frames.ts';

benchFrames(monolithic);
