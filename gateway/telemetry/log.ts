import { pino } from 'pino'
import type { Log } from '../core/ports.ts'

/** One JSON line per event on stdout: `{"level":"info","time":"…","event":"…",…}`. */
export function jsonLog(level: string): Log {
  const logger = pino({
    level,
    base: null,
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  })
  return {
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
    error: (event, fields = {}) => logger.error(fields, event),
  }
}
