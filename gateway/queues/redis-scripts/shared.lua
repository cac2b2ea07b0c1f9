-- Stands before every script of the queue. KEYS[1] is the prefix of all its keys; they share one hash slot.
--
--   call:<id>            hash: fn, st(ate), pr(iority), ac(cepted), si(nce when its age counts), at, tr(ies),
--                        fa(ilures), re(ason; '' for none), sz (what it holds of the queue's bytes),
--                        ch(ange by hand that sent it again, the last one)
--   request:<id>         string: the request, as bytes
--   answer:<id>          string: the last answer, as bytes
--   <state>:<function>   sorted set: the calls in that state, by the time they were accepted
--   order:<function>     sorted set: the waiting calls, in the order in which they run
--   line                 sorted set: functions with waiting calls; who was served longest ago comes first
--   due, leases, kept    sorted sets: delayed, running and ended calls, by the time when that is over
--   key:<length>:<function>:<key>  string: the call that came first with this idempotency key
--   functions            set: the functions that have calls
--   wake                 list: a token when there is something to take
--   counter, bytes       numbers: the last place in line; bytes held
--   swept, grace         times: the last sweep; no lease is taken away before

local prefix = KEYS[1]
local callBytes = 700
local states = { 'waiting', 'delayed', 'running', 'done', 'dead', 'cancelled' }
local fields = { 'fn', 'st', 'ac', 'tr', 'fa', 'at', 're' }

local function key(kind, of)
  if of then return prefix .. ':' .. kind .. ':' .. of end
  return prefix .. ':' .. kind
end

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function wake()
  if redis.call('LLEN', key('wake')) == 0 then redis.call('LPUSH', key('wake'), 1) end
end

-- Members that a sorted set gains or loses: gathered, and told to Redis with one command for each set.
local gathered = {}
local function later(command, set, ...)
  local id = command .. set
  local members = gathered[id]
  if not members then
    members = { command, set }
    gathered[id] = members
  end
  for _, argument in ipairs({ ... }) do members[#members + 1] = argument end
end

-- What the queue holds more, or less.
local heldMore = 0
local function hold(bytes) heldMore = heldMore + bytes end

-- Tells Redis what was gathered.
local function tell()
  for _, members in pairs(gathered) do redis.call(unpack(members)) end
  gathered = {}
  if heldMore ~= 0 then redis.call('INCRBY', key('bytes'), heldMore) end
  heldMore = 0
end

-- Puts a call into the line of its function; then it is to be told, and somebody to be woken.
local lastPlace
local function wait(id, fn, priority, accepted)
  -- Places are taken by the hundred: one command for a whole batch.
  if not lastPlace or lastPlace % 100 == 0 then lastPlace = redis.call('INCRBY', key('counter'), 100) - 100 end
  lastPlace = lastPlace + 1
  later('ZADD', key('waiting', fn), accepted, id)
  -- Priority counts before the order of coming.
  later('ZADD', key('order', fn), (9 - priority) * 2 ^ 48 + lastPlace, id)
  if redis.call('ZADD', key('line'), 'NX', lastPlace, fn) == 1 then redis.call('SADD', key('functions'), fn) end
end

-- Takes a call out of the sets of its state; the caller puts it into those of the next one.
local function leave(id, fn, state)
  redis.call('ZREM', key(state, fn), id)
  if state == 'delayed' then
    redis.call('ZREM', key('due'), id)
  elseif state == 'running' then
    redis.call('ZREM', key('leases'), id)
  elseif state == 'waiting' then
    redis.call('ZREM', key('order', fn), id)
    if redis.call('EXISTS', key('order', fn)) == 0 then redis.call('ZREM', key('line'), fn) end
  else
    redis.call('ZREM', key('kept'), id)
  end
end

local function forget(id, fn, state)
  leave(id, fn, state)
  hold(-redis.call('HGET', key('call', id), 'sz'))
  redis.call('DEL', key('call', id), key('request', id), key('answer', id))
end
