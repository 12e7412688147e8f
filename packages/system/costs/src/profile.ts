/**
 * Profiles by name. A profile is a column of one table: adding one is adding a file beside lecture.ts and haswell.ts
 * and a line in STATED.
 */
import { err, ok, type Result } from '@bulkhead/result';
import { type Constant, inCycles, type StatedConstant } from './constant.ts';
import { PRIMITIVES, type PrimitiveName } from './primitives.ts';
import { HASWELL } from './profiles/haswell.ts';
import { LECTURE } from './profiles/lecture.ts';

/** What a profile's file states. */
export interface StatedProfile {
  readonly title: string;
  readonly cyclesPerSecond: number;
  /** False: a write of the page-table register flushes the TLB. True: entries carry an address-space tag. */
  readonly taggedTlb: boolean;
  readonly tlbEntries: number;
  readonly superpageEntries: number;
  /** Where the five values above come from. */
  readonly machineSource: string;
  /** What this machine calls a primitive. */
  readonly labels: Readonly<Partial<Record<PrimitiveName, string>>>;
  readonly constants: Readonly<Record<PrimitiveName, StatedConstant>>;
  /** Pieces of work whose price is this machine's own; all others are the same in every profile. */
  readonly work: Readonly<Record<string, StatedConstant>>;
}

/** The same with every price in cycles. */
export interface Profile extends Omit<StatedProfile, 'constants' | 'work'> {
  readonly name: ProfileName;
  readonly constants: Readonly<Record<PrimitiveName, Constant>>;
  readonly work: Readonly<Record<string, Constant>>;
}

export type ProfileName = 'lecture' | 'haswell';

const STATED: Readonly<Record<ProfileName, StatedProfile>> = { lecture: LECTURE, haswell: HASWELL };

export const profileNames: readonly ProfileName[] = ['lecture', 'haswell'];

const UNITS: Readonly<Record<string, string>> = Object.fromEntries(PRIMITIVES.map(({ name, unit }) => [name, unit]));

/** @returns the profile, or `unknown-profile`. */
export function createProfile(name: string): Result<Profile, 'unknown-profile'> {
  const known = profileNames.find((candidate) => candidate === name);
  if (known === undefined) return err('unknown-profile');
  const stated = STATED[known];
  const price = ([piece, constant]: [string, StatedConstant]): [string, Constant] => {
    const priced = inCycles(constant, stated.cyclesPerSecond);
    const unit = UNITS[piece];
    return [piece, unit === undefined ? priced : { ...priced, unit }];
  };
  const constants = Object.fromEntries(Object.entries(stated.constants).map(price)) as Profile['constants'];
  const work = Object.fromEntries(Object.entries(stated.work).map(price));
  return ok({ ...stated, name: known, constants, work });
}
