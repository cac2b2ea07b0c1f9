-- Takes away leases that nobody keeps, and forgets what is kept no longer. Every gateway calls it once a second.
-- ARGV: length of the lease in ms, how many calls at most.
-- Returns how many calls it has changed.

local time, lease, most = now(), tonumber(ARGV[1]), ARGV[2]

-- Nobody has swept for a while: Redis was away, or all gateways were. Those that live must first have the time
-- to keep their leases, or what they are running now would run twice.
local swept = tonumber(redis.call('GET', key('swept')) or time)
redis.call('SET', key('swept'), time)
if time - swept > lease / 2 then redis.call('SET', key('grace'), time + lease) end

local changed = 0
if time >= tonumber(redis.call('GET', key('grace')) or 0) then
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('leases'), '-inf', time, 'LIMIT', 0, most)) do
    local call = redis.call('HMGET', key('call', id), 'fn', 'pr', 'ac')
    leave(id, call[1], 'running')
    redis.call('HSET', key('call', id), 'st', 'waiting')
    wait(id, call[1], call[2], call[3])
    changed = changed + 1
  end
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('kept'), '-inf', time, 'LIMIT', 0, most)) do
  local call = redis.call('HMGET', key('call', id), 'fn', 'st')
  forget(id, call[1], call[2])
  changed = changed + 1
end
tell()
if changed > 0 then wake() end
return changed
