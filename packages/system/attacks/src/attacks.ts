/** All attacks, in the order in which they are told. */
import type { Attack } from './attack.ts';
import { dmaAttacks } from './dma.ts';
import { otherAttacks } from './others.ts';

export const ATTACKS: readonly Attack[] = [...dmaAttacks, ...otherAttacks];
