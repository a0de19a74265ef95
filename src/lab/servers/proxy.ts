import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import { createConnection, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Doorway, openDoorway } from './doorway.ts'

/** Where a name is to be found, as the proxy sees the network. */
export interface Place {
  readonly address: string
  readonly port: number
}

/** What a proxy does with what it is asked for. */
export type ProxyConduct =
  /** Passes everything on. */
  | { readonly does: 'relay' }
  /** Wants to know who asks (RFC 9110 §11.7.1), and takes one user's word. */
  | { readonly does: 'authenticate'; readonly schemes: readonly string[]; readonly user?: string }
  /** Denies names: those of its list, and all below them. */
  | { readonly does: 'deny-names'; readonly names: readonly string[] }
  /** Allows tunnels to these ports only. */
  | { readonly does: 'allow-ports'; readonly ports: readonly number[] }
  /** Is kept from some names itself, by what stands behind it. */
  | { readonly does: 'lose'; readonly names: readonly string[] }
  /** Its own resolver does not answer. */
  | { readonly does: 'fail-to-resolve' }
  /** Says that the tunnel stands, and answers by itself. */
  | { readonly does: 'answer-itself'; readonly title: string }
  /** Takes the connection and never says a word. */
  | { readonly does: 'stay-silent' }
  /** Leads tunnels to another place, such as one that re-signs what it passes on. */
  | { readonly does: 'lead-to'; readonly to: Place }

/** An HTTP proxy (RFC 9110 §9.3.6, RFC 9112 §3.2.2) whose conduct can be changed while it runs. */
export interface LabProxy extends Doorway {
  /** Changes what it does; returns what undoes it. */
  conduct(conduct: ProxyConduct): () => void
}

export interface LabProxyOptions {
  readonly address: string
  readonly port: number
  /** Where the proxy finds a name; undefined: it does not exist. */
  readonly find: (name: string, port: number) => Place | undefined
}

/** The words by which Squid names its refusals, in the field that it writes them in. */
const refusals = {
  ERR_CACHE_ACCESS_DENIED: {
    status: 407,
    says: 'Sorry, you are not currently allowed to request this until you have authenticated yourself.',
  },
  ERR_ACCESS_DENIED: {
    status: 403,
    says: 'Access control configuration prevents your request from being allowed at this time.',
  },
  ERR_DNS_FAIL: { status: 503, says: 'The host name cannot be resolved: no DNS server answers.' },
  ERR_CONNECT_FAIL: { status: 503, says: 'The connection to the host failed.' },
} as const
type Refusal = keyof typeof refusals

/** What becomes of one wish. */
type Decision =
  | { readonly kind: 'go'; readonly to: Place }
  | { readonly kind: 'refuse'; readonly why: Refusal; readonly schemes?: readonly string[] }
  | { readonly kind: 'answer'; readonly title: string }
  | { readonly kind: 'wait' }

export async function openProxy(options: LabProxyOptions): Promise<LabProxy> {
  let present: ProxyConduct = { does: 'relay' }
  const decide = (name: string, port: number, request: IncomingMessage): Decision =>
    decisionOf(present, options, name, port, request)

  const http = createServer((request, response) => pass(request, response, decide))
  http.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => tunnel(request, client, head, decide))
  // A request that is none gets the answer that a proxy gives, and a connection error ends that connection alone.
  http.on('clientError', (_error, socket) => socket.destroy())
  const door = await openDoorway(options, (socket: Socket) => http.emit('connection', socket))
  return {
    ...door,
    conduct(conduct) {
      const before = present
      present = conduct
      return () => {
        present = before
      }
    },
  }
}

/** How long the proxy waits for a server: longer than loopback ever takes, shorter than whoever asks it waits. */
const patienceMs = 1000

type Decide = (name: string, port: number, request: IncomingMessage) => Decision

function decisionOf(
  conduct: ProxyConduct,
  { find }: Pick<LabProxyOptions, 'find'>,
  name: string,
  port: number,
  request: IncomingMessage,
): Decision {
  const go = (): Decision => {
    const to = find(name, port)
    return to === undefined ? { kind: 'refuse', why: 'ERR_DNS_FAIL' } : { kind: 'go', to }
  }
  switch (conduct.does) {
    case 'relay':
      return go()
    case 'authenticate': {
      const wanted = conduct.user === undefined ? undefined : `Basic ${Buffer.from(conduct.user).toString('base64')}`
      const shown = request.headers['proxy-authorization']
      if (wanted !== undefined && shown === wanted) return go()
      return { kind: 'refuse', why: 'ERR_CACHE_ACCESS_DENIED', schemes: conduct.schemes }
    }
    case 'deny-names':
      return conduct.names.some((denied) => name === denied || name.endsWith(`.${denied}`))
        ? { kind: 'refuse', why: 'ERR_ACCESS_DENIED' }
        : go()
    case 'allow-ports':
      return conduct.ports.includes(port) ? go() : { kind: 'refuse', why: 'ERR_ACCESS_DENIED' }
    case 'lose':
      return conduct.names.includes(name) ? { kind: 'refuse', why: 'ERR_CONNECT_FAIL' } : go()
    case 'fail-to-resolve':
      return { kind: 'refuse', why: 'ERR_DNS_FAIL' }
    case 'answer-itself':
      return { kind: 'answer', title: conduct.title }
    case 'stay-silent':
      return { kind: 'wait' }
    case 'lead-to':
      return port === 80 ? go() : { kind: 'go', to: conduct.to }
    default:
      return conduct satisfies never
  }
}

