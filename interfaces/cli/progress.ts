import { Presets, SingleBar } from "cli-progress";

/** Tells how much of something is done. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** A progress bar on standard error; nothing where that is no terminal. */
export function progressBar(what: string, total: number): Progress {
  const bar = new SingleBar(
    {
      format: `${what} {bar} {percentage}% | {eta_formatted} left`,
      hideCursor: true,
      stream: process.stderr,
      noTTYOutput: false,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { update: (done) => bar.update(Math.min(done, total)), stop: () => bar.stop() };
}
