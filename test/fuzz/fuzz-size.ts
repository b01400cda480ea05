/** How long it goes on, in seconds: DACAPO_FUZZ_SECONDS, or a short while. */
export const seconds = Number(process.env.DACAPO_FUZZ_SECONDS ?? 5);

/** A fresh seed, or that of DACAPO_SEED to see a run again. */
export const seed = Number(process.env.DACAPO_SEED ?? Math.floor(Math.random() * 2 ** 31));
