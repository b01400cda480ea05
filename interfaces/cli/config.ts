import type { Command } from "commander";
import { fileFacts } from "../../infrastructure/config/file-facts.ts";
import { type Finding, findingsOf } from "../../infrastructure/config/findings.ts";
import { type ConfigurationSources, checkConfig } from "../../infrastructure/config/load.ts";
import { readMasterKey } from "../../infrastructure/config/master-key.ts";
import { ConfigurationError, lineOf, type Problem } from "../../infrastructure/config/problem.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { readServerCertificate } from "../../infrastructure/network/certificates.ts";
import { redisSecureContext } from "../../infrastructure/redis/tls.ts";
import { referenceText } from "./config-reference.ts";
import { addServerSettings, sourcesOf } from "./options.ts";

interface Report {
  readonly errors: readonly Problem[];
  readonly warnings: readonly Finding[];
}

/** What `serve` would say of the files that it reads; the master key that a demo makes is not made here. */
const fileProblems = (config: Config): readonly Problem[] =>
  [readMasterKey, readServerCertificate, redisSecureContext].flatMap((read) =>
    problemsOf(() => read(config)),
  );

function problemsOf(read: () => unknown): readonly Problem[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const [field = "", ...message] = error.message.split(": ");
    return [{ field, message: message.join(": ") }];
  }
}

/** Checks as `serve` would, opening and writing nothing. */
function check(sources: ConfigurationSources): Report {
  const { config, problems, remainder } = checkConfig(sources);
  const known = config ? { config } : remainder;
  return {
    errors: config ? fileProblems(config) : problems,
    warnings: findingsOf(known.config, { ...known, files: fileFacts(known.config) }),
  };
}

const paragraph = ({ setting, set, danger, advice }: Finding): string =>
  `${setting}: set to ${set}\n  why  ${danger}\n  do   ${advice}`;

function textOf({ errors, warnings }: Report): string {
  const parts = [
    ...(errors.length > 0 ? [`The configuration is wrong.\n${errors.map(lineOf).join("\n")}`] : []),
    ...(warnings.length > 0 ? [`Unsafe in production: ${warnings.length}.`, ...warnings.map(paragraph)] : []),
  ];
  return parts.length > 0
    ? parts.join("\n\n")
    : "The configuration is right, and nothing in it is unsafe. Log and read models were not asked.";
}

const exitCodeOf = ({ errors, warnings }: Report, isStrict: boolean): number => {
  if (errors.length > 0) return 1;
  return isStrict && warnings.length > 0 ? 3 : 0;
};

/** dacapo config …: what the settings are, and whether they are right. */
export function addConfigCommands(program: Command): void {
  const config = program.command("config").description("the settings: what they are, whether they are right");

  addServerSettings(
    config
      .command("check")
      .description(
        "check the configuration as serve would read it, and tell what is unsafe in production; starts and writes nothing",
      ),
  )
    .option("--strict", "exit code 3 where something is unsafe")
    .option("--json", "print JSON")
    .action(({ strict = false, json = false }, command: Command) => {
      const report = check(sourcesOf(command));
      console.log(json ? JSON.stringify(report) : textOf(report));
      process.exitCode = exitCodeOf(report, strict);
    });

  config
    .command("docs")
    .description("print the reference of all settings, in Markdown")
    .action(() => console.log(referenceText()));
}
