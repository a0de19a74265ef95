import type { ApiAnswer, ApiRequest } from '../net/serveApi.ts'
import { serveApi } from '../net/serveApi.ts'
import type { ServedPages } from '../net/servePages.ts'
import { UsageError } from './shell.ts'
import { version } from './version.ts'

/** The port that is documented, and those after it that are tried when it is taken; then any. */
const usualPorts = [8480, 8481, 8482, 8483, 8484, 8485, 8486, 8487, 8488, 8489, 0] as const

/** What is served while the small network runs, on this machine alone. */
export interface UpPages {
  /** `http://127.0.0.1:8480`, with the port that was really taken. */
  readonly url: string
  /** The page at `/`. */
  html: string
  /** Answers everything else, once there is a watcher: the API and the metrics. */
  api: ((request: ApiRequest) => Promise<ApiAnswer>) | undefined
  close(): Promise<void>
}

/**
 * Opens the page, which says that it waits until there is a report.
 *
 * @param asked a port that was asked for; absent: 8480, or the next that is free
 * @param say is told where the page is
 * @throws UsageError when no port is to be had
 */
export async function openUpPages(asked: number | undefined, say: (text: string) => void): Promise<UpPages> {
  const { livePolicy, waitingHtmlLive } = await import('./render/checkHtmlLive.ts')
  const pages: Pick<UpPages, 'html' | 'api'> = { html: waitingHtmlLive(version), api: undefined }
  const ports = asked === undefined ? usualPorts : [asked]
  let why = ''
  for (const port of ports) {
    const served = await serve(port, pages, livePolicy)
    if ('ok' in served) {
      const { url } = served.ok
      say(why === '' ? `The report: ${url}\n` : `${why}: the report is at ${url} instead.\n`)
      return Object.assign(pages, served.ok)
    }
    const reason = served.error === 'EADDRINUSE' ? 'is taken' : `cannot be listened on (${served.error})`
    if (why === '') why = `Port ${port} ${reason}`
  }
  throw new UsageError(
    asked === undefined
      ? `${why}, and no other is to be had on 127.0.0.1`
      : `${why.replace(/^P/, 'p')}, choose another with --port or leave it out for a free one`,
  )
}

async function serve(port: number, pages: Pick<UpPages, 'html' | 'api'>, policy: string): Promise<ServedPages> {
  const { refusalAnswer } = await import('../watch/api/problem.ts')
  const text = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
  return serveApi({
    port,
    refuse: refusalAnswer,
    answer(request) {
      const { path, method } = request
      if (path !== '/') return pages.api?.(request) ?? { status: 404, fields: text, body: 'the report is at /\n' }
      if (method !== 'GET' && method !== 'HEAD') {
        return { status: 405, fields: { ...text, allow: 'GET, HEAD' }, body: 'GET and HEAD only\n' }
      }
      const fields = { ...text, 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }
      return { status: 200, fields, body: pages.html }
    },
  })
}
