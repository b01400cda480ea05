import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The longest first, so that none of them is waited for at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const kinds = [/distributed/, /\.browser\./, /\.fault\./, /\.walk\./, /\.process\./];
    const rank = ({ moduleId }: TestSpecification) => {
      const index = kinds.findIndex((kind) => kind.test(moduleId));
      return index < 0 ? kinds.length : index;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/prepare.ts"],
    // Only to end what hangs: a page can take seconds where others use the machine.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    // Each file closes what it opens, so that none needs a process of its own.
    isolate: false,
    // Node runs the TypeScript as it is, as it does in production.
    experimental: { viteModuleRunner: false },
    // Many tests wait for processes of their own, which need the rest of the machine.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
});
