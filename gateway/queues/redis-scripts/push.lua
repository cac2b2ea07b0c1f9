-- Accepts a call.
-- ARGV: id, function, request, priority, delay in ms, idempotency key ('' for none), how long that is known in ms,
--       bytes that the queue may hold.
-- Returns {'ok', id}, {'ok', id of the first call with this key}, {'taken'} or {'full'}.

local id, fn, request, priority, delay, idempotency = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]

if idempotency ~= '' then
  local first = redis.call('GET', key('key', fn .. ':' .. idempotency))
  if first then return { 'ok', first } end
end
if redis.call('EXISTS', key('call', id)) == 1 then return { 'taken' } end

local size = callBytes + #request
if redis.call('INCRBY', key('bytes'), size) > tonumber(ARGV[8]) then
  redis.call('DECRBY', key('bytes'), size)
  return { 'full' }
end

local time = now()
local state = delay > 0 and 'delayed' or 'waiting'
redis.call('SET', key('request', id), request)
redis.call('HSET', key('call', id), 'fn', fn, 'st', state, 'pr', priority, 'ac', time, 'si', time + delay, 'at', time + delay, 'tr', 0,
  'fa', 0, 're', '', 'sz', size)
if idempotency ~= '' then redis.call('SET', key('key', fn .. ':' .. idempotency), id, 'PX', ARGV[7]) end
if delay > 0 then
  redis.call('SADD', key('functions'), fn)
  redis.call('ZADD', key('delayed', fn), time, id)
  redis.call('ZADD', key('due'), time + delay, id)
  wake() -- who sleeps has to learn of the new time
else
  wait(id, fn, priority, time)
end
return { 'ok', id }
