import { explain } from "./run.ts";

/** Closes on SIGINT or SIGTERM and ends the process; a second signal does not wait. */
export function stopOnSignal(close: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      void close().then(
        () => {
          console.log("Stopped.");
          process.exit(0);
        },
        (error: unknown) => {
          console.error(explain(error));
          process.exit(1);
        },
      );
    });
}
