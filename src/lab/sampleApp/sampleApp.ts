import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { acceptSocket } from '../servers/webSocket.ts'
import { samplePage, sampleScript, sampleStyle } from './samplePage.ts'

/** A small app that knows nothing of sign-in: it believes what the gate before it says. */
export interface SampleApp {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string
  /** Ends at once; open connections are cut. */
  close(): Promise<void>
}

/** Milliseconds between two lines of the event stream. */
const tickMs = 1000

/** Opens the app on loopback, at any free port. */
export async function openSampleApp(): Promise<SampleApp> {
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => answer(request, response))
  server.on('upgrade', (request, socket) => {
    if (pathOf(request) === '/live/socket') acceptSocket(request, socket)
    else socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?', 1)[0] ?? '/'

type Made = (who: ToldIdentity) => readonly [type: string, body: string]

const html =
  (path: string): Made =>
  (who) => ['text/html; charset=utf-8', samplePage(path, who)]

/** The answer at each path, besides the event stream, which does not end. */
const answers: ReadonlyMap<string, Made> = new Map<string, Made>([
  ['/', html('/')],
  ['/team', html('/team')],
  ['/admin', html('/admin')],
  ['/vault', html('/vault')],
  ['/style.css', () => ['text/css; charset=utf-8', sampleStyle]],
  ['/script.js', () => ['text/javascript; charset=utf-8', sampleScript]],
  ['/api/hello', (who) => ['application/json', `${JSON.stringify({ hello: who })}\n`]],
])

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = pathOf(request)
  if (path === '/live/events') {
    stream(request, response)
    return
  }
  const [type, body] = answers.get(path)?.(identityOf(request)) ?? []
  if (type === undefined || body === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('the sample app has nothing here\n')
  } else {
    send(response, type, body)
  }
}

function send(response: ServerResponse, type: string, body: string): void {
  response
    .writeHead(200, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'content-security-policy':
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'",
    })
    .end(body)
}

/** What the gate says of whoever asks, and nobody else can: it takes these fields out of what clients send. */
export type ToldIdentity = Readonly<Record<'kind' | 'name' | 'tenant' | 'objectId' | 'roles', string>>

function identityOf({ headers }: IncomingMessage): ToldIdentity {
  const field = (name: string): string => {
    const value = headers[`x-postern-identity-${name}`]
    return typeof value === 'string' ? decodeURIComponent(value) : ''
  }
  return {
    kind: field('kind') || 'nobody',
    name: field('name'),
    tenant: field('tenant'),
    objectId: field('object-id'),
    roles: field('roles').replaceAll(',', ', '),
  }
}

/** Server-sent events, until either end goes. */
function stream(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  let count = 0
  const tick = (): void => {
    count += 1
    response.write(`data: ${count}\n\n`)
  }
  tick()
  const timer = setInterval(tick, tickMs)
  request.once('close', () => clearInterval(timer))
  response.once('close', () => clearInterval(timer))
}
