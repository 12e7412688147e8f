export { type AlarmCapabilities, alarm } from './alarm.ts';
export {
  type ClientCapabilities,
  type Moment,
  type SchedulerCapabilities,
  TIMER,
  type UserSchedulerOptions,
} from './options.ts';
export { earliestDeadlineFirst, type Job, type Policy, rateMonotonic, roundRobin } from './policy.ts';
export { deadlineOf, jobDone, NO_CAPACITY, REFUSED, register, releaseOf, type Times } from './protocol.ts';
export { type SetUpFrom, type SetUpSlots, setUp, slotsFrom } from './set-up.ts';
export { userScheduler } from './user-scheduler.ts';
