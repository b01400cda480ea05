export const isNightly = process.env.DACAPO_FAULTS === "nightly";

/** How long and how often: short on every change, longer at night. */
export const size = isNightly
  ? { rounds: 4, seconds: 6, hang: 10_000, testTimeout: 600_000 }
  : { rounds: 1, seconds: 1, hang: 4_000, testTimeout: 120_000 };

/** A fresh seed, or that of DACAPO_SEED to see a run again. */
export const seed = Number(process.env.DACAPO_SEED ?? Math.floor(Math.random() * 2 ** 31));
