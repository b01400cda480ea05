import { html } from "ghtml";
import { type StatsRow, summaryOf } from "../../../../application/audit/stats.ts";
import type { Anomaly } from "../../../../application/ports/audit-index.ts";
import { cellBar, numberText } from "./chart.ts";
import type { Figure } from "./series.ts";

/** Rows of a table of clients or blocks. */
const maxRows = 15;

/** What somebody else may have chosen, in its own direction; it wraps where it must. */
const foreign = (text: string): string =>
  html`<bdi class="id!${text.length > 20 ? " long" : ""}" dir="ltr">${text}</bdi>`;

const numberCell = (value: number): string =>
  html`<td class="number!${value === 0 ? " none" : ""}">${numberText(value)}</td>`;

/** The numbers of a figure; spans without any are left out. */
export function figureTable(title: string, spanName: string, { spans, series }: Figure): string {
  const rows = spans.flatMap(({ title: span }, index) => {
    const values = series.map(({ values }) => values[index] ?? 0);
    return values.every((value) => value === 0)
      ? []
      : [html`<tr><th scope="row">${span}</th>!${values.map(numberCell)}</tr>`];
  });
  return html`<div class="scroll" role="region" aria-label="${title}, as a table" tabindex="0"><table>
<thead><tr><th scope="col">${spanName}</th>!${series.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>!${rows}</tbody>
</table></div>`;
}

type Column = readonly [name: string, value: (row: StatsRow) => number];

const clientColumns: readonly Column[] = [
  ["Access tokens", (row) => summaryOf(row).access_tokens],
  ["Refreshes", (row) => summaryOf(row).refreshes],
  ["Refusals", (row) => summaryOf(row).refusals],
  ["Reuse, replays", (row) => summaryOf(row).reuse + summaryOf(row).replays],
];

const blockColumns: readonly Column[] = [
  ["Sign-ins", (row) => summaryOf(row).sign_ins],
  ["MCP sessions", (row) => summaryOf(row).mcp_sessions],
];

/** The busiest of these rows; the bars are of the first column. */
function topTable(what: string, columns: readonly Column[], rows: readonly StatsRow[]): string {
  if (rows.length === 0) return html`<p class="soft">None in these days.</p>`;
  const shown = rows.slice(0, maxRows);
  const measure = columns[0]?.[1] ?? (() => 0);
  const highest = Math.max(...shown.map(measure));
  return html`<div class="scroll wide" role="region" aria-label="${what}s, busiest first" tabindex="0"><table>
<thead><tr><th scope="col">${what}</th>!${columns.map(([name]) => html`<th scope="col" class="number">${name}</th>`)}<td></td></tr></thead>
<tbody>!${shown.map(
    (row) =>
      html`<tr><th scope="row">!${foreign(row.name)}</th>!${columns.map(([, value]) => numberCell(value(row)))}<td class="bar">!${cellBar(measure(row), highest)}</td></tr>`,
  )}</tbody>
</table></div>
!${rows.length > maxRows ? html`<p class="soft">The busiest ${maxRows} of ${numberText(rows.length)}.</p>` : ""}`;
}

export const clientTable = (rows: readonly StatsRow[]): string => topTable("Client", clientColumns, rows);

export const blockTable = (rows: readonly StatsRow[]): string => topTable("Block", blockColumns, rows);

/** `refresh_token_reused` → `Refresh token reused`. */
const kindText = (kind: string): string =>
  `${kind.charAt(0).toUpperCase()}${kind.slice(1).replaceAll("_", " ")}`;

/** The anomalies, each with the events that made it so. */
export function anomalyList(anomalies: readonly Anomaly[]): string {
  if (anomalies.length === 0) return html`<p class="soft">None in these days.</p>`;
  return html`<ol class="anomalies">!${anomalies.map(({ kind, subject, time, explanation, events }) => {
    const moment = new Date(time).toISOString();
    return html`<li><p><strong>${kindText(kind)}</strong> !${foreign(subject)} <time datetime="${moment}">${moment.slice(0, 16).replace("T", " ")} UTC</time></p>
<p>${explanation}</p>
<p class="soft">!${events.map((event, index) => html`!${index === 0 ? "" : ", "}!${foreign(event)}`)}</p></li>`;
  })}</ol>`;
}
