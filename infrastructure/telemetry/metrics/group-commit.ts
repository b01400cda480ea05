import { Histogram, type Registry } from "prom-client";

/** Measures how many writes share one transaction of the embedded log. */
export function createGroupSize(registry: Registry): (writes: number) => void {
  const size = new Histogram({
    name: "dacapo_append_group_size",
    help: "Writes that shared one transaction, and so one fsync, of the embedded log",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000],
    registers: [registry],
  });
  return (writes) => size.observe(writes);
}
