import type { Exchange } from "./load.ts";

const text = (form: Readonly<Record<string, string>>): string => new URLSearchParams(form).toString();

/** Asks for an access token over and over; no two answers may hold the same one. */
export function issuing(form: Readonly<Record<string, string>>): Exchange {
  const body = text({ ...form, grant_type: "client_credentials", scope: "read write" });
  let last = "";
  return {
    body,
    isRight(status, answer) {
      if (status !== 200) return false;
      const { access_token: token, token_type: type } = JSON.parse(answer);
      if (typeof token !== "string" || token === last || type.toLowerCase() !== "bearer") return false;
      last = token;
      return true;
    },
  };
}

/** Presents each refresh token once, from a first one on; no answer may hold the one that was presented. */
export function rotating(first: string, form: Readonly<Record<string, string>>): Exchange {
  let current = first;
  return {
    body: () => text({ ...form, grant_type: "refresh_token", refresh_token: current }),
    isRight(status, answer) {
      if (status !== 200) return false;
      const { refresh_token: next, access_token: token } = JSON.parse(answer);
      if (typeof next !== "string" || typeof token !== "string" || next === current) return false;
      current = next;
      return true;
    },
  };
}

/** Redeems each code once, out of a list that others take from too. */
export function redeeming(
  codes: string[],
  verifier: string,
  redirectUri: string,
  form: Readonly<Record<string, string>>,
): Exchange {
  return {
    body: () =>
      text({
        ...form,
        grant_type: "authorization_code",
        code: codes.pop() ?? "",
        redirect_uri: redirectUri,
        code_verifier: verifier,
      }),
    isRight(status, answer) {
      if (status !== 200) return false;
      const { refresh_token: refresh, access_token: access } = JSON.parse(answer);
      return typeof refresh === "string" && typeof access === "string";
    },
  };
}
