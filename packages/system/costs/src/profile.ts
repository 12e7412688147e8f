/**
 * Profiles by name. A profile is a column of one table: adding one is adding a file in profiles/ and a line in STATED.
 */
import { err, ok, type Result } from '@bulkhead/result';
import { type Constant, inCycles, type StatedConstant } from './constant.ts';
import { PRIMITIVES, type PrimitiveName } from './primitives.ts';
import { HASWELL } from './profiles/haswell.ts';
import { ICELAKE } from './profiles/icelake.ts';
import { LECTURE } from './profiles/lecture.ts';
import { NEOVERSE_N1 } from './profiles/neoverse-n1.ts';
import { SKYLAKE } from './profiles/skylake.ts';
import { U54 } from './profiles/u54.ts';
import { LECTURE_P4, SKYLAKE_KPTI } from './profiles/variants.ts';
import { DEVICES } from './reference/devices.ts';
import { PROCESSOR } from './reference/processor.ts';
import { columnOf, type Machine, type Reference } from './reference/row.ts';
import { SOFTWARE } from './reference/software.ts';

/** What a profile's file states. */
export interface StatedProfile {
  readonly title: string;
  readonly cyclesPerSecond: number;
  /** False: a write of the page-table register flushes the TLB. True: entries carry an address-space tag. */
  readonly taggedTlb: boolean;
  readonly tlbEntries: number;
  /** Of pages of 4 KiB. `tlbEntries / tlbWays` is a power of two. */
  readonly tlbWays: number;
  readonly superpageEntries: number;
  /** Where the six values above come from. */
  readonly machineSource: string;
  /** What this machine calls a primitive. */
  readonly labels: Readonly<Partial<Record<PrimitiveName, string>>>;
  readonly constants: Readonly<Record<PrimitiveName, StatedConstant>>;
  /** Pieces of work whose price is this machine's own; all others are the same in every profile. */
  readonly work: Readonly<Record<string, StatedConstant>>;
}

/** The same with every price in cycles. A plain object: it may be sent to a worker. */
export interface Profile extends Omit<StatedProfile, 'constants' | 'work'> {
  readonly name: ProfileName;
  readonly constants: Readonly<Record<PrimitiveName, Constant>>;
  readonly work: Readonly<Record<string, Constant>>;
  /** Published figures beside the prices: told, never spent. */
  readonly reference: readonly Reference[];
  /** By which factors prices differ from the published profile: empty when it is that profile. */
  readonly factors: Readonly<Record<string, number>>;
}

export type ProfileName = Machine | 'lecture-p4' | 'skylake-kpti';

/** With the machine whose reference figures hold for it. */
const STATED: Readonly<Record<ProfileName, readonly [StatedProfile, Machine]>> = {
  lecture: [LECTURE, 'lecture'],
  haswell: [HASWELL, 'haswell'],
  skylake: [SKYLAKE, 'skylake'],
  icelake: [ICELAKE, 'icelake'],
  'neoverse-n1': [NEOVERSE_N1, 'neoverse-n1'],
  u54: [U54, 'u54'],
  'lecture-p4': [LECTURE_P4, 'lecture'],
  'skylake-kpti': [SKYLAKE_KPTI, 'skylake'],
};

export const profileNames: readonly ProfileName[] = Object.keys(STATED) as ProfileName[];

const UNITS: Readonly<Record<string, string>> = Object.fromEntries(PRIMITIVES.map(({ name, unit }) => [name, unit]));
const REFERENCE = [...PROCESSOR, ...DEVICES, ...SOFTWARE];

/** @returns the profile, or `unknown-profile`. */
export function createProfile(name: string): Result<Profile, 'unknown-profile'> {
  const known = profileNames.find((candidate) => candidate === name);
  if (known === undefined) return err('unknown-profile');
  const [stated, machine] = STATED[known];
  const price = ([piece, constant]: [string, StatedConstant]): [string, Constant] => {
    const priced = inCycles(constant, stated.cyclesPerSecond);
    const unit = UNITS[piece];
    return [piece, unit === undefined ? priced : { ...priced, unit }];
  };
  const constants = Object.fromEntries(Object.entries(stated.constants).map(price)) as Profile['constants'];
  const work = Object.fromEntries(Object.entries(stated.work).map(price));
  const reference = columnOf(REFERENCE, machine, stated.cyclesPerSecond);
  return ok({ ...stated, name: known, constants, work, reference, factors: {} });
}
