import type { PageServer } from '../net/servePages.ts'
import { servePages } from '../net/servePages.ts'
import { UsageError } from './shell.ts'

/**
 * What administrators and their programs are told, on this machine alone: metrics.
 *
 * @param port 0: nothing is opened
 * @param metrics the exposition at this moment
 * @throws UsageError when the port is not to be had
 */
export async function openAdministration(port: number, metrics: () => string): Promise<PageServer | undefined> {
  if (port === 0) return undefined
  const served = await servePages(port, (path) =>
    path === '/metrics'
      ? { status: 200, type: 'application/openmetrics-text; version=1.0.0; charset=utf-8', body: metrics() }
      : { status: 404, type: 'text/plain; charset=utf-8', body: 'metrics are at /metrics\n' },
  )
  if ('ok' in served) return served.ok
  const why = served.error === 'EADDRINUSE' ? 'is taken' : `cannot be listened on (${served.error})`
  throw new UsageError(
    `port ${port} of 127.0.0.1 ${why}: choose another with gate.administration-port, 0 for no administration`,
  )
}
