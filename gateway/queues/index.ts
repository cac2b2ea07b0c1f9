import type { Queue } from '../core/queue.ts'

export interface QueueOptions {
  /** What the queue holds at most: requests, answers and dead letters together. Default 256 MiB. */
  readonly maxBytes?: number
}

export const queues = {
  embedded: async (file: string, options?: QueueOptions): Promise<Queue> =>
    (await import('./embedded.ts')).embeddedQueue(file, options),
  redis: async (url: string, options?: QueueOptions): Promise<Queue> =>
    (await import('./redis.ts')).redisQueue(url, options),
}
