import { Counter, Histogram, type Registry } from 'prom-client'

/** A request to the API, answered. */
export interface ApiRequest {
  readonly method: string
  /** The route that took it. */
  readonly path: string
  readonly status: number
  readonly seconds: number
}

/** Counts requests to the API; calls of functions are counted elsewhere, and far more cheaply. */
export function httpMetrics(registry: Registry): (request: ApiRequest) => void {
  const labels = { labelNames: ['method', 'path', 'code'], registers: [registry] }
  const total = new Counter({ ...labels, name: 'http_requests_total', help: 'Requests to the API.' })
  const duration = new Histogram({
    ...labels,
    name: 'http_request_duration_seconds',
    help: 'How long requests to the API took.',
  })
  return ({ method, path, status, seconds }) => {
    const names = { method, path, code: String(status) }
    total.inc(names)
    duration.observe(names, seconds)
  }
}
