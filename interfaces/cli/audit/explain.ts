import type { Command } from "commander";
import { type Explanation, explainToken } from "../../../application/audit/explain.ts";
import { explanationFacts, iso } from "../../audit/facts.ts";
import { addSettings, dataSettings } from "../options.ts";
import { plain } from "../run.ts";
import { parsePast } from "./instant.ts";
import { readToken } from "./subject.ts";
import { withIndex } from "./with-index.ts";

const verdicts = new Map<boolean | null, string>([
  [true, "Active"],
  [false, "Not active"],
  [null, "It cannot be told any more"],
]);

function printExplanation(explanation: Explanation): void {
  const { active, at, kind, grantId, clientId, userId, scope, resources, reasons } = explanation;
  console.log(
    `${verdicts.get(active)} at ${iso(at)}: ${kind === "access_token" ? "an access token" : "a refresh token"} of grant ${grantId}`,
  );
  if (clientId !== null) console.log(`  client     ${clientId}`);
  if (userId !== null) console.log(`  user       ${userId}`);
  if (active) console.log(`  scope      ${scope.join(" ")}`);
  if (resources.length > 0) console.log(`  resources  ${resources.join(" ")}`);
  console.log("Because");
  // What speaks against it is what was asked for, where something does.
  const [against, rest] = [reasons.filter(({ holds }) => !holds), reasons.filter(({ holds }) => holds)];
  for (const { holds, text, event } of [...against, ...rest])
    console.log(`  ${holds ? "+" : "-"} ${plain(text)}${event === null ? "" : ` [${plain(event)}]`}`);
}

/** dacapo audit explain: whether a token was good at a moment, and why. */
export function addExplainCommand(audit: Command): void {
  addSettings(
    audit
      .command("explain")
      .description(
        "whether a token was good at a moment, what it allowed and why; each sentence names its event",
      ),
    dataSettings,
  )
    .requiredOption("--token <dash>", 'the token: "-" reads it from standard input or a prompt')
    .option("--at <time>", "the moment, such as 2026-03-01T14:03Z (default: now)", parsePast)
    .option("--json", "print JSON")
    .action(({ token, at, json }, command: Command) =>
      withIndex(command, async (indexed) => {
        const explanation = await explainToken(indexed, await readToken(token), at ?? indexed.clock.now());
        if (json) console.log(JSON.stringify(explanationFacts(explanation)));
        else printExplanation(explanation);
      }),
    );
}
