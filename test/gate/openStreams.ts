import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'
import { acceptSocket } from '../../src/lab/servers/webSocket.ts'
import { PlainBrowser } from '../plainBrowser.ts'
import type { TestGate } from './openTestGate.ts'

type Gate = Pick<TestGate, 'origin' | 'caPem'>
type Headers = Readonly<Record<string, string>>

/** Something that was opened and stays open until the gate ends it. */
export interface Opened {
  readonly status: number
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>
  /** Whether it is open still. */
  readonly isOpen: boolean
  /** Goes away. */
  close(): void
}

/** A backend whose answers do not end by themselves: `/live/socket`, `/live/events`, and any other path there a download. */
export async function openEndlessBackend(t: TestContext): Promise<{ readonly url: string }> {
  const server = createServer((asked, response) => {
    if (asked.url?.startsWith('/live/') !== true) return void response.end('well\n')
    const isEvents = asked.url === '/live/events'
    response.writeHead(
      200,
      isEvents
        ? { 'content-type': 'text/event-stream' }
        : { 'content-type': 'application/octet-stream', 'content-length': 1_000_000_000 },
    )
    const timer = setInterval(() => response.write(isEvents ? 'data: 1\n\n' : Buffer.alloc(100)), 20)
    response.once('close', () => clearInterval(timer))
  })
  server.on('upgrade', (asked, socket) => acceptSocket(asked, socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Asks for something that goes on, and resolves when its first octets have come; the answer is all there is for others. */
export function openStream(gate: Gate, path: string, headers: Headers): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, gate.origin), { ca: gate.caPem, headers, agent: false }, (response) => {
      response.once('data', () => resolve(openedOf(response, response.statusCode ?? 0)))
      response.once('end', () => resolve(openedOf(response, response.statusCode ?? 0)))
      response.resume()
    })
    asked.once('error', reject)
    asked.end()
  })
}

/** Opens a WebSocket (RFC 6455 §4.1) as a page of the gate does. */
export function openSocket(gate: Gate, path: string, headers: Headers): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, gate.origin), {
      ca: gate.caPem,
      agent: false,
      headers: {
        origin: gate.origin,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.alloc(16).toString('base64'),
        ...headers,
      },
    })
    asked.once('upgrade', ({ statusCode = 0 }, socket) => {
      socket.resume()
      resolve(openedOf(socket, statusCode))
    })
    asked.once('response', (response) => {
      response.resume()
      resolve(openedOf(response, response.statusCode ?? 0))
    })
    asked.once('error', reject)
    asked.end()
  })
}

function openedOf(stream: IncomingMessage | Duplex, status: number): Opened {
  let isOpen = true
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      isOpen = false
      resolve()
    }
    // What is cut ends in an error, and then closes as well.
    stream.once('error', end)
    stream.once('close', end)
    if (stream.destroyed) end()
  })
  return {
    status,
    ended,
    get isOpen() {
      return isOpen
    },
    close: () => void stream.destroy(),
  }
}

/** A browser that has signed somebody in at the gate, and shows where it wanted to go. */
export async function signedIn(
  t: TestContext,
  { origin, caPem, scene }: Pick<TestGate, 'origin' | 'caPem' | 'scene'>,
  person: string,
  returnTo = '/',
): Promise<PlainBrowser> {
  const browser = new PlainBrowser(caPem, origin, scene.tenant.origin)
  t.after(() => browser[Symbol.asyncDispose]())
  const page = await browser.open(`${origin}/.postern/sign-in?return=${encodeURIComponent(returnTo)}`)
  if (!page.url.startsWith(scene.tenant.origin)) return browser
  const seen = await browser.open(page.url, { person })
  if (!seen.url.startsWith(origin)) throw new Error(`${person} was not signed in: ${seen.status} at ${seen.url}`)
  return browser
}
