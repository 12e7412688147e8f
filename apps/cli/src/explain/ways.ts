/** What one message costs, every way that it can go, under one profile or under all. */
import { type Profile, profileNames } from '@bulkhead/costs';
import { profileOf } from '../profiles.ts';
import { measureBatches } from './batches.ts';
import { explainCall } from './call.ts';

/** The way's name, and what it is, in the order in which tables show them. */
export const WAYS = {
  direct: 'call within one domain',
  systemCall: 'system call into the kernel',
  ipcFast: 'IPC, fast path, words in registers',
  ipcSlow: 'IPC, slow path, eight words',
  async1: 'ring and signal, one message',
  async32: 'ring and signal, 32 messages, each',
} as const;
export type Way = keyof typeof WAYS;

/** Cycles by way: a call and its reply, or a one-way message. */
export interface ProfileWays {
  readonly profile: string;
  readonly profileTitle: string;
  readonly ways: Readonly<Record<Way, number>>;
}

export function waysOf(profile: Profile): ProfileWays {
  const [one, many] = measureBatches(profile, [1, 32]);
  return {
    profile: profile.name,
    profileTitle: profile.title,
    ways: {
      direct: explainCall(profile, 'direct').totalCycles,
      systemCall: explainCall(profile, 'system-call').totalCycles,
      ipcFast: explainCall(profile, 'ipc').totalCycles,
      ipcSlow: explainCall(profile, 'slow').totalCycles,
      async1: one!.asyncCyclesPerMessage,
      async32: many!.asyncCyclesPerMessage,
    },
  };
}
export const waysOfAllProfiles = (): ProfileWays[] => profileNames.map((name) => waysOf(profileOf(name)));
