/** What an access token of ours says. */
export const claims = {
  iss: "http://localhost:8000",
  sub: "c_AZ2y1Xh0d6yY0cFkJ2mWzA",
  aud: "https://api.example/",
  client_id: "c_AZ2y1Xh0d6yY0cFkJ2mWzA",
  scope: "read write",
  jti: "AZ2y1Xh0d6yY0cFkJ2mWzA.0",
  iat: 1_795_478_400,
  exp: 1_795_479_300,
  client_epoch: 0,
};

export const header = { alg: "ES256", kid: "P9v1YBn4ywe2AvQFyzP3CNWvLh9nyx4EIkpCkMZIJ2w", typ: "at+jwt" };
