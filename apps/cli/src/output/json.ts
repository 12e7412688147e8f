/** @returns one object, as `--json` prints it. */
export const jsonOf = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
