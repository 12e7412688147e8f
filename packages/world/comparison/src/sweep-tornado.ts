/**
 * A tornado chart in plain characters: one bar an assumption, widest first, from the ratio at its lowest price to that
 * at its highest. The bars cross at the ratio of the published profile.
 *
 *     mmio-read             :    ------|+++++++++++   1.212 to 1.640
 *
 * `-` is reached by factors below 1, `+` by those above, `*` by both; `|` is the published ratio, `:` where the two
 * systems are level.
 */
import type { Conclusion, Swing } from './result.ts';
import { holds } from './sweep-conclusion.ts';

const MAX_ROWS = 12;
const MAX_LABEL_COLUMNS = 30;
const MIN_BAR_COLUMNS = 10;

interface Row {
  readonly label: string;
  readonly ratios: readonly number[];
}

/** @param factors those of the sweep, in its order. */
export function tornadoText(conclusion: Conclusion, factors: readonly number[], widthColumns: number): string {
  const { swings, ratio, together } = conclusion;
  const moving = swings.filter((swing) => isMoving(swing.ratios, ratio));
  const rows: Row[] = moving.slice(0, MAX_ROWS);
  if (together !== undefined && isMoving(together, ratio)) rows.unshift({ label: 'all at once', ratios: together });
  if (rows.length === 0) return `${headingOf(conclusion, factors)}\n  no assumption moves it\n`;
  const chart = new Chart(rows, ratio, factors, widthColumns);
  const left = moving.length - MAX_ROWS;
  const rest = left > 0 ? [`  and ${left} more, none of them wider`] : [];
  return [headingOf(conclusion, factors), ...rows.map((row) => chart.line(row)), ...rest, ''].join('\n');
}

const isMoving = (ratios: readonly number[], ratio: number): boolean => ratios.some((changed) => changed !== ratio);

function headingOf(conclusion: Conclusion, factors: readonly number[]): string {
  const { ahead, behind, ratio, survives } = conclusion;
  const claim = ratio === 1 ? `${ahead} and ${behind} are level` : `${ahead} is ahead of ${behind}: ${number(ratio)}`;
  if (survives) return `${claim}, whatever is assumed (${factors.map(times).join(', ')})`;
  return `${claim}, but not with ${endings(conclusion, factors).join(', ')}`;
}

/** @returns what ends a claim: `mmio-read x2`. */
function endings({ ratio, swings, together = [] }: Conclusion, factors: readonly number[]): string[] {
  const of = (label: string, ratios: readonly number[]): string[] =>
    factors.filter((_, at) => !holds(ratio, ratios[at]!)).map((factor) => `${label} ${times(factor)}`);
  const alone = swings.flatMap((swing: Swing) => of(swing.label, swing.ratios));
  return together.length === 0 ? alone : [...alone, ...of('all at once', together)];
}

const times = (factor: number): string => `x${factor}`;
const number = (ratio: number): string => ratio.toFixed(3);

const valuesOf = (low: number, high: number): string => `${number(low)} to ${number(high)}`;

class Chart {
  readonly #ratio: number;
  readonly #factors: readonly number[];
  readonly #low: number;
  readonly #high: number;
  readonly #labelColumns: number;
  readonly #barColumns: number;

  constructor(rows: readonly Row[], ratio: number, factors: readonly number[], widthColumns: number) {
    const ratios = rows.flatMap((row) => row.ratios);
    this.#ratio = ratio;
    this.#factors = factors;
    this.#low = Math.min(ratio, ...ratios);
    this.#high = Math.max(ratio, ...ratios);
    this.#labelColumns = Math.min(MAX_LABEL_COLUMNS, Math.max(...rows.map(({ label }) => label.length)));
    const around = '  '.length + this.#labelColumns + ' '.length + ' '.length + valuesOf(this.#low, this.#high).length;
    this.#barColumns = Math.max(MIN_BAR_COLUMNS, widthColumns - around);
  }

  line({ label, ratios }: Row): string {
    const values = valuesOf(Math.min(this.#ratio, ...ratios), Math.max(this.#ratio, ...ratios));
    const name = label.slice(0, this.#labelColumns).padEnd(this.#labelColumns);
    return `  ${name} ${this.#bar(ratios)} ${values}`;
  }

  #bar(ratios: readonly number[]): string {
    const cells = new Array<string>(this.#barColumns).fill(' ');
    if (this.#low <= 1) cells[this.#column(1)] = ':';
    const middle = this.#column(this.#ratio);
    ratios.forEach((ratio, at) => {
      const mark = this.#factors[at]! < 1 ? '-' : '+';
      const end = this.#column(ratio);
      for (let column = Math.min(middle, end); column <= Math.max(middle, end); column++) {
        cells[column] = merged(cells[column]!, mark);
      }
    });
    cells[middle] = '|';
    return cells.join('');
  }

  #column(ratio: number): number {
    const share = (ratio - this.#low) / (this.#high - this.#low);
    return Math.round(share * (this.#barColumns - 1));
  }
}

const merged = (cell: string, mark: string): string => (cell === ' ' || cell === ':' || cell === mark ? mark : '*');
