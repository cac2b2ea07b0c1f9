-- Ends runs.
-- ARGV: for each run: id, try, next state (done, dead, waiting), ms (that the end is kept, or until it runs again), reason
--       ('' for none), 1 if the run counts as failed, 1 if there is an answer, answer.
-- Returns for each run 1, or 0 when it is not the one that counts any more.

local time = now()
local delayed = false

local function again(id, fn, call, ms, reason, failed)
  if failed then redis.call('HINCRBY', key('call', id), 'fa', 1) end
  if ms > 0 then
    redis.call('HSET', key('call', id), 'st', 'delayed', 'at', time + ms, 're', reason)
    later('ZADD', key('delayed', fn), call[5], id)
    later('ZADD', key('due'), time + ms, id)
    delayed = true
  else
    redis.call('HSET', key('call', id), 'st', 'waiting', 're', reason)
    wait(id, fn, call[4], call[5])
  end
end

local function over(id, fn, call, state, ms, reason, answer)
  -- While it ran it held its request and no answer.
  local size = tonumber(call[6])
  if state == 'done' then
    redis.call('DEL', key('request', id))
    size = callBytes
  end
  if answer then
    redis.call('SET', key('answer', id), answer)
    size = size + #answer
  end
  hold(size - call[6])
  redis.call('HSET', key('call', id), 'st', state, 'at', time, 're', reason, 'sz', size)
  later('ZADD', key(state, fn), call[5], id)
  later('ZADD', key('kept'), time + ms, id)
  redis.call('PUBLISH', key('ended', id), state)
end

local function settle(id, try, state, ms, reason, failed, answer)
  local call = redis.call('HMGET', key('call', id), 'fn', 'st', 'tr', 'pr', 'ac', 'sz')
  if call[2] ~= 'running' or call[3] ~= try then return 0 end
  later('ZREM', key('running', call[1]), id)
  later('ZREM', key('leases'), id)
  if state == 'waiting' then
    again(id, call[1], call, ms, reason, failed)
  else
    over(id, call[1], call, state, ms, reason, answer)
  end
  return 1
end

local answers = {}
for i = 1, #ARGV, 8 do
  answers[#answers + 1] = settle(ARGV[i], ARGV[i + 1], ARGV[i + 2], tonumber(ARGV[i + 3]), ARGV[i + 4], ARGV[i + 5] == '1',
    ARGV[i + 6] == '1' and ARGV[i + 7])
end
tell()
-- The places that are free now may be waited for; who sleeps has to learn of a new time.
if delayed or redis.call('EXISTS', key('line')) == 1 then wake() end
return answers
