import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** The root of a container as this machine can make it: all that is here, under what is written there, and an /app of its own. */
const makeRoot = `
set -e
mount --make-rprivate /
mount -t tmpfs dacapo "$PLACE"
mkdir "$PLACE/upper" "$PLACE/work" "$PLACE/root"
mount -t overlay dacapo -o "lowerdir=/,upperdir=$PLACE/upper,workdir=$PLACE/work" "$PLACE/root"
cd "$PLACE/root"
mount --rbind /dev dev
mount --rbind /proc proc
mount -t tmpfs dacapo tmp
mkdir -p app usr/local/bin
mount --bind "$APP" app
rm -f usr/local/bin/node
touch usr/local/bin/node
mount --bind "$NODE" usr/local/bin/node
echo made
exec cat
`;

/** How a container is run: nothing can be written but /tmp and the volume, by a user without any privileges, as process 1. */
const runContainer = `
set -e
chown --reference="$ROOT$VOLUME_AT" "$VOLUME"
chmod --reference="$ROOT$VOLUME_AT" "$VOLUME"
mount -o remount,bind,ro "$ROOT"
mount -o remount,bind,ro "$ROOT/app"
mount -t tmpfs dacapo "$ROOT/tmp"
mount --bind "$VOLUME" "$ROOT$VOLUME_AT"
exec chroot "$ROOT" setpriv --reuid="\${USER_ID%:*}" --regid="\${USER_ID#*:}" --clear-groups \
  --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
`;

/** What a container gets beside its image. */
export interface ContainerOptions {
  readonly env: Readonly<Record<string, string>>;
  /** User and group, by number. */
  readonly user: string;
  readonly volume: { readonly folder: string; readonly at: string };
}

/** Why this machine cannot make such roots; undefined where it can. */
export function rootsAreMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can make the root of a container";
  const script =
    "mount -t tmpfs x /mnt && cd /mnt && mkdir u w r && mount -t overlay x -o lowerdir=/,upperdir=u,workdir=w r";
  const { status, stderr, error } = spawnSync("unshare", ["--mount", "--pid", "--fork", "sh", "-c", script]);
  return status === 0 ? undefined : `the root of a container cannot be made: ${error?.message ?? stderr}`;
}

/** Everything of the environment that reaches a registry from here. */
const reaching = Object.entries(process.env).filter(([name]) =>
  /^(https?_proxy|no_proxy|node_extra_ca_certs|npm_config_registry)$/i.test(name),
);

/** The file system of a stage: what is in `app` is its /app, all else is that of this machine, changed for nobody else. */
export class StageRoot implements AsyncDisposable {
  readonly #holder: ChildProcess;
  readonly #root: string;

  private constructor(holder: ChildProcess, root: string) {
    this.#holder = holder;
    this.#root = root;
  }

  /** Makes one in an empty folder. @throws {Error} where that cannot be done */
  static async make(folder: string): Promise<StageRoot> {
    const place = join(folder, "place");
    const app = join(folder, "app");
    for (const each of [place, app]) mkdirSync(each, { recursive: true });
    const holder = spawn("unshare", ["--mount", "sh", "-c", makeRoot], {
      env: { ...process.env, PLACE: place, APP: app, NODE: process.execPath },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [said] = await Promise.race([once(holder.stdout, "data"), once(holder, "exit")]);
    if (String(said) !== "made\n") throw new Error("the root of the stage was not made");
    return new StageRoot(holder, join(place, "root"));
  }

  /** The beginning of every command that sees this root; it dies with what it runs. */
  get #inside(): readonly string[] {
    return ["--target", String(this.#holder.pid), "--mount"];
  }

  /** Runs a RUN instruction. @throws {Error} with all that it printed */
  async run(command: string, env: Readonly<Record<string, string>>): Promise<void> {
    const script = `cd /app && ${command}`;
    const child = spawn("nsenter", [...this.#inside, "chroot", this.#root, "sh", "-c", script], {
      env: {
        ...Object.fromEntries(reaching),
        npm_config_prefer_offline: "true",
        HOME: "/root",
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output += chunk;
      });
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`RUN ${command} ended with ${code}:\n${output}`);
  }

  /** Starts a container, whose first process is child of the one that is answered. */
  start(command: readonly string[], { env, user, volume }: ContainerOptions): ChildProcess {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    const contained = ["env", "--ignore-environment", "--chdir=/app", path, ...variables, ...command];
    const alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child"];
    return spawn("nsenter", [...this.#inside, ...alone, "sh", "-c", runContainer, "sh", ...contained], {
      env: {
        PATH: process.env.PATH,
        ROOT: this.#root,
        VOLUME: volume.folder,
        VOLUME_AT: volume.at,
        USER_ID: user,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#holder, "exit");
    this.#holder.stdin?.end();
    await ended;
  }
}
