import { type ErasureDependencies, eraseUser } from "../commands/erase-user.ts";
import type { Context } from "../context.ts";
import type { JobRun } from "../ports/jobs.ts";
import { pagesOf } from "./pages.ts";

const metadata = { actor: "system", correlationId: "completion of erasures" };

/**
 * Goes on with erasures that were stopped, and completes those whose data have left the files since. One that fails keeps
 * none of the others; its failure is thrown at the end.
 */
export async function completeErasures(
  dependencies: ErasureDependencies & Pick<Context, "readModels">,
  { signal, progress }: JobRun,
): Promise<void> {
  let done = 0;
  const failures: unknown[] = [];
  for await (const page of pagesOf(dependencies.readModels, "erasures", ["open", "yes"]))
    for (const { id: userId } of page) {
      if (signal.aborted) return;
      try {
        await eraseUser(dependencies, userId, metadata);
      } catch (error) {
        failures.push(error);
      }
      await progress(++done);
    }
  if (failures.length > 0) throw failures[0];
}
