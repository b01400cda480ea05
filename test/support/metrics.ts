/** The samples of a scrape by their names with labels, as `name{label="value"}`. */
export type Samples = ReadonlyMap<string, number>;

/** Reads the text format of Prometheus. @throws where a line is none of it */
export function samplesOf(text: string): Samples {
  const samples = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [, name, value] = /^([a-zA-Z_:][\w:]*(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`no sample: ${line}`);
    samples.set(name, value === "Nan" ? Number.NaN : Number(value));
  }
  return samples;
}

/** Scrapes a server, or its listener for operations. */
export async function scrape(base: string): Promise<Samples> {
  const response = await fetch(`${base}/metrics`);
  if (response.status !== 200) throw new Error(`${base}/metrics answered ${response.status}`);
  return samplesOf(await response.text());
}

/** By how much each sample grew while work was done; those that did not are left out. */
export async function growth(base: string, work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await scrape(base);
  await work();
  const grown = [...(await scrape(base))].map(([name, value]) => [name, value - (before.get(name) ?? 0)]);
  return Object.fromEntries(grown.filter(([, by]) => by !== 0));
}
