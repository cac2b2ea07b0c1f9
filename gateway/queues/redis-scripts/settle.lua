-- Ends a run.
-- ARGV: id, try, next state (done, dead, waiting), ms (that the end is kept, or until it runs again), reason ('' for none),
--       1 if the run counts as failed, 1 if there is an answer, answer.
-- Returns 1, or 0 when this run is not the one that counts any more.

local id, state, ms, reason, answer = ARGV[1], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[8]
local call = redis.call('HMGET', key('call', id), 'fn', 'st', 'tr', 'pr', 'ac', 'sz')
local fn, accepted = call[1], call[5]
if call[2] ~= 'running' or call[3] ~= ARGV[2] then return 0 end

local time = now()
leave(id, fn, 'running')

if state == 'waiting' then
  if ARGV[6] == '1' then redis.call('HINCRBY', key('call', id), 'fa', 1) end
  if ms > 0 then
    redis.call('HSET', key('call', id), 'st', 'delayed', 'at', time + ms, 're', reason)
    redis.call('ZADD', key('delayed', fn), accepted, id)
    redis.call('ZADD', key('due'), time + ms, id)
    wake()
  else
    redis.call('HSET', key('call', id), 'st', 'waiting', 're', reason)
    wait(id, fn, call[4], accepted)
  end
else
  -- While it ran it held its request and no answer.
  local size = tonumber(call[6])
  if state == 'done' then
    redis.call('DEL', key('request', id))
    size = callBytes
  end
  if ARGV[7] == '1' then
    redis.call('SET', key('answer', id), answer)
    size = size + #answer
  end
  redis.call('INCRBY', key('bytes'), size - call[6])
  redis.call('HSET', key('call', id), 'st', state, 'at', time, 're', reason, 'sz', size)
  redis.call('ZADD', key(state, fn), accepted, id)
  redis.call('ZADD', key('kept'), time + ms, id)
  redis.call('PUBLISH', key('ended', id), state)
end
-- Its place is free for the next call of the function.
if redis.call('EXISTS', key('order', fn)) == 1 then wake() end
return 1
