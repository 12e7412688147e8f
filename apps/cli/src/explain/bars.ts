/** A bar chart for a terminal: groups of bars on one scale from zero. */

export interface BarGroup {
  readonly title: string;
  readonly bars: readonly { readonly name: string; readonly value: number }[];
}

const LONGEST = 50;

/** @returns lines without a trailing newline. @param format writes a bar's value behind it */
export function bars(groups: readonly BarGroup[], format: (value: number) => string): string {
  const all = groups.flatMap((group) => group.bars);
  const most = Math.max(...all.map(({ value }) => value));
  const titleWidth = Math.max(...groups.map(({ title }) => title.length));
  const nameWidth = Math.max(...all.map(({ name }) => name.length));
  return groups
    .flatMap((group) =>
      group.bars.map(({ name, value }, i) => {
        const title = (i === 0 ? group.title : '').padStart(titleWidth);
        // What is not nothing is seen.
        const length = Math.max(value > 0 ? 1 : 0, Math.round((value / most) * LONGEST));
        return `${title}  ${name.padEnd(nameWidth)}  ${'█'.repeat(length)} ${format(value)}`;
      }),
    )
    .join('\n');
}
