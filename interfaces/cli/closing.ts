/** What a process opened, to be closed in the reverse order, once, however the process ends. */
export interface Closing {
  /** Aborted when closing begins. */
  readonly signal: AbortSignal;
  /** Opened now, closed then; at once where closing has begun. */
  add(close: () => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

/** Builds it, with nothing open. */
export function createClosing(): Closing {
  const stopping = new AbortController();
  const opened: (() => Promise<unknown>)[] = [];
  let closing: Promise<void> | undefined;
  async function closeAll(): Promise<void> {
    stopping.abort();
    for (const close of opened.splice(0).reverse()) await close();
  }
  return {
    signal: stopping.signal,
    async add(close) {
      if (stopping.signal.aborted) await close();
      else opened.push(close);
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}
