/** The scopes in a text, malformed ones too: they are told like those that do not exist. */
export const scopesIn = (text: string): readonly string[] =>
  text.split(/\s+/).filter((scope) => scope !== "");

/** Nothing where a text is empty, as products write down what is not set. */
export const given = (text: string | null | undefined): string | undefined =>
  text === null || text === "" ? undefined : text;
