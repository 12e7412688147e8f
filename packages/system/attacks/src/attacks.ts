/** All attacks, in the order in which they are told, and which of them a driver of this or that card can do. */
import type { Description } from '@bulkhead/assembler';
import type { Attack } from './attack.ts';
import { type Card, driverOf } from './device.ts';
import { dmaAttacks } from './dma.ts';
import { intel82574 } from './intel-82574.ts';
import { otherAttacks } from './others.ts';

/** In these the driver writes to registers that no other card has. */
const OF_THE_INTEL: readonly string[] = ['no-acknowledge', 'interrupt-flood'];
const isFor = ({ name }: Attack, card: Card): boolean => card === intel82574 || !OF_THE_INTEL.includes(name);

/** Another card has nothing at those addresses, and a verdict would say that a wall held. */
const guarded = (attack: Attack): Attack => ({
  ...attack,
  act: (...args) => {
    const [{ card }] = args;
    if (!isFor(attack, card))
      throw new TypeError(`attacks: a ${card.driver} cannot do '${attack.name}': see attacksOn`);
    return attack.act(...args);
  },
});

export const ATTACKS: readonly Attack[] = [...dmaAttacks, ...otherAttacks].map(guarded);

/** Those that the system's driver can do with its card. @throws TypeError as `attempt`. */
export function attacksOn(description: Description): readonly Attack[] {
  const [, card] = driverOf(description);
  return ATTACKS.filter((attack) => isFor(attack, card));
}
