-- Shows one call with its request and answer.
-- ARGV: id.
-- Returns {{id, fn, st, ac, tr, fa, at, re}, request, answer}, or nothing.

local id = ARGV[1]
local row = redis.call('HMGET', key('call', id), unpack(fields))
if not row[1] then return false end
table.insert(row, 1, id)
return { row, redis.call('GET', key('request', id)), redis.call('GET', key('answer', id)) }
