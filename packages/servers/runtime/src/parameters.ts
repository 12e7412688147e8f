/** Which values of its parameters a component can work with, so that a system is told before it runs. */

/** @returns what to give in place of the value, as 'give a whole number from 1 to 65535'; null when it will do. */
export type Accept<Value> = (value: Value) => string | null;

/** By parameter. One that is not listed takes every value of the kind of its default. */
export type Accepts<Config> = { readonly [Parameter in keyof Config]?: Accept<NonNullable<Config[Parameter]>> };

/** Both ends included. */
export const wholeNumber =
  (least: number, most: number): Accept<number> =>
  (value) =>
    Number.isSafeInteger(value) && value >= least && value <= most
      ? null
      : `give a whole number from ${least} to ${most}`;

export const oneOf =
  <Value extends string | number>(...values: readonly Value[]): Accept<Value> =>
  (value) =>
    values.includes(value) ? null : `give ${values.join(' or ')}`;

/** A number that TCP and UDP have for a port. RFC 9293 §3.1 "Header Format": 16 bits; none listens on 0. */
export const portNumber: Accept<number> = wholeNumber(1, 65_535);

const MAX_IDENTITY = 0xffff;
/** By which one component knows another. 0xffff: nobody. */
export const identityNumber: Accept<number> = (value) =>
  wholeNumber(0, MAX_IDENTITY)(value) === null ? null : "give what facts.identity('…') gives for a component";

/** For a component that is made without a system, where nobody has looked. @throws RangeError for the first that will not do. */
export function mustAccept<Config extends object>(component: string, accepts: Accepts<Config>, config: Config): void {
  for (const [parameter, accept] of Object.entries(accepts) as [string, Accept<unknown> | undefined][]) {
    const value = (config as Readonly<Record<string, unknown>>)[parameter];
    const mend = accept?.(value) ?? null;
    if (mend !== null) throw new RangeError(`${component}: ${parameter} is ${String(value)}: ${mend}`);
  }
}
