import { Presets, SingleBar } from "cli-progress";

/** Tells how much of something is done. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

export interface ProgressOptions {
  /** Milliseconds until the bar is shown: what is done by then shows none. */
  readonly delay?: number;
  /** What is done already when it begins. */
  readonly from?: number;
}

/** Milliseconds until a step is worth a bar. */
const worthwhile = 2_000;

/** A progress bar on standard error; nothing where that is no terminal. */
export function progressBar(
  what: string,
  total: number,
  { delay = 0, from = 0 }: ProgressOptions = {},
): Progress {
  const bar = new SingleBar(
    {
      format: `${what} {bar} {percentage}% | {eta_formatted} left`,
      hideCursor: true,
      stream: process.stderr,
      noTTYOutput: false,
    },
    Presets.shades_classic,
  );
  const showAt = performance.now() + delay;
  return {
    update(done) {
      if (performance.now() < showAt) return;
      if (!bar.isActive) bar.start(total, from);
      bar.update(Math.min(done, total));
    },
    stop() {
      if (bar.isActive) bar.stop();
    },
  };
}

/** What is done in several steps, one bar behind the other, each from where it is worth one. */
export function tellingProgress(): {
  told(what: string, done: number, total: number): void;
  stop(): void;
} {
  let current: { readonly what: string; readonly bar: Progress } | undefined;
  function stop(): void {
    current?.bar.stop();
    current = undefined;
  }
  return {
    told(what, done, total) {
      if (current && current.what !== what) stop();
      current ??= { what, bar: progressBar(what, total, { delay: worthwhile }) };
      current.bar.update(done);
    },
    stop,
  };
}
