/**
 * Properties at effort 1 take their chance from one seed, so that what passed passes again; a soak, or a seed of one's
 * own in BULKHEAD_SEED, looks further.
 */
import fc from 'fast-check';

const { BULKHEAD_EFFORT: effort = '1', BULKHEAD_SEED: seed } = process.env;
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
else if (effort === '1') fc.configureGlobal({ seed: 1 });
