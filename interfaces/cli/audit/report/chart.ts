import { html } from "ghtml";
import type { Figure } from "./series.ts";

const width = 440;
const height = 220;
/** Around the bars, for the numbers of the axes. */
const margin = { top: 10, right: 8, bottom: 26, left: 46 } as const;
const plot = {
  width: width - margin.left - margin.right,
  height: height - margin.top - margin.bottom,
} as const;
/** Labels of days that fit side by side: without the year, and with it. */
const maxLabels = { short: 5, long: 4 } as const;

/** A number as people read it. */
export const numberText = (value: number): string => value.toLocaleString("en-US");

const shortNumber = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

const rounded = (value: number): string => String(Math.round(value * 100) / 100);

/** Where the lines of a scale stand: whole numbers from 0, the last at or above the highest value. */
export function ticksTo(highest: number): readonly number[] {
  const rough = Math.max(1, highest / 4);
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * magnitude >= rough) ?? 10) * magnitude;
  const whole = Math.max(1, Math.ceil(step));
  const count = Math.max(1, Math.ceil(highest / whole));
  return Array.from({ length: count + 1 }, (_, index) => index * whole);
}

function scale(ticks: readonly number[], yOf: (value: number) => number): string {
  return html`!${ticks.map(
    (
      tick,
    ) => html`<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${rounded(yOf(tick))}" y2="${rounded(yOf(tick))}"/>
<text class="tick" x="${margin.left - 6}" y="${rounded(yOf(tick) + 4)}" text-anchor="end">${shortNumber.format(tick)}</text>`,
  )}`;
}

/** Some of the days below the axis: the first, and others as far apart as they must be. */
function days({ spans }: Figure, centreOf: (index: number) => number): string {
  const isOfOneYear = spans.every(({ label }) => label.slice(0, 4) === spans[0]?.label.slice(0, 4));
  const apart = Math.ceil(spans.length / (isOfOneYear ? maxLabels.short : maxLabels.long));
  return html`!${spans.map(({ label }, index) =>
    index % apart === 0
      ? html`<text class="tick" x="${rounded(centreOf(index))}" y="${height - 8}" text-anchor="middle">${isOfOneYear ? label.slice(5) : label}</text>`
      : "",
  )}`;
}

/**
 * Bars that stand upon each other, one for each span of days, as an SVG that says in words what it shows.
 * @param title what is counted, for whoever does not see it
 */
export function stackedBars(title: string, figure: Figure): string {
  const { spans, series } = figure;
  const heights = spans.map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
  const ticks = ticksTo(Math.max(...heights));
  const top = ticks.at(-1) ?? 1;
  const step = plot.width / spans.length;
  const barWidth = Math.min(step * (step > 6 ? 0.76 : 0.9), 44);
  const yOf = (value: number): number => margin.top + plot.height * (1 - value / top);
  const centreOf = (index: number): number => margin.left + step * (index + 0.5);

  const bar = (index: number): string => {
    let below = 0;
    return html`!${series.map(({ name, values }, number) => {
      const value = values[index] ?? 0;
      if (value === 0) return "";
      below += value;
      const barHeight = (plot.height * value) / top;
      return html`<rect class="s${number}" x="${rounded(centreOf(index) - barWidth / 2)}" y="${rounded(yOf(below))}" width="${rounded(barWidth)}" height="${rounded(barHeight)}"><title>${spans[index]?.title ?? ""}, ${name}: ${numberText(value)}</title></rect>`;
    })}`;
  };
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}; the numbers stand in the table">
!${scale(ticks, yOf)}
!${spans.map((_, index) => bar(index))}
<line class="axis" x1="${margin.left}" x2="${width - margin.right}" y1="${yOf(0)}" y2="${yOf(0)}"/>
!${days(figure, centreOf)}
</svg>`;
}

/** What the colours of a figure mean. */
export const legend = ({ series }: Figure): string =>
  html`<ul class="legend">!${series.map(({ name }, number) => html`<li><svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="s${number}" width="10" height="10" rx="2"/></svg>${name}</li>`)}</ul>`;

/** A number as a bar in a cell of a table, beside the number itself. */
export const cellBar = (value: number, highest: number): string =>
  html`<svg class="cellbar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="s0" width="${rounded(highest === 0 ? 0 : (100 * value) / highest)}" height="8"/></svg>`;
