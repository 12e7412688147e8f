/**
 * Published figures that no primitive charges. They stand beside a profile's prices so that a reader sees what the
 * model leaves out, and how large it is; nothing spends them.
 *
 * A row is a thing, a column a machine, as in a printed table, with its ditto mark: "as in the column to the left".
 */
import { invariant } from '@bulkhead/result';
import { asOn, type Certainty, type Constant, cyclesOfNs, type Evidence } from '../constant.ts';

/** One figure as told: `cycles`, or `cycles` to `toCycles`. */
export interface Reference {
  readonly label: string;
  readonly cycles: number;
  readonly toCycles?: number;
  readonly source: string;
  readonly certainty: Certainty;
  readonly evidence: Evidence;
}

/** A constant, which may be a range, and may have a part in time that the clock scales. */
export interface StatedReference extends Constant {
  readonly toCycles?: number;
  readonly andNs?: number;
}

export const DITTO = 'ditto';

/** The machines of the table, in the order of its columns. */
export const MACHINES = ['lecture', 'haswell', 'skylake', 'icelake', 'neoverse-n1', 'u54'] as const;
export type Machine = (typeof MACHINES)[number];

export interface ReferenceRow extends Readonly<Partial<Record<Machine, StatedReference | typeof DITTO>>> {
  readonly label: string;
}

export const upTo = (toCycles: number, constant: Constant): StatedReference => ({ ...constant, toCycles });
export const andNs = (ns: number, constant: Constant): StatedReference => ({ ...constant, andNs: ns });

/** @returns the machine whose figure stands for this one's, following ditto marks to the left. */
function originOf(row: ReferenceRow, machine: Machine): Machine {
  let column = MACHINES.indexOf(machine);
  while (row[MACHINES[column]!] === DITTO) column -= 1;
  const origin = MACHINES[column];
  invariant(origin !== undefined && row[origin] !== undefined, `'${row.label}': nothing to the left of a ditto mark`);
  return origin;
}

function inClock(label: string, stated: StatedReference, cyclesPerSecond: number): Reference {
  const { cycles, toCycles, andNs: ns, source, certainty, evidence } = stated;
  const common = { label, certainty, evidence };
  if (ns !== undefined) {
    const clock = `${cyclesPerSecond / 1e9} GHz`;
    const parts = cycles === 0 ? `${ns} ns` : `${cycles} cycles and ${ns} ns`;
    return { ...common, cycles: cycles + cyclesOfNs(ns, cyclesPerSecond), source: `${parts} at ${clock}: ${source}` };
  }
  return toCycles === undefined ? { ...common, cycles, source } : { ...common, cycles, toCycles, source };
}

/** @returns the column of a machine, at its clock; rows without a figure for it are left out. */
export function columnOf(rows: readonly ReferenceRow[], machine: Machine, cyclesPerSecond: number): Reference[] {
  return rows.flatMap((row) => {
    if (row[machine] === undefined) return [];
    const origin = originOf(row, machine);
    const stated = row[origin] as StatedReference;
    return [inClock(row.label, origin === machine ? stated : asOn(origin, stated), cyclesPerSecond)];
  });
}
