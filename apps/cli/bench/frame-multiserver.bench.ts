/** Frames through `multiserver`. */
import multiserver from '@bulkhead/multiserver';
import { benchFrames } from './frames.ts';

benchFrames(multiserver);
