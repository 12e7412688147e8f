/** Parameters of the supervisor: whom it starts, and how often it tries again. */
import { type Accepts, wholeNumber } from '@bulkhead/runtime';

/** A component in a domain of its own, and the device that it drives. */
export interface Child {
  /** Name of the right to its domain: 'child-0' to 'child-3'. */
  readonly domainRight: string;
  /** Its identity in the system. */
  readonly component: number;
  /** Vendor (15:0) and device (31:16) ID of what it may claim. */
  readonly vendorDevice: number;
}

export interface SupervisorConfig {
  readonly children: readonly Child[];
  /** Time between two pings; a child that has not answered by the next is ended. 0 for none. */
  readonly heartbeatUs: number;
  /** How many failures in a row are answered with a fresh start. */
  readonly maxRestarts: number;
  /** Wait after the second failure in a row; it doubles with each further one, up to 32 times. */
  readonly backoffUs: number;
}

export const MAX_CHILDREN = 4;

export const DEFAULT_CONFIG: SupervisorConfig = {
  children: [],
  heartbeatUs: 0,
  maxRestarts: 10,
  backoffUs: 1000,
};

const LONGEST_US = 60_000_000;
const MAX_RESTARTS = 1_000_000;

export const ACCEPTS: Accepts<SupervisorConfig> = {
  children: mendOfChildren,
  heartbeatUs: wholeNumber(0, LONGEST_US),
  maxRestarts: wholeNumber(0, MAX_RESTARTS),
  backoffUs: wholeNumber(0, LONGEST_US),
};

function mendOfChildren(children: readonly Child[]): string | null {
  if (children.length > MAX_CHILDREN) return `give at most ${MAX_CHILDREN} children`;
  return children.every(isChild) ? null : 'give each child a domainRight, a component and a vendorDevice';
}
const isChild = (child: Partial<Child> | null): boolean =>
  typeof child?.domainRight === 'string' &&
  Number.isSafeInteger(child.component) &&
  Number.isSafeInteger(child.vendorDevice);
