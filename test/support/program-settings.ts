import { stripTypeScriptTypes } from "node:module";
import { runInNewContext } from "node:vm";

/** What a program of a documentation page hands to `startDacapo`; nothing is started, and what follows is not run. */
export function programSettings(program: string): Record<string, unknown> {
  const given: { settings?: Record<string, unknown> } = {};
  const body = stripTypeScriptTypes(program).replace(/^import .*$/m, "");
  const startDacapo = (settings: Record<string, unknown>) => {
    given.settings = settings;
    return new Promise<never>(() => undefined);
  };
  runInNewContext(`(async () => {${body}})()`, { startDacapo });
  // What came from another context has other prototypes.
  return structuredClone(given.settings ?? {});
}
