import { cpus } from "node:os";
import type { Row } from "./measure.ts";

const figure = (value: number): string =>
  value.toLocaleString("en-US", value < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 });

function cells({ name, unit, value, baseline, ratio, ratioRange }: Row): readonly string[] {
  return [
    name,
    figure(value),
    unit,
    baseline === undefined ? "" : figure(baseline),
    ratio === undefined ? "" : ratio.toFixed(2),
    ratioRange === undefined ? "" : ratioRange.map((end) => end.toFixed(2)).join(" to "),
  ];
}

const machine = () => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
});

/** The rows as a table, under the machine they were measured on. */
export function table(rows: readonly Row[]): string {
  const lines = [["case", "ours", "unit", "baseline", "ratio", "range"], ...rows.map(cells)];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) => line.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join("  "));
  const { cpu, cores, node, date } = machine();
  return [`${date}, ${cores} × ${cpu}, Node ${node}`, ...text.map((line) => line.trimEnd())].join("\n");
}

/** The same as JSON. */
export const json = (rows: readonly Row[]): string =>
  JSON.stringify({ machine: machine(), rows }, undefined, 2);
