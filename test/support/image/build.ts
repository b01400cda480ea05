import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { clone } from "../clone-copy.ts";
import { environmentOf, type Instruction, lastOf, readDockerfile, type Stage } from "./dockerfile.ts";
import { ignoredBy } from "./dockerignore.ts";
import { StageRoot } from "./stage-root.ts";

/** What was built: the last stage, and its root. */
export interface Image extends AsyncDisposable {
  readonly stage: Stage;
  readonly root: StageRoot;
  /** The folder that is its /app. */
  readonly app: string;
}

const under = (app: string, path: string): string => {
  const inApp = path.replace(/^\/app(?=\/|$)/, ".");
  if (inApp.startsWith("/")) throw new Error(`${path} is not in /app`);
  return join(app, inApp);
};

function copyFromContext(context: string, app: string, { words }: Instruction): void {
  const ignored = ignoredBy(readFileSync(join(context, ".dockerignore"), "utf8"));
  const target = under(app, words.at(-1) ?? "");
  for (const source of words.slice(0, -1)) {
    const from = join(context, source);
    const isFolder = statSync(from).isDirectory();
    cpSync(from, isFolder ? target : join(target, basename(source)), {
      recursive: true,
      filter: (path) => path === context || !ignored(relative(context, path)),
    });
  }
}

/** As COPY does: a folder by what is in it, a file into what ends by a slash. */
function copyFromStage(source: string, app: string, { words: [from = "", to = ""] }: Instruction): void {
  const path = under(source, from);
  const target = under(app, to);
  if (!existsSync(path)) throw new Error(`the stage has no ${from}`);
  if (statSync(path).isDirectory()) mkdirSync(target, { recursive: true });
  execFileSync("cp", ["-a", statSync(path).isDirectory() ? `${path}/.` : path, target]);
}

/**
 * What `npm ci` does, with the packages of this clone where they can be linked, which takes a second and no network. That
 * the lock is whole is asked of npm all the same.
 */
async function installPackages(root: StageRoot, app: string, command: string): Promise<void> {
  const packages = join(app, "node_modules");
  try {
    execFileSync("cp", ["-al", join(clone, "node_modules"), packages], { stdio: "ignore" });
  } catch {
    rmSync(packages, { recursive: true, force: true });
    return root.run(command, {});
  }
  // npm writes this one where it lies, which must not be that of the clone.
  const list = join(packages, ".package-lock.json");
  rmSync(list);
  copyFileSync(join(clone, "node_modules/.package-lock.json"), list);
  return root.run(`${command} --dry-run`, {});
}

/** Carries out the stages of a Dockerfile on this machine, without the images that they begin from. */
export async function buildImage(dockerfile: string, context: string, folder: string): Promise<Image> {
  const apps = new Map<string, string>();
  const roots: StageRoot[] = [];
  const close = async () => {
    for (const root of roots.splice(0)) await root[Symbol.asyncDispose]();
  };
  try {
    for (const [index, stage] of readDockerfile(readFileSync(dockerfile, "utf8")).entries()) {
      const place = join(folder, `stage-${index}`);
      const root = await StageRoot.make(place);
      roots.push(root);
      const app = join(place, "app");
      apps.set(stage.alias ?? "", app);
      for (const instruction of stage.instructions) {
        const { name, flags, words } = instruction;
        if (name === "RUN" && words[0]?.startsWith("npm ci ")) await installPackages(root, app, words[0]);
        else if (name === "RUN") await root.run(words[0] ?? "", environmentOf(stage));
        else if (name === "COPY" && flags.from === undefined) copyFromContext(context, app, instruction);
        else if (name === "COPY") copyFromStage(apps.get(flags.from ?? "") ?? "", app, instruction);
        else if (name === "WORKDIR" && words[0] !== "/app") throw new Error("work is done in /app");
      }
    }
    const stage = readDockerfile(readFileSync(dockerfile, "utf8")).at(-1);
    const root = roots.at(-1);
    if (!stage || !root) throw new Error("there is no stage");
    return { stage, root, app: apps.get(stage.alias ?? "") ?? "", [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a container of this image runs, where it is given these arguments. */
export const commandOf = ({ stage }: Image, args?: readonly string[]): readonly string[] => [
  ...lastOf(stage, "ENTRYPOINT").words,
  ...(args ?? lastOf(stage, "CMD").words),
];
