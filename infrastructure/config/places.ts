import { join } from "node:path";
import type { Config } from "./schema.ts";

/** Where the master key ring lies when it is not in the configuration itself. */
export const masterKeyFileOf = ({
  masterKeyFile,
  dataDir,
}: Pick<Config, "masterKeyFile" | "dataDir">): string => masterKeyFile ?? join(dataDir, "master.key");

/** Where the events go that leave the log. */
export const archiveDirOf = ({ archiveDir, dataDir }: Pick<Config, "archiveDir" | "dataDir">): string =>
  archiveDir ?? join(dataDir, "archive");

/** Where it is written down who was erased. */
export const erasureListOf = ({ erasureList, dataDir }: Pick<Config, "erasureList" | "dataDir">): string =>
  erasureList ?? join(dataDir, "erasures.ndjson");
