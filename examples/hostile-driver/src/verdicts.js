import { ATTACKS, attempt, SWITCHES, without } from '@bulkhead/attacks';

/** Every attack on one system. */
export const verdictsOn = (system) => ATTACKS.map((attack) => attempt(system, attack));

/** What each wall alone holds: the attacks that do damage when it, and nothing else, is left out. */
export const doorsOf = (system) =>
  SWITCHES.map((wall) => ({
    wall,
    doors: verdictsOn(without(system, wall))
      .filter(({ outcome }) => outcome === 'damage')
      .map(({ attack }) => attack),
  }));

/** Addresses of the upper half are negative. */
const address = (value) => (value === null ? '' : ` at 0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`);

/** A verdict in lines of text. */
export function told({ attack, outcome, wall, damage, reports }) {
  const first = outcome === 'damage' ? `DAMAGE: ${damage}` : `stopped by: ${wall}`;
  const lines = reports.map(
    ({ by, device, address: at, cause }) => `    ${by}:${device === null ? '' : ` ${device}`}${address(at)} ${cause}`,
  );
  return [`  ${attack.padEnd(18)} ${first}`, ...lines].join('\n');
}
