/** Parameters of the supervisor: whom it starts, and how often it tries again. */

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

/** @throws when the description of a system asks for what this component cannot do. */
export function checkConfig({ children, heartbeatUs, maxRestarts, backoffUs }: SupervisorConfig): void {
  if (children.length > MAX_CHILDREN) throw new TypeError(`supervisor: at most ${MAX_CHILDREN} children`);
  for (const [name, value] of Object.entries({ heartbeatUs, maxRestarts, backoffUs }))
    if (!Number.isInteger(value) || value < 0 || value > 60_000_000)
      throw new TypeError(`supervisor: ${name} must be a whole number from 0 to 60000000`);
}
