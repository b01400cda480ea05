/** A refresh token was stolen, and both the app and the thief use it: who had what, when, and did it end? */
import { tokensOf } from "../../test/support/process-client.ts";
import { moment, setScene } from "./scene.ts";

await using scene = await setScene();
const { server, say, type, refresh } = scene;

say("alice signs in to the app. Malware on her machine copies the refresh token.");
const first = await tokensOf(server, "alice");
say("The app refreshes, and refreshes again, as it always does.");
const second = await refresh(first.refresh_token);
const third = await refresh(second?.refresh_token ?? "");
const before = await moment();
say("The thief tries the token that was copied. The app, a little later, is refused too.");
await refresh(first.refresh_token);
await refresh(third?.refresh_token ?? "");

say('The helpdesk: "alice was signed out of the app for no reason". What was noticed?');
await type("audit anomalies");
say("What happened to the token that the app held?");
await type("audit timeline --token - --no-related", third?.refresh_token);
say("Was the app's access token good before, and is it now? Each sentence names the event that says so.");
await type(`audit explain --token - --at ${before}`, third?.access_token);
await type("audit explain --token -", third?.access_token);
say("What can be done in her name now?");
await type("audit access --user alice");
await server.stop();
