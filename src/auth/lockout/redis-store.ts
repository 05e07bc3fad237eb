import { connectRedis } from '../../db/connection/redis.ts';
import { inTime } from '../../deadline.ts';
import { AppError } from '../../errors.ts';
import { type AttemptResult, type AttemptStore, lockoutSeconds } from './limits.ts';

const PREFIX = 'bulwark:try';
const keyOf = (kind: string, name: string) => `${PREFIX}:{tries}:${kind}:${name}`;

/** `record_attempt` of PostgreSQL as one atomic Redis script, by Redis' clock. */
const SETTLE = `
local given = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local wait, locked = 0, {}
for _, key in ipairs(KEYS) do
  local until_ = tonumber(redis.call('HGET', key, 'lockedUntil') or '0')
  if until_ > now then wait = math.max(wait, until_ - now) end
end
if wait > 0 then return cjson.encode({ accepted = false, waitSeconds = math.ceil(wait), locked = locked }) end
for index, key in ipairs(KEYS) do
  local subject = given.subjects[index]
  if given.succeeded then
    if subject.clears then redis.call('DEL', key) end
  else
    local was = redis.call('HMGET', key, 'failures', 'lockouts', 'lockedUntil', 'failedAt')
    local failures, lockouts = tonumber(was[1] or '0'), tonumber(was[2] or '0')
    local failedAt = tonumber(was[4] or tostring(now))
    local lockedUntil = tonumber(was[3] or '0')
    if failedAt < now - given.failure then failures = 0 end
    if math.max(lockedUntil, failedAt) < now - given.memory then lockouts = 0 end
    failures = failures + 1
    lockedUntil = 0
    if failures >= subject.allowed then
      lockedUntil = now + math.min(given.longest, given.first * 2 ^ math.min(lockouts, 30))
      failures, lockouts = 0, lockouts + 1
      table.insert(locked, subject.name)
      wait = math.max(wait, lockedUntil - now)
    end
    redis.call('HSET', key, 'failures', failures, 'lockouts', lockouts, 'lockedUntil', string.format('%.6f', lockedUntil), 'failedAt', string.format('%.6f', now))
    redis.call('EXPIRE', key, lockouts > 0 and given.memory + given.longest or given.failure + 1)
  end
end
return cjson.encode({ accepted = true, waitSeconds = math.ceil(wait), locked = locked })`;

const WAIT = `
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local wait = 0
for _, key in ipairs(KEYS) do wait = math.max(wait, tonumber(redis.call('HGET', key, 'lockedUntil') or '0') - now) end
return math.ceil(wait)`;

/**
 * Time-out of Redis. Without an answer sign-in is refused: uncounted attempts would be unlimited.
 */
const TIMEOUT_MS = 2_000;

/**
 * Counts in Redis, for deployments of many instances. @throws {StartupError} when it cannot be
 * reached at start
 */
export async function openRedisAttempts(url: string, onError: (error: Error) => void): Promise<AttemptStore> {
  const client = await connectRedis(url, onError);
  // the client's own time-out ends once a command is sent
  const answered = <T>(command: Promise<T>): Promise<T> =>
    inTime(TIMEOUT_MS, (deadline) => deadline.race(command)).catch((cause) => {
      throw new AppError('UNAVAILABLE', 'Attempts cannot be counted; retry later.', { cause });
    });
  const run = (script: string, keys: string[], args: string[] = []) =>
    answered(client.eval(script, { keys, arguments: args }));
  return {
    wait: async (kind, subjects) =>
      subjects.length === 0
        ? 0
        : Number(
            await run(
              WAIT,
              subjects.map(({ name }) => keyOf(kind, name)),
            ),
          ),
    async count(kind, subjects, succeeded) {
      const keys = subjects.map(({ name }) => keyOf(kind, name));
      const answer = await run(SETTLE, keys, [JSON.stringify({ subjects, succeeded, ...lockoutSeconds })]);
      const settled = JSON.parse(String(answer)) as AttemptResult;
      return { ...settled, locked: Array.isArray(settled.locked) ? settled.locked : [] }; // Lua's empty table is an object
    },
    async clear(kinds, names) {
      const keys = kinds.flatMap((kind) => names.map((name) => keyOf(kind, name)));
      if (keys.length > 0) await answered(client.del(keys));
    },
    close: async () => void (await client.close()),
  };
}
