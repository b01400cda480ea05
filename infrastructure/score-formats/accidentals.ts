const signs: Readonly<Record<number, string>> = { [-2]: "bb", [-1]: "b", 0: "", 1: "#", 2: "x" };

/** How an alteration by semitones is written after the letter; undefined for quarter tones and beyond two. */
export const signOf = (alter: number): string | undefined => signs[alter];
