import { script } from "./script.ts";

/**
 * Notes on which server a meta stands, and makes it where there is none. KEYS[3] is the meta. ARGV: the run id of the
 * server, a build for a new meta or '', whether who asks comes from another server (1 or 0), the generation (noted in
 * KEYS[4]).
 * Answers the meta.
 */
export const settleScript = script(`
local text = redis.call('GET', KEYS[3])
local meta = parse(text)
if meta and meta.server == ARGV[1] and ARGV[3] == '0' then return text end
local now = whole(time())
redis.call('ZADD', KEYS[4], now, ARGV[4])
if not meta then
  if ARGV[2] == '' then return false end
  return save(KEYS[3], { build = ARGV[2], position = '0', heartbeat = '0', server = ARGV[1], moved = ARGV[3] == '1' and now or '0' })
end
meta.server = ARGV[1]
meta.moved = now
return save(KEYS[3], meta)
`);

/**
 * Says that a projector lives. ARGV: build, position, server, the time (epoch ms of the server) after which nobody
 * means it any more (a server that was paused finds old commands when it wakes), the generation (noted in KEYS[3]).
 * Answers 1 or 0.
 */
export const beatScript = script(`
local held, meta = holder(ARGV[1])
if held ~= KEYS[1] or meta.position ~= ARGV[2] or meta.server ~= ARGV[3] then return 0 end
local now = time()
if now > tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[3], whole(now), ARGV[5])
meta.heartbeat = whole(meta.heartbeat + 1)
save(held, meta)
return 1
`);
