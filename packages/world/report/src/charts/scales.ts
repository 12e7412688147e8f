/** Axes: where a value stands, as a share of the width or a number of pixels, and which values are written. */
import { scaleLinear, scaleLog } from 'd3-scale';

export interface Axis {
  /** @returns from 0 to 1. */
  place(value: number): number;
  readonly ticks: readonly number[];
}

/** From 0 to a round number that is not below `most`. */
export function linearAxis(most: number, ticks = 4): Axis {
  const scale = scaleLinear()
    .domain([0, most > 0 ? most : 1])
    .nice(ticks)
    .range([0, 1]);
  return { place: scale, ticks: scale.ticks(ticks) };
}

/** From a round number to a round number, around both ends. */
export function rangeAxis(least: number, most: number, ticks = 4): Axis {
  const scale = scaleLinear()
    .domain(least < most ? [least, most] : [least - 0.5, least + 0.5])
    .nice(ticks)
    .range([0, 1]);
  return { place: scale, ticks: scale.ticks(ticks) };
}

const MARGIN = 1.12;
const FEW = 3;
const MANY = 7;

/** Both ends with a little room. A logarithm has no zero: values below 1 stand at 1. */
export function logAxis(least: number, most: number): Axis {
  const from = Math.max(1, least) / MARGIN;
  const to = Math.max(1, most, least) * MARGIN;
  const scale = scaleLog().domain([from, to]).range([0, 1]).clamp(true);
  return { place: (value) => scale(Math.max(1, value)), ticks: written(scale.ticks()) };
}

/** Of 1, 2, 3 … 10, 20 …: as many as there is room for. */
function written(ticks: readonly number[]): readonly number[] {
  const leading = (digits: string): number[] => ticks.filter((tick) => digits.includes(String(tick).charAt(0)));
  return [leading('125'), leading('1'), ticks].find(({ length }) => length >= FEW && length <= MANY) ?? leading('15');
}
