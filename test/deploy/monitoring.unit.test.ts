import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createInProcessJobs } from "../../infrastructure/jobs/in-process.ts";
import { measuredJobs } from "../../infrastructure/telemetry/metrics/jobs.ts";
import { createMetrics } from "../../infrastructure/telemetry/metrics/metrics.ts";
import { measureProjection } from "../../infrastructure/telemetry/metrics/projection.ts";
import {
  measureClock,
  measureKeys,
  measureReadiness,
} from "../../infrastructure/telemetry/metrics/standing.ts";
import { createTelemetry } from "../../infrastructure/telemetry/telemetry.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** All metrics of ours: the names of their labels by their own. */
async function metricsOfOurs(): Promise<ReadonlyMap<string, readonly string[]>> {
  const metrics = createMetrics("test");
  createTelemetry(metrics, undefined);
  const nothing = async () => undefined;
  measureProjection(metrics, () => Promise.reject(new Error("there is none")));
  measureClock(metrics, () => 0);
  measureKeys(metrics, () => 0, nothing);
  measureReadiness(metrics, () => []);
  const clock = { sleep: nothing } as never;
  measuredJobs(
    createInProcessJobs(clock, () => undefined),
    metrics,
  );
  const all = metrics.registry.getMetricsAsArray() as unknown as {
    readonly name: string;
    readonly labelNames: readonly string[];
  }[];
  return new Map(
    all.filter(({ name }) => name.startsWith("dacapo_")).map(({ name, labelNames }) => [name, labelNames]),
  );
}

const known = await metricsOfOurs();

/** What a selector of PromQL names: a metric of ours, and the labels that it is chosen by. */
function* selectors(expression: string): Generator<{ name: string; labels: readonly string[] }> {
  for (const [, name = "", within = ""] of expression.matchAll(/\b(dacapo_\w+)(?:\{([^}]*)\})?/g))
    yield {
      name: known.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ""),
      labels: [...within.matchAll(/(\w+)\s*(?:=|!)/g)].map(([, label = ""]) => label),
    };
}

/** Labels that Prometheus itself gives to what it scrapes. */
const given = ["job", "instance"];

/** What it says itself of each process: whether it could be scraped. */
const scraped = 'up{job=~".*dacapo.*"}';

const expectKnown = (expression: string) => {
  const found = [...selectors(expression)];
  for (const { name, labels } of found) {
    expect(known.has(name), `${name} in ${expression}`).toBe(true);
    for (const label of labels.filter((one) => !given.includes(one)))
      expect([...(known.get(name) ?? []), "le"], expression).toContain(label);
  }
  return found;
};

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

const { groups } = parse(read("deploy/monitoring/alerts.yaml")) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap(({ rules }) => rules);

describe("what is shown of the metrics", () => {
  it("docs/observability.md names each one with its labels, and no other", () => {
    const rows = [...read("docs/observability.md").matchAll(/^\| `(dacapo_\w+)` +\| ([^|]*)\|/gm)];
    const told = rows.map(([, name, labels = ""]) => [
      name,
      [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    ]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(known));
  });

  it("no label is one that Prometheus gives itself", () => {
    for (const labels of known.values()) for (const label of given) expect(labels).not.toContain(label);
  });

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    "%s is of metrics that there are",
    (_, { expr }) => {
      expect(expr.startsWith(scraped) || expectKnown(expr).length > 0).toBe(true);
    },
  );

  it("every alert has its entry in the runbook, and every entry its alert", () => {
    const entries = [...read("docs/runbook.md").matchAll(/^## (\w+)$/gm)].map(([, name = ""]) => name);
    expect(entries.toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
    for (const { alert, annotations } of rules)
      expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
  });

  it("the dashboard asks for metrics that there are, each panel for some", () => {
    const { panels } = JSON.parse(read("deploy/monitoring/grafana-dashboard.json")) as {
      panels: { title: string; type: string; targets?: { expr: string }[] }[];
    };
    const graphs = panels.filter(({ type }) => type !== "row");
    expect(graphs.length).toBeGreaterThan(20);
    for (const { title, targets = [] } of graphs) {
      const found = targets.flatMap(({ expr }) => expectKnown(expr));
      expect(found.length > 0 || /process_|nodejs_/.test(targets[0]?.expr ?? ""), title).toBe(true);
    }
  });
});
