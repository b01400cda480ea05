import { script } from "./script.ts";

/**
 * Begins a successor, or takes up the one there is. ARGV: its build, the run id of the server, '1' for the part that
 * decides which build it is, the prefix of all generations. Answers the build. KEYS[3] are the builds that were replaced.
 */
export const beginScript = script(`
local live, next = parse(redis.call('GET', KEYS[1])), parse(redis.call('GET', KEYS[2]))
if next and (ARGV[3] == '1' or next.build == ARGV[1]) then return next.build end
if ARGV[3] ~= '1' and live and live.build == ARGV[1] then return live.build end
if next then redis.call('SADD', KEYS[3], ARGV[4] .. next.build .. ':') end
save(KEYS[2], { build = ARGV[1], position = '0', heartbeat = '0', server = ARGV[2], moved = live and live.moved or '0' })
return ARGV[1]
`);

/**
 * Makes a successor the live build where it holds all that the live one holds. The heartbeat goes on where it was: that
 * a successor is whole does not say that it is up to date. ARGV: its build, the run id of the server, the prefix of all
 * generations. Answers 1 or 0.
 */
export const takeOverScript = script(`
local live, next = parse(redis.call('GET', KEYS[1])), parse(redis.call('GET', KEYS[2]))
if live and live.build == ARGV[1] then return 1 end
if not next or next.build ~= ARGV[1] or next.server ~= ARGV[2] then return 0 end
if live then
  if live.server ~= ARGV[2] or less(next.position, live.position) then return 0 end
  next.heartbeat = live.heartbeat
  if tonumber(next.moved) < tonumber(live.moved) then next.moved = live.moved end
  redis.call('SADD', KEYS[3], ARGV[3] .. live.build .. ':')
end
save(KEYS[1], next)
redis.call('DEL', KEYS[2])
return 1
`);
