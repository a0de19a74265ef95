import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { webSocketAccept } from '../../wire/websocket.ts'
import { endAndCut } from '../endAndCut.ts'
import type { BackendReason } from './backendReasons.ts'
import { backendReasonOf, backendReasons } from './backendReasons.ts'
import type { BackendServers } from './backendServers.ts'
import { dialServer } from './dialServer.ts'
import { plainPage } from './forwardRequest.ts'
import type { Fields, Forwarded, ForwardPlan } from './plan.ts'
import { readUpgradeAnswer } from './readUpgradeAnswer.ts'
import { runTunnel } from './runTunnel.ts'
import { switchFields } from './switchFields.ts'

export interface UpgradeTools {
  /** The end of all. */
  readonly signal: AbortSignal
  readonly random: (octets: number) => Uint8Array
}

/** Fields that are written by us, or that frame what an opening handshake has none of. */
const written: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Opens a WebSocket (RFC 6455 §4) to a server over a connection of its own. The opening handshake is written from the plan,
 * the server's answer to it is verified before the client sees any of it, and then octets pass both ways as they are.
 */
export async function upgradeRequest(
  backend: BackendServers,
  plan: ForwardPlan,
  request: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
  tools: UpgradeTools,
): Promise<Forwarded> {
  socket.on('error', () => {})
  const nothing = { octetsIn: 0, octetsOut: 0, attempts: 0 }
  const handshake = isHandshake(request) ? handshakeOf(plan) : undefined
  if (handshake === undefined)
    return refuse(plan, socket, isHandshake(request) ? 'unsendable' : 'not-websocket', nothing)
  const server = backend.take({ sticky: plan.stickyKey })
  if (typeof server === 'string') return refuse(plan, socket, server, nothing)
  // Octets of the client wait in its socket; that it goes away must be seen all the same.
  const gone = new AbortController()
  const onClose = (): void => gone.abort()
  socket.once('close', onClose)
  const signal = AbortSignal.any([plan.signal, tools.signal, gone.signal])
  const tried = { ...nothing, attempts: 1, server: server.url.origin }
  let upstream: Socket | undefined
  try {
    upstream = await dialServer(server.url, server.dial, signal)
    const hostLine = handshake.hasHost ? '' : `host: ${server.url.host}\r\n`
    upstream.write(`${handshake.requestLine}${hostLine}${handshake.lines}\r\n`, 'latin1')
    const answer = await readUpgradeAnswer(upstream, backend.settings.answerSeconds * 1000, signal)
    if (answer.status !== 101) {
      server.answered()
      return relay(plan, socket, answer, tried)
    }
    const accept = webSocketAccept(request.headers['sec-websocket-key'] ?? '', sha1)
    const fields = switchFields(answer.fields, request.headers, accept)
    if (fields === undefined) return refuse(plan, socket, 'not-switched', tried)
    server.answered()
    socket.off('close', onClose)
    writeHeadTo(socket, 101, [['connection', 'Upgrade'], ['upgrade', 'websocket'], ...fields])
    const ends = { client: socket, server: upstream, fromClient: head, fromServer: answer.rest }
    const idleMs = backend.settings.idleSeconds * 1000
    const went = await runTunnel(ends, idleMs, AbortSignal.any([plan.signal, tools.signal]), tools.random)
    return { ...tried, ...went, status: 101 }
  } catch (error) {
    const reason = reasonOf(error, upstream, plan, tools.signal, gone.signal)
    server.failed(reason)
    return refuse(plan, socket, reason, tried)
  } finally {
    socket.off('close', onClose)
    upstream?.destroy()
    backend.giveBack(server)
  }
}

function reasonOf(
  error: unknown,
  upstream: Socket | undefined,
  plan: ForwardPlan,
  closing: AbortSignal,
  gone: AbortSignal,
): BackendReason {
  if (plan.signal.aborted || closing.aborted) return 'ended'
  return gone.aborted ? 'client-gone' : backendReasonOf(error, upstream !== undefined)
}

/** Whether a request asks for a WebSocket of the one version that there is, and for nothing else (RFC 6455 §4.2.1). */
function isHandshake({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.trim().toLowerCase() === 'websocket' &&
    /^[A-Za-z0-9+/]{22}==$/.test(headers['sec-websocket-key'] ?? '') &&
    headers['sec-websocket-version'] === '13' &&
    headers['transfer-encoding'] === undefined &&
    Number(headers['content-length'] ?? 0) === 0
  )
}

/** undefined where a line of it could be read as another one. */
function handshakeOf(plan: ForwardPlan) {
  if (plan.method !== 'GET' || !/^\/[\x21-\x7e]*$/.test(plan.path)) return undefined
  let lines = ''
  let hosts = 0
  for (let at = 0; at + 1 < plan.headers.length; at += 2) {
    const [name, value] = [plan.headers[at] ?? '', plan.headers[at + 1] ?? '']
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return undefined
    if (written.has(name.toLowerCase())) continue
    if (name.toLowerCase() === 'host') hosts += 1
    lines += `${name}: ${value}\r\n`
  }
  if (hosts > 1) return undefined
  const requestLine = `GET ${plan.path} HTTP/1.1\r\n`
  return { requestLine, hasHost: hosts === 1, lines: `${lines}connection: Upgrade\r\nupgrade: websocket\r\n` }
}

function sha1(octets: Uint8Array): Uint8Array {
  return createHash('sha1').update(octets).digest()
}

/** An answer that switches nothing, such as one that asks to sign in: whole, and the last of the connection. */
function relay(
  plan: ForwardPlan,
  socket: Duplex,
  answer: { readonly status: number; readonly fields: Fields; readonly rest: Uint8Array },
  tried: Omit<Forwarded, 'status' | 'reason'>,
): Forwarded {
  const { status, rest } = answer
  const others = answer.fields.filter(([name]) => name !== 'content-length')
  const fields = plan.answer?.(status, others) ?? others
  const bodiless = status === 204 || status === 304
  const length: Fields = bodiless ? [] : [['content-length', String(rest.length)]]
  writeHeadTo(socket, status, [...fields, ...length, ['connection', 'close']])
  endAndCut(socket, bodiless ? undefined : rest)
  return { ...tried, status, octetsIn: rest.length }
}

function refuse(plan: ForwardPlan, socket: Duplex, reason: BackendReason, tried: Forwarded): Forwarded {
  if (reason === 'client-gone' || socket.destroyed || !socket.writable) {
    socket.destroy()
    return { ...tried, reason }
  }
  const [status] = backendReasons[reason]
  const { headers, body } = plan.page?.(status, reason) ?? plainPage(status, reason)
  writeHeadTo(socket, status, [
    ...headers,
    ['content-length', String(Buffer.byteLength(body))],
    ['connection', 'close'],
  ])
  endAndCut(socket, body)
  return { ...tried, reason, status }
}

/** Fields that could not be written as one line are left out: whoever gave them is not to write an answer of their own. */
function writeHeadTo(socket: Duplex, status: number, fields: Fields): void {
  const lines = fields
    .filter(([name, value]) => /^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    .map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n${lines.join('')}\r\n`, 'latin1')
}
