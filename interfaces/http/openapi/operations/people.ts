import { statusRequest } from "../../admin/input.ts";
import { newPassword } from "../../admin/user-access.ts";
import { namedUser, newUser, userScope, usersQuery } from "../../admin/users.ts";
import {
  appsAnswer,
  erasureAnswer,
  sessionAnswer,
  sessionsAnswer,
  userAnswer,
  usersAnswer,
} from "../answers/admin.ts";
import { answered, answeredNothing, type Operations } from "../operation.ts";
import { administrative, created, listed } from "./administrative.ts";

const tag = "Users";
const path = ["userId"];
const faults = ["notFound"] as const;

/** /admin/users */
export const people: Operations = {
  "/admin/users": {
    get: administrative({
      ...{ id: "listUsers", tag, summary: "List users, page by page" },
      query: usersQuery,
      answers: { "200": listed("A page of users in the order of their ids", usersAnswer) },
    }),
    post: administrative({
      ...{ id: "createUser", tag, summary: "Create a user" },
      body: newUser,
      isRepeatable: true,
      faults: ["conflict"],
      answers: { "201": created("The user", userAnswer) },
    }),
  },
  "/admin/users/find": {
    post: administrative({
      ...{ id: "findUser", tag, summary: "Find a user by name, which so stands in no URL" },
      body: namedUser,
      faults,
      answers: { "200": answered("The user", userAnswer) },
    }),
  },
  "/admin/users/{userId}": {
    get: administrative({
      ...{ id: "getUser", tag, summary: "Read a user", path, faults },
      answers: { "200": answered("The user", userAnswer) },
    }),
    delete: administrative({
      ...{ id: "eraseUser", tag, summary: "Erase a person for good", path, faults },
      description:
        "All that the person had is dead at once, and cannot be brought back. The id stays, so that what it did is told apart.",
      answers: {
        "200": answered("The data are gone", erasureAnswer),
        "202": answered(
          "All is dead; the store is still to remove the data, which a job sees to",
          erasureAnswer,
        ),
      },
    }),
  },
  "/admin/users/{userId}/scope": {
    put: administrative({
      ...{ id: "setUserScope", tag, summary: "Set what a user may grant", path },
      description: "Tokens lose at once what was taken.",
      body: userScope,
      faults: ["notFound", "conflict"],
      answers: { "200": answered("The user as it is now", userAnswer) },
    }),
  },
  "/admin/users/{userId}/status": {
    put: administrative({
      ...{ id: "setUserStatus", tag, summary: "Disable or enable a user", path },
      description: "Disabling ends all sessions and tokens; enabling brings none of them back.",
      body: statusRequest,
      faults: ["notFound", "conflict"],
      answers: { "200": answered("The user as it is now", userAnswer) },
    }),
  },
  "/admin/users/{userId}/password": {
    put: administrative({
      ...{
        id: "setPassword",
        tag,
        summary: "Set a password, which ends all sessions and tokens",
        path,
        faults,
      },
      body: newPassword,
      answers: { "204": answeredNothing("It is set, and all is ended") },
    }),
  },
  "/admin/users/{userId}/sessions": {
    get: administrative({
      ...{
        id: "listSessions",
        tag: "Sessions",
        summary: "List the open sessions, the newest first",
        path,
        faults,
      },
      answers: { "200": answered("The sessions", sessionsAnswer) },
    }),
    delete: administrative({
      ...{
        id: "endSessions",
        tag: "Sessions",
        summary: "End all sessions and tokens of a user",
        path,
        faults,
      },
      answers: { "204": answeredNothing("All are ended") },
    }),
  },
  "/admin/users/{userId}/sessions/{sessionId}": {
    get: administrative({
      ...{
        id: "getSession",
        tag: "Sessions",
        summary: "Read an open session",
        path: ["userId", "sessionId"],
        faults,
      },
      answers: { "200": answered("The session", sessionAnswer) },
    }),
    delete: administrative({
      ...{ id: "endSession", tag: "Sessions", summary: "End a session and the tokens bound to it" },
      ...{ path: ["userId", "sessionId"], faults },
      answers: { "204": answeredNothing("It is ended") },
    }),
  },
  "/admin/users/{userId}/apps": {
    get: administrative({
      ...{
        id: "listApps",
        tag,
        summary: "List the apps that hold tokens, the last used first",
        path,
        faults,
      },
      answers: { "200": answered("The apps", appsAnswer) },
    }),
  },
  "/admin/users/{userId}/apps/{clientId}": {
    delete: administrative({
      ...{ id: "disconnectApp", tag, summary: "End all tokens of an app and withdraw its consent" },
      ...{ path: ["userId", "clientId"], faults },
      answers: { "204": answeredNothing("It holds nothing of this user") },
    }),
  },
};
