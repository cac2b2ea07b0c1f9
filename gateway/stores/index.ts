import type { Store } from '../core/store.ts'

export const stores = {
  embedded: async (file: string): Promise<Store> => (await import('./embedded.ts')).embeddedStore(file),
  redis: async (url: string): Promise<Store> => (await import('./redis.ts')).redisStore(url),
}
