/**
 * Drawing for every width at once: horizontal places are shares of the width, so that bars stretch and letters do not.
 * A chart is one `<svg width="100%">` of a fixed height; what must keep its shape at a place stands in `at`.
 */
import { type Content, html, type Markup } from './html.ts';

/** A share of the width, from 0 to 1. What is not a number is 0. */
const bounded = (share: number): number => (share > 0 ? Math.min(share, 1) : 0);

export const pct = (share: number): string => `${Number((bounded(share) * 100).toFixed(2))}%`;
/** Pixels, to a hundredth: enough for the eye, and the same in every engine. */
export const px = (value: number): number => (Number.isFinite(value) ? Number(value.toFixed(2)) : 0);

export const chart = (heightPx: number, label: string, content: Content): Markup =>
  html`<svg class="plot" role="img" aria-label="${label}" width="100%" height="${px(heightPx)}">${content}</svg>`;

/** Content in pixels around a place. */
export const at = (share: number, yPx: number, content: Content, kind: string = 'at'): Markup =>
  html`<svg x="${pct(share)}" y="${px(yPx)}" class="${kind}">${content}</svg>`;

/** A part whose width stretches: its coordinates are 0 to 1000 across, pixels down. */
export const STRETCHED_WIDTH = 1000;
export const stretched = (yPx: number, heightPx: number, content: Content): Markup =>
  html`<svg y="${px(yPx)}" width="100%" height="${px(heightPx)}" viewBox="0 0 ${STRETCHED_WIDTH} ${px(heightPx)}" preserveAspectRatio="none">${content}</svg>`;

export const vertical = (share: number, fromPx: number, toPx: number, kind: string): Markup =>
  html`<line class="${kind}" x1="${pct(share)}" x2="${pct(share)}" y1="${px(fromPx)}" y2="${px(toPx)}"/>`;

export const horizontal = (yPx: number, kind: string): Markup =>
  html`<line class="${kind}" x1="0" x2="100%" y1="${px(yPx)}" y2="${px(yPx)}"/>`;

/** Text that stays inside: near an edge it grows inward. */
export function label(share: number, yPx: number, text: string, kind: string = 'tick'): Markup {
  const anchor = share < 0.06 ? 'start' : share > 0.94 ? 'end' : 'middle';
  return html`<text class="${kind}" x="${pct(share)}" y="${px(yPx)}" text-anchor="${anchor}">${text}</text>`;
}

const DENSE = 5;
/** The values of an axis. Where they are many, every other one is left out on a narrow page. */
export const ticksAcross = (
  { ticks, place }: { readonly ticks: readonly number[]; place(value: number): number },
  yPx: number,
  text: (value: number) => string,
): Markup[] =>
  ticks.map((tick, index) =>
    label(place(tick), yPx, text(tick), ticks.length > DENSE && index % 2 === 1 ? 'tick on-wide' : 'tick'),
  );

/** How wide a text is, in pixels: near enough to leave one out that does not fit. */
export const textWidth = (text: string, fontPx: number): number => text.length * fontPx * 0.58;

/** The narrowest drawing we draw for: what a phone of 360 pixels leaves. */
export const NARROWEST_PX = 300;
/** What a drawing has at least on paper, or on a page that is not narrow: see the style sheet. */
export const WIDE_PX = 690;
