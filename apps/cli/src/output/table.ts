/** Tables and numbers for people. */
import Table from 'cli-table3';

const PLAIN = {
  chars: {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  },
  style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
};

/** The first column is text, the others are numbers. @returns lines without a trailing newline. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], alignRight = true): string {
  const made = new Table({
    ...PLAIN,
    head: [...head],
    colAligns: head.map((_, i) => (i > 0 && alignRight ? 'right' : 'left')),
  });
  made.push(...rows.map((row) => [...row]));
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const precise = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1, minimumFractionDigits: 1 });

/** 12,345 */
export const whole = (value: number): string => grouped.format(value);
/** 12.3 */
export const tenths = (value: number): string => precise.format(value);
