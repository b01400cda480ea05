import { cpus } from "node:os";
import type { Figures, Row } from "./measure.ts";

const figure = (value: number | undefined): string =>
  value?.toLocaleString(
    "en-US",
    value < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 },
  ) ?? "";

const costs = ({ p50, p99, cpu, memory }: Partial<Figures> = {}): readonly string[] =>
  [p50, p99, cpu, memory].map(figure);

const heads = [
  ...["case", "unit", "ours", "p50 ms", "p99 ms", "CPU ms", "MiB"],
  ...["baseline", "its p50", "its p99", "its CPU", "its MiB", "ratio", "range", "goal"],
];

const cells = ({ name, unit, ours, baseline, ratio, ratioRange, goal }: Row): readonly string[] => [
  ...[name, unit, figure(ours.value), ...costs(ours), figure(baseline?.value), ...costs(baseline)],
  ratio?.toFixed(2) ?? "",
  ratioRange?.map((end) => end.toFixed(2)).join(" to ") ?? "",
  goal === undefined ? "" : `${goal.text}${goal.isReached ? "" : ", missed"}`,
];

const machine = () => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
});

/** The rows as a Markdown table, under the machine they were measured on. */
export function table(rows: readonly Row[]): string {
  const all = [heads, ...rows.map(cells)];
  // A column that nothing stands in is left out.
  const columns = heads.map((_, column) => column).filter((column) => rows.some((row) => cells(row)[column]));
  const widths = columns.map((column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  const line = (texts: readonly string[]) => `| ${texts.join(" | ")} |`;
  const [head = "", ...body] = all.map((row) =>
    line(columns.map((column, index) => (row[column] ?? "").padEnd(widths[index] ?? 0))),
  );
  const rule = line(widths.map((width) => "-".repeat(width)));
  const { cpu, cores, node, date } = machine();
  return [`${date}, ${cores} × ${cpu}, Node ${node}`, "", head, rule, ...body].join("\n");
}

/** The same as JSON. */
export const json = (rows: readonly Row[]): string =>
  JSON.stringify({ machine: machine(), rows }, undefined, 2);
