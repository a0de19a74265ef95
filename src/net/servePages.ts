import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One answer of a page server. */
export interface PageAnswer {
  readonly status: number
  readonly type: string
  readonly body: string
  /** The Content-Security-Policy of a page that needs more than nothing at all. */
  readonly policy?: string
}

export interface PageServer {
  /** `http://127.0.0.1:8480`, with the port that was really taken. */
  readonly url: string
  /** Ends at once; open connections are cut. */
  close(): Promise<void>
}

export type ServedPages =
  | { readonly ok: PageServer }
  /** The platform's word: EADDRINUSE when the port is taken, EACCES when it needs rights. */
  | { readonly error: string }

/**
 * Serves pages to this machine alone: bound to 127.0.0.1, reading requests only, and only those that name this machine
 * as their host, so that a page elsewhere cannot reach it by a name of its own (DNS rebinding).
 *
 * @param port 0 takes any that is free
 * @param answer is given the path without its query
 */
export async function servePages(port: number, answer: (path: string) => PageAnswer): Promise<ServedPages> {
  const server = createServer(
    { maxHeaderSize: 16 * 1024, requestTimeout: 10_000, headersTimeout: 5_000 },
    (request, response) => {
      const host = (request.headers.host ?? '').replace(/:\d+$/, '')
      const refused =
        host !== '127.0.0.1' && host !== 'localhost'
          ? {
              status: 421,
              type: 'text/plain; charset=utf-8',
              body: 'this server answers for 127.0.0.1 and localhost only\n',
            }
          : request.method !== 'GET' && request.method !== 'HEAD'
            ? { status: 405, type: 'text/plain; charset=utf-8', body: 'GET and HEAD only\n' }
            : undefined
      const { status, type, body, policy }: PageAnswer = refused ?? answer((request.url ?? '/').split('?')[0] ?? '/')
      response.writeHead(status, {
        'content-type': type,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': policy ?? "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
        ...(status === 405 && { allow: 'GET, HEAD' }),
      })
      response.end(request.method === 'HEAD' ? undefined : body)
    },
  )
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? error.message }))
    server.listen(port, '127.0.0.1', () => {
      server.removeAllListeners('error')
      server.on('error', () => {})
      const { port: taken } = server.address() as AddressInfo
      resolve({
        ok: {
          url: `http://127.0.0.1:${taken}`,
          close: () =>
            new Promise((done) => {
              server.close(() => done())
              server.closeAllConnections()
            }),
        },
      })
    })
  })
}
