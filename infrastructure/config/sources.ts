import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import {
  configVariable,
  environmentName,
  groupNamed,
  groupOf,
  kebab,
  settingNamed,
  settingOfVariable,
  settingsIn,
  suggestMember,
  suggestVariable,
  wholeConfig,
} from "./names.ts";
import type { Problem } from "./problem.ts";
import { type GroupName, type SettingName, settingNames } from "./schema.ts";
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
  /** The settings of which nobody can tell what was meant. */
  readonly unclear: Set<SettingName>;
}

const nothingRead = (): Reading => ({ given: new Map(), problems: [], unclear: new Set() });

/** Notes what is wrong, and the settings that are unclear by it. */
function complain(
  { problems, unclear }: Reading,
  problem: Problem,
  about: readonly SettingName[] = [],
): void {
  problems.push(problem);
  for (const name of about) unclear.add(name);
}

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The settings that a name of a file, of code or of the environment stands for. */
function settingsNamed(name: string): readonly SettingName[] {
  const group = groupNamed(name);
  const setting = settingNamed(name) ?? settingOfVariable(name);
  return group ? settingsIn(group) : setting ? [setting] : [];
}

function refuseName(reading: Reading, field: string, meant: string | undefined): void {
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  complain(reading, { field, message: `there is no such setting${hint}` }, settingsNamed(meant ?? ""));
}

/** Takes a setting; twice with different values is a mistake, as nobody can know which one counts. */
function take(reading: Reading, name: SettingName, written: string, value: unknown): void {
  const before = reading.given.get(name);
  if (before && !isDeepStrictEqual(before.value, value)) {
    const field = `${before.written} and ${written}`;
    const got = `${shownOf(name, before.value)} and ${shownOf(name, value)}`;
    complain(reading, { field, got, message: "they are one setting, which can have one value only" }, [name]);
  }
  reading.given.set(name, { written, value });
}

function readMember(reading: Reading, field: string, key: string, value: unknown, within?: GroupName): void {
  const name = settingNamed(key);
  const own = name && groupOf(name);
  if (name === undefined) refuseName(reading, field, suggestMember(key));
  else if (within && within !== own)
    complain(reading, { field, message: `belongs in ${own}, or at the top level` }, [name]);
  else take(reading, name, field, value);
}

/** The members of what must be an object; undefined ones say nothing. */
function membersOf(
  reading: Reading,
  field: string,
  value: unknown,
  about: readonly SettingName[],
): readonly [string, unknown][] {
  if (isObject(value)) return Object.entries(value).filter(([, member]) => member !== undefined);
  complain(reading, { field, message: "must be an object that holds settings" }, about);
  return [];
}

function readTopLevel(reading: Reading, key: string, value: unknown, field = key): void {
  const group = groupNamed(key);
  if (group === undefined) readMember(reading, field, key, value);
  else
    for (const [inner, member] of membersOf(reading, field, value, settingsIn(group)))
      readMember(reading, `${field}.${inner}`, inner, member, group);
}

/**
 * Settings as they are written in a file and in code: at the top level or in groups, in camelCase or snake_case, all of it
 * within the name of the guide's class or not.
 */
export function readMembers(members: Values): Reading {
  const reading = nothingRead();
  for (const [key, value] of membersOf(reading, "", members, []))
    if (key !== wholeConfig) readTopLevel(reading, key, value);
    else
      for (const [inner, member] of membersOf(reading, key, value, settingNames))
        readTopLevel(reading, inner, member, `${key}.${inner}`);
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
  if ("content" in parsed && isObject(parsed.content)) return readMembers(parsed.content);
  const reading = nothingRead();
  const none = { field: "config", message: `${path} must hold a JSON object` };
  complain(reading, "content" in parsed ? none : parsed, settingNames);
  return reading;
}

/**
 * Variables that begin like ours and are no settings: the one that names the file, those of this project's tests, which their processes inherit, and
 * those that Kubernetes makes of a service whose name begins with "dacapo" (DACAPO_PORT=tcp://… among them).
 */
const isForeign = (variable: string, value: string): boolean =>
  variable === configVariable ||
  /^DACAPO_(TEST_|(FAULTS|SEED|FUZZ_SECONDS)$)/.test(variable) ||
  /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(variable) ||
  (variable.endsWith("_PORT") && /^(tcp|udp|sctp):\/\//.test(value));

/** The settings of the environment; a variable that is empty says nothing. */
export function readEnvironment(env: NodeJS.ProcessEnv): Reading {
  const reading = nothingRead();
  for (const [variable, value = ""] of Object.entries(env)) {
    if (!variable.startsWith("DACAPO_") || value === "" || isForeign(variable, value)) continue;
    const name = settingOfVariable(variable);
    if (name === undefined) refuseName(reading, variable, suggestVariable(variable));
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
