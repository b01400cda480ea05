import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import {
  environmentName,
  groupNamed,
  groupOf,
  kebab,
  settingNamed,
  settingOfVariable,
  suggestMember,
  suggestVariable,
} from "./names.ts";
import type { Problem } from "./problem.ts";
import type { GroupName, SettingName } from "./schema.ts";
import { shownOf } from "./shown.ts";

export type Values = Readonly<Record<string, unknown>>;

/** A setting as somebody gave it: by which name, and what. */
export interface Given {
  readonly written: string;
  readonly value: unknown;
}

/** What one source gives, and what is wrong with how it gives it. */
export interface Reading {
  readonly given: Map<SettingName, Given>;
  readonly problems: Problem[];
}

const nothingRead = (): Reading => ({ given: new Map(), problems: [] });

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const unknownName = (field: string, meant: string | undefined): Problem => ({
  field,
  message: `there is no such setting${meant === undefined ? "" : `; did you mean ${meant}?`}`,
});

/** Takes a setting; twice with different values is a mistake, as nobody can know which one counts. */
function take({ given, problems }: Reading, name: SettingName, written: string, value: unknown): void {
  const before = given.get(name);
  if (before && !isDeepStrictEqual(before.value, value))
    problems.push({
      field: `${before.written} and ${written}`,
      got: `${shownOf(name, before.value)} and ${shownOf(name, value)}`,
      message: "they are one setting, which can have one value only",
    });
  given.set(name, { written, value });
}

/** The group that a member is in, by its own name and as it was written. */
interface Within {
  readonly group: GroupName;
  readonly written: string;
}

function readMember(reading: Reading, key: string, value: unknown, within?: Within): void {
  const { problems } = reading;
  const field = within ? `${within.written}.${key}` : key;
  const name = settingNamed(key);
  const own = name && groupOf(name);
  if (name === undefined) problems.push(unknownName(field, suggestMember(key)));
  else if (within && within.group !== own)
    problems.push({ field, message: `belongs in ${own}, or at the top level` });
  else take(reading, name, field, value);
}

function readGroup(reading: Reading, within: Within, members: unknown): void {
  const { written } = within;
  if (!isObject(members))
    reading.problems.push({ field: written, message: "must be an object that holds settings" });
  else
    for (const [key, value] of Object.entries(members))
      if (value !== undefined) readMember(reading, key, value, within);
}

/** Settings as they are written in a file and in code: at the top level or in groups, in camelCase or snake_case. */
export function readMembers(members: Values): Reading {
  const reading = nothingRead();
  for (const [written, value] of Object.entries(members)) {
    const group = groupNamed(written);
    if (value === undefined) continue;
    if (group === undefined) readMember(reading, written, value);
    else readGroup(reading, { group, written }, value);
  }
  return reading;
}

function parse(path: string): { readonly content: unknown } | Problem {
  try {
    return { content: JSON.parse(readFileSync(path, "utf8")) };
  } catch (error) {
    const { message } = error as Error;
    // The parser's own words quote the file, which may hold a secret.
    const [where = ""] = / at position .*/.exec(message) ?? [];
    const what =
      error instanceof SyntaxError ? `${path} is not JSON${where}` : `cannot read ${path}: ${message}`;
    return { field: "config", message: what };
  }
}

/** The settings of a JSON file. */
export function readFile(path: string): Reading {
  const parsed = parse(path);
  if (!("content" in parsed)) return { ...nothingRead(), problems: [parsed] };
  if (isObject(parsed.content)) return readMembers(parsed.content);
  return { ...nothingRead(), problems: [{ field: "config", message: `${path} must hold a JSON object` }] };
}

/**
 * Variables that begin like ours and are none of ours: those of this project's tests, which their processes inherit, and
 * those that Kubernetes makes of a service whose name begins with "dacapo" (DACAPO_PORT=tcp://… among them).
 */
const isForeign = (variable: string, value: string): boolean =>
  /^DACAPO_(TEST_|(FAULTS|SEED|FUZZ_SECONDS)$)/.test(variable) ||
  /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(variable) ||
  (variable.endsWith("_PORT") && /^(tcp|udp|sctp):\/\//.test(value));

/** The settings of the environment; a variable that is empty says nothing. */
export function readEnvironment(env: NodeJS.ProcessEnv): Reading {
  const reading = nothingRead();
  for (const [variable, value = ""] of Object.entries(env)) {
    if (!variable.startsWith("DACAPO_") || value === "" || isForeign(variable, value)) continue;
    const name = settingOfVariable(variable);
    if (name === undefined) reading.problems.push(unknownName(variable, suggestVariable(variable)));
    else take(reading, name, environmentName(name), value);
  }
  return reading;
}

/** The settings of a command line, which knows what flags there are. */
export function readFlags(flags: Values): Reading {
  const reading = readMembers(flags);
  for (const [name, { value }] of reading.given)
    reading.given.set(name, { written: `--${kebab(name)}`, value });
  return reading;
}
