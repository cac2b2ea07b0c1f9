-- Retries, cancels or purges calls by hand; those whose state does not allow it are left alone.
-- ARGV: action, name of this change, function to retry against ('' for the same one), ms that a cancelled call is kept, ids …
-- Returns how many it has changed.

local action, name, target, keep = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local possible = {
  retry = { dead = true, cancelled = true },
  cancel = { waiting = true, delayed = true, running = true },
  purge = { done = true, dead = true, cancelled = true },
}
local time = now()

local function change(id, fn, state, priority, accepted)
  if action == 'purge' then return forget(id, fn, state) end
  leave(id, fn, state)
  if action == 'cancel' then
    redis.call('HSET', key('call', id), 'st', 'cancelled', 'at', time)
    redis.call('ZADD', key('cancelled', fn), accepted, id)
    redis.call('ZADD', key('kept'), time + keep, id)
    redis.call('PUBLISH', key('ended', id), 'cancelled')
    return
  end
  if target ~= '' then fn = target end
  local size = callBytes + redis.call('STRLEN', key('request', id))
  hold(size - redis.call('HGET', key('call', id), 'sz'))
  redis.call('HSET', key('call', id), 'fn', fn, 'st', 'waiting', 'fa', 0, 'si', time, 'sz', size, 'ch', name)
  redis.call('DEL', key('answer', id))
  wait(id, fn, priority, accepted)
end

local changed = 0
for i = 5, #ARGV do
  local call = redis.call('HMGET', key('call', ARGV[i]), 'fn', 'st', 'pr', 'ac')
  if call[1] and possible[action][call[2]] then
    change(ARGV[i], call[1], call[2], call[3], call[4])
    changed = changed + 1
  end
end
tell()
if changed > 0 then wake() end -- there are calls to run, or free places
return changed
