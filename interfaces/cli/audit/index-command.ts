import type { Command } from "commander";
import { indexFile } from "../../audit/current-index.ts";
import { addSettings, dataSettings } from "../options.ts";
import { print } from "../run.ts";
import { withIndex } from "./with-index.ts";

const mebibyte = 2 ** 20;

/** dacapo audit index: brings the index up to date, as every question does, and tells what there is. */
export function addIndexCommand(audit: Command): void {
  addSettings(
    audit
      .command("index")
      .description("bring the index behind the questions up to date, and tell what it holds"),
    dataSettings,
  )
    .option("--json", "print JSON")
    .action(({ json }, command: Command) =>
      withIndex(command, async ({ index, config }, added) => {
        const { position, events } = index.checkpoint();
        const bytes = index.size();
        const facts = { position: String(position), events, added };
        const size = json
          ? { bytes }
          : {
              size:
                bytes < mebibyte ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / mebibyte).toFixed(1)} MiB`,
            };
        print({ ...facts, ...size, file: indexFile(config) }, json);
      }),
    );
}
