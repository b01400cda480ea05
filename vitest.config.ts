import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const alone = "test/**/*.{unit,property,walk}.test.ts";
const common = { testTimeout: 30_000, hookTimeout: 60_000, pool: "forks" } as const;

/** The longest first, so that none of them is waited for at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const kinds = [/distributed/, /\.browser\./, /\.fault\./, /\.walk\./, /\.process\./];
    const rank = ({ moduleId }: TestSpecification) => kinds.findIndex((kind) => kind.test(moduleId)) >>> 0;
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    globalSetup: ["test/support/prepare.ts"],
    // Many tests wait for processes of their own, which need the rest of the machine.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      // They hold nothing that outlives a test, and need no process for each file.
      { test: { ...common, name: "alone", include: [alone], isolate: false } },
      { test: { ...common, name: "together", include: ["test/**/*.test.ts"], exclude: [alone] } },
    ],
  },
});
