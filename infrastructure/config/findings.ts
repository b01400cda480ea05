import { type Check, checks, type FileFacts } from "./checks.ts";
import type { Config, SettingName } from "./schema.ts";

/** Something that is set and that production should not have. */
export interface Finding extends Omit<Check, "unsafe"> {
  /** What is set, as a person may see it. */
  readonly set: string;
}

/** What is known beside the configuration. */
interface Known {
  readonly files?: FileFacts;
  /** Settings whose value nobody can tell; what rests on them is not judged. */
  readonly unclear?: ReadonlySet<SettingName>;
}

/** What an unsafe setting holds; undefined too where the answer rests on what is unclear. */
function answerOf({ unsafe }: Check, config: Config, { files = {}, unclear }: Known): string | undefined {
  let isClear = true;
  const watched = new Proxy(config, {
    get(target, name) {
      isClear &&= !unclear?.has(name as SettingName);
      return Reflect.get(target, name);
    },
  });
  const set = unsafe(watched, files);
  return isClear ? set : undefined;
}

/** What is unsafe in production; nothing is read and nothing opened. */
export const findingsOf = (config: Config, known: Known = {}): readonly Finding[] =>
  checks.flatMap((check) => {
    const { unsafe: _, ...told } = check;
    const set = answerOf(check, config, known);
    return set === undefined ? [] : [{ ...told, set }];
  });
