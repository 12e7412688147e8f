/** A world in which every thread holds the same few capabilities under the same pointers. */
import { rights } from '../src/index.ts';
import { ENDPOINTS, endpointCap, NOTIFICATIONS, notificationCap, otherCap, REPLIES, replyCap, World } from './world.ts';

export const [EP] = ENDPOINTS as [number];
export const [NTFN] = NOTIFICATIONS as [number];
export const [R1, R2] = REPLIES as [number, number];
/** Pointers of every thread in these tests. */
export const EP_CAP = 1;
export const NTFN_CAP = 2;
export const REPLY_CAP = 3;
export const OTHER = 4;
export const TCB = 5;
export const SECOND_REPLY = 6;
export const EMPTY = 9;
export const SERVER = 0;
export const CLIENT = 1;
export const THIRD = 2;

export function world(): World {
  const made = new World();
  for (let thread = 0; thread < 6; thread++) {
    made.tables.put(thread, EP_CAP, endpointCap(EP, 40 + thread));
    made.tables.put(thread, NTFN_CAP, notificationCap(NTFN, 1 << thread));
    made.tables.put(thread, REPLY_CAP, replyCap(R1));
    made.tables.put(thread, SECOND_REPLY, replyCap(R2));
    made.tables.put(thread, OTHER, otherCap(100));
    made.tables.put(thread, TCB, otherCap(101, rights.OTHER_ALONE));
  }
  return made;
}
export const withRights = (given: World, thread: number, right: number): World => {
  given.tables.put(thread, EP_CAP, endpointCap(EP, 5, right));
  given.tables.put(thread, NTFN_CAP, notificationCap(NTFN, 5, right));
  return given;
};