function tunnel(request: IncomingMessage, client: Duplex, head: Buffer, decide: Decide): void {
  client.on('error', () => client.destroy())
  const { name, port } = authorityOf(request.url ?? '')
  const decision = decide(name, port, request)
  switch (decision.kind) {
    case 'wait':
      return
    case 'answer':
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.end(plainAnswer(200, decision.title, 'This answer is the proxy’s own.'))
      return
    case 'refuse': {
      const { status, says } = refusals[decision.why]
      client.end(plainAnswer(status, 'ERROR: The requested URL could not be retrieved', says, fieldsOf(decision)))
      return
    }
    case 'go': {
      const server = createConnection({ host: decision.to.address, port: decision.to.port, noDelay: true })
      server.setTimeout(patienceMs, () => server.destroy(new Error('no answer')))
      server.once('connect', () => {
        server.setTimeout(0)
        client.write('HTTP/1.1 200 Connection established\r\n\r\n')
        server.write(head)
        server.pipe(client).pipe(server)
      })
      // Before the tunnel stands this is an answer; afterwards the end of both.
      server.once('error', () => {
        if (server.bytesWritten > 0 || client.destroyed) client.destroy()
        else {
          const { status, says } = refusals.ERR_CONNECT_FAIL
          client.end(
            plainAnswer(status, 'ERROR: The requested URL could not be retrieved', says, [
              'X-Squid-Error: ERR_CONNECT_FAIL 111',
            ]),
          )
        }
      })
      client.once('close', () => server.destroy())
      return
    }
    default:
      decision satisfies never
  }
}

function pass(request: IncomingMessage, response: ServerResponse, decide: Decide): void {
  const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : undefined
  if (url === undefined || url.protocol !== 'http:') {
    response.writeHead(400, { connection: 'close' }).end('a proxy is asked for a whole URL\n')
    return
  }
  const decision = decide(url.hostname, Number(url.port || 80), request)
  switch (decision.kind) {
    case 'wait':
      return
    case 'answer':
      send(response, plainAnswer(200, decision.title, 'This answer is the proxy’s own.'))
      return
    case 'refuse': {
      const { status, says } = refusals[decision.why]
      send(response, plainAnswer(status, 'ERROR: The requested URL could not be retrieved', says, fieldsOf(decision)))
      return
    }
    case 'go': {
      const { 'proxy-authorization': _secret, 'proxy-connection': _hop, ...headers } = request.headers
      const onward = forward(
        {
          host: decision.to.address,
          port: decision.to.port,
          method: request.method,
          path: `${url.pathname}${url.search}`,
          headers,
          agent: false,
        },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, { ...answer.headers, via: '1.1 proxy.corp.example (lab)' })
          answer.pipe(response)
        },
      )
      onward.on('error', () => {
        const { status, says } = refusals.ERR_CONNECT_FAIL
        if (!response.headersSent)
          send(response, plainAnswer(status, 'ERROR: The requested URL could not be retrieved', says))
        else response.destroy()
      })
      response.once('close', () => onward.destroy())
      request.pipe(onward)
      return
    }
    default:
      decision satisfies never
  }
}

function send(response: ServerResponse, text: string): void {
  response.socket?.end(text)
}

function fieldsOf({ why, schemes = [] }: Decision & { kind: 'refuse' }): readonly string[] {
  return [
    `X-Squid-Error: ${why} 0`,
    'Via: 1.1 proxy.corp.example (lab)',
    ...schemes.map((scheme) => `Proxy-Authenticate: ${scheme}`),
  ]
}

function plainAnswer(status: number, title: string, says: string, fields: readonly string[] = []): string {
  const page = `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1><p>${says}</p></body></html>\n`
  const lines = [
    `HTTP/1.1 ${status} ${reasonOf[status] ?? 'Answer'}`,
    ...fields,
    'Content-Type: text/html; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(page)}`,
    'Connection: close',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${page}`
}

const reasonOf: Readonly<Record<number, string>> = {
  200: 'OK',
  403: 'Forbidden',
  407: 'Proxy Authentication Required',
  503: 'Service Unavailable',
}

function authorityOf(authority: string): { readonly name: string; readonly port: number } {
  const at = authority.lastIndexOf(':')
  return {
    name: authority
      .slice(0, at)
      .replace(/^\[|\]$/g, '')
      .toLowerCase(),
    port: Number(authority.slice(at + 1)),
  }
}
