import type { Command } from "commander";
import { rotateSigningKeys } from "../../application/commands/manage-signing-keys.ts";
import { ref } from "../../application/documents.ts";
import { RefusedError } from "../../application/errors.ts";
import type { SigningKeys } from "../../domain/signing-key/signing-key.ts";
import { generateMasterKey } from "../../infrastructure/crypto/key-ring.ts";
import { CommandError } from "./command-error.ts";
import { addSettings, dataSettings } from "./options.ts";
import { operator, printRows, withContext, withData } from "./run.ts";

const iso = (time: number): string => new Date(time).toISOString();

function rowsOf({ next, active, activatedAt, retired }: SigningKeys) {
  return [
    { key_id: next.kid, algorithm: next.algorithm, status: "next", since: iso(next.publishedAt), until: "" },
    { key_id: active.kid, algorithm: active.algorithm, status: "active", since: iso(activatedAt), until: "" },
    ...retired.map(({ kid, algorithm, publishedAt, removeAt }) => ({
      key_id: kid,
      algorithm,
      status: "retired",
      since: iso(publishedAt),
      until: iso(removeAt),
    })),
  ];
}

/** dacapo keys …: the keys that sign access tokens, and the master key. */
export function addKeysCommands(program: Command): void {
  const keys = program.command("keys").description("signing keys and the master key");
  const sub = (name: string, description: string) =>
    addSettings(keys.command(name).description(description), dataSettings).option("--json", "print JSON");

  sub("list", "list the signing keys").action(({ json }, command: Command) =>
    withData(command, async ({ documents }) => {
      const [ring] = await documents.load([ref.signingKeys()]);
      printRows(ring ? rowsOf(ring) : [], json);
    }),
  );

  sub("rotate", "let the next key sign, publish a fresh one, keep the old one until its last token is dead")
    .option("--force", "even where the next key was published so recently that verifiers may not know it")
    .action(({ force = false, json }, command: Command) =>
      withContext(command, async (context) => {
        const rotated = await rotateSigningKeys(context, { force }, operator()).catch((error: unknown) => {
          if (!(error instanceof RefusedError) || force) throw error;
          throw new CommandError(
            `${error.refusal.description}: verifiers may not know it yet. --force lets it sign all the same.`,
          );
        });
        printRows(rowsOf(rotated), json);
      }),
    );

  keys
    .command("generate-master")
    .description("print a new master key; keep it safe and apart from the data")
    .action(() => console.log(generateMasterKey()));
}
