import { html } from "ghtml";
import { dayText, sumOf } from "../../../../application/audit/stats.ts";
import { legend, numberText, stackedBars } from "./chart.ts";
import type { Report } from "./contents.ts";
import { type Figure, figureOf, frequent, spanLength, withOthers } from "./series.ts";
import { style } from "./style.ts";
import { anomalyList, blockTable, clientTable, figureTable } from "./tables.ts";

/** Kinds of refusal with a colour of their own. */
const maxKinds = 5;

const refused = "refused.";

function facts({ daily, anomalies, areAllAnomaliesShown }: Report): string {
  const total = (...what: readonly string[]): string =>
    numberText(daily.reduce((sum, row) => sum + what.reduce((all, one) => all + sumOf(row, one), 0), 0));
  const all: readonly (readonly [string, string])[] = [
    ["Access tokens", total("issued.")],
    ["of them refreshes", total("issued.refresh_token")],
    ["Sign-ins", total("started.browser")],
    ["Refusals", total(refused)],
    ["Reuse, replays", total("detected.")],
    ["Anomalies", `${numberText(anomalies.length)}${areAllAnomaliesShown ? "" : " or more"}`],
  ];
  return html`<dl class="facts">!${all.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** What was refused, by the most frequent kinds, as they stand in the log: route and error. */
function refusals({ days, daily }: Report): Figure {
  const kinds = frequent(daily, refused, maxKinds);
  const figure = figureOf(
    days,
    daily,
    kinds.map((what) => [what.slice(refused.length), what]),
  );
  const [whole] = figureOf(days, daily, [["all others", refused]]).series;
  return whole ? withOthers(figure, whole) : figure;
}

function figureSection(title: string, spanName: string, { spans, series }: Figure): string {
  const figure = { spans, series: series.filter(({ values }) => values.some((value) => value > 0)) };
  return html`<section><h2>${title}</h2>
!${figure.series.length === 0 ? html`<p class="soft">None in these days.</p>` : html`<div class="pair"><div>!${legend(figure)}!${stackedBars(title, figure)}</div>!${figureTable(title, spanName, figure)}</div>`}
</section>`;
}

const spanNames: Readonly<Record<number, readonly [by: string, name: string]>> = {
  1: ["by day", "Day"],
  7: ["by week", "Week"],
};

/** A report as one HTML file that loads nothing and runs nothing. */
export function reportPage(report: Report): string {
  const { issuer, madeAt, days, daily, clients, blocks, anomalies, areAllAnomaliesShown } = report;
  const length = spanLength(days);
  const [by, spanName] = spanNames[length] ?? [`by ${length} days`, "Days"];
  const issued = figureOf(days, daily, [
    ["by code", "issued.authorization_code"],
    ["by refresh", "issued.refresh_token"],
    ["by client credentials", "issued.client_credentials"],
    ["repeated answers", "issued.repeat"],
  ]);
  const detected = figureOf(days, daily, [
    ["refresh tokens reused", "detected.refresh_token_reused"],
    ["codes replayed", "detected.code_replayed"],
  ]);
  const [first, last] = [dayText(days.since), dayText(days.until)];
  const period = first === last ? first : `${first} to ${last}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Audit report ${period} · Dacapo</title>
<style>!${style}</style>
</head>
<body>
<main>
<h1>Audit report</h1>
<p><bdi dir="ltr">${issuer}</bdi>, ${period}, days in UTC</p>
<p class="soft">Counted from the event log on ${new Date(madeAt).toISOString().slice(0, 16).replace("T", " ")} UTC.</p>
!${facts(report)}
!${figureSection(`Access tokens issued, ${by}`, spanName, issued)}
!${figureSection(`Refusals, ${by} and kind`, spanName, refusals(report))}
!${figureSection(`Reuse of refresh tokens and replays of codes, ${by}`, spanName, detected)}
<section><h2>Clients</h2>!${clientTable(clients)}</section>
<section><h2>Blocks of addresses, by sign-ins</h2>!${blockTable(blocks)}</section>
<section><h2>Anomalies</h2>!${anomalyList(anomalies)}
!${areAllAnomaliesShown ? "" : html`<p class="soft">These are the newest. <code>dacapo audit anomalies</code> lists all.</p>`}</section>
</main>
</body>
</html>
`;
}
