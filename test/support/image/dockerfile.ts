/** An instruction of a Dockerfile: its flags, and its words or, in the shell form, its one line. */
export interface Instruction {
  readonly name: string;
  readonly flags: Readonly<Record<string, string>>;
  /** Of a JSON list its members; else of COPY its paths, and of all others the line as it is. */
  readonly words: readonly string[];
  readonly isExec: boolean;
}

export interface Stage {
  readonly base: string;
  readonly alias: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** Lines without comments, each with those that it goes on in. */
const linesOf = (text: string): readonly string[] =>
  text
    .split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join("\n")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n");

function instructionOf(line: string): Instruction {
  const [, name = "", rest = ""] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
  const [flagText = ""] = /^(--\S+\s+)*/.exec(rest) ?? [];
  const flags = Object.fromEntries(
    [...flagText.matchAll(/--([\w-]+)=(\S+)/g)].map(([, flag = "", value = ""]) => [flag, value]),
  );
  const said = rest.slice(flagText.length).replace(name === "HEALTHCHECK" ? /^CMD\s+/ : "", "");
  const isExec = said.startsWith("[");
  const words = isExec ? (JSON.parse(said) as string[]) : name === "COPY" ? said.split(/\s+/) : [said];
  return { name, flags, words, isExec };
}

/** The stages of a Dockerfile, as far as ours needs it: ARG before the first FROM, no heredocs, no variables elsewhere. */
export function readDockerfile(text: string): readonly Stage[] {
  const args = new Map<string, string>();
  const stages: { base: string; alias: string | undefined; instructions: Instruction[] }[] = [];
  for (const instruction of linesOf(text).map(instructionOf)) {
    const [said = ""] = instruction.words;
    if (instruction.name === "ARG") args.set(said.split("=")[0] ?? "", said.split("=")[1] ?? "");
    else if (instruction.name === "FROM") {
      const [base = "", , alias] = said
        .replaceAll(/\$\{(\w+)\}/g, (_, arg) => args.get(arg) ?? "")
        .split(/\s+/);
      stages.push({ base, alias, instructions: [] });
    } else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

/** The variables that a stage sets. */
export const environmentOf = ({ instructions }: Stage): Readonly<Record<string, string>> =>
  Object.fromEntries(
    instructions
      .filter(({ name }) => name === "ENV")
      .flatMap(({ words: [said = ""] }) => [...said.matchAll(/(\w+)=(\S+)/g)].map(([, ...pair]) => pair)),
  );

/** The last instruction of this name, which is the one that counts. @throws {Error} where there is none */
export function lastOf({ instructions }: Stage, name: string): Instruction {
  const found = instructions.findLast((instruction) => instruction.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}
