import { createHash } from "node:crypto";

/** A Lua script that Redis runs as one step. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/**
 * What all scripts share. `KEYS[1]` is the meta of the live build, `KEYS[2]` that of its successor. Positions are
 * compared as text: Lua's numbers end at 2^53.
 */
const prelude = `
local function parse(text)
  if not text then return nil end
  local build, position, heartbeat, server, moved = string.match(text, '^(%S+) (%d+) (%d+) (%S+) (%d+)$')
  if not build then return nil end
  return { build = build, position = position, heartbeat = heartbeat, server = server, moved = moved }
end
local function save(key, meta)
  local text = table.concat({ meta.build, meta.position, meta.heartbeat, meta.server, meta.moved }, ' ')
  redis.call('SET', key, text)
  return text
end
local function holder(build)
  for place = 1, 2 do
    local meta = parse(redis.call('GET', KEYS[place]))
    if meta and meta.build == build then return KEYS[place], meta end
  end
end
local function less(one, other)
  if #one ~= #other then return #one < #other end
  return one < other
end
local function time()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end
local function whole(number) return string.format('%.0f', number) end
`;

/** Makes a script of this body. */
export function script(body: string): Script {
  const lua = prelude + body;
  return { lua, sha: createHash("sha1").update(lua).digest("hex") };
}
