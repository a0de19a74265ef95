import type { Socket } from 'node:net'
import { readStrictHead } from '../../wire/strictHead.ts'
import { answerFields } from './answerFields.ts'
import { Ended } from './backendReasons.ts'
import type { Fields } from './plan.ts'

export interface UpgradeAnswer {
  readonly status: number
  /** Of a switch as they came, of other answers as they may be handed on. */
  readonly fields: Fields
  /** Of a switch what came behind its head, of other answers their whole body, without chunks. */
  readonly rest: Uint8Array
}

const mostHeadOctets = 16_384
/** Octets of the body of an answer that switches nothing, and their framing; of a longer one none are handed on. */
const mostBodyOctets = 16_384

/**
 * Reads the answer to an opening handshake; the socket is paused when it resolves. Rejects with `Ended`, or with the error of
 * the connection.
 */
export function readUpgradeAnswer(socket: Socket, timeoutMs: number, signal: AbortSignal): Promise<UpgradeAnswer> {
  return new Promise((resolve, reject) => {
    let came: Buffer = Buffer.alloc(0)
    const settle = (answer: UpgradeAnswer | Error): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.off('data', onData).off('error', settle).off('end', onEnd).off('close', onEnd)
      socket.pause()
      // Whoever takes it over listens later than its next error may come.
      socket.on('error', () => {})
      if (answer instanceof Error) reject(answer)
      else resolve(answer)
    }
    const look = (hasEnded: boolean): void => {
      const answer = answerIn(came, hasEnded)
      if (answer !== undefined) settle(answer)
    }
    const onData = (chunk: Buffer): void => {
      came = Buffer.concat([came, chunk])
      look(false)
    }
    const onEnd = (): void => look(true)
    const onAbort = (): void => settle(new Ended('ended'))
    const timer = setTimeout(() => settle(new Ended('answer-timeout')), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.on('data', onData).on('error', settle).on('end', onEnd).on('close', onEnd)
    if (signal.aborted) onAbort()
  })
}

/** undefined while more is needed. */
function answerIn(came: Uint8Array, hasEnded: boolean): UpgradeAnswer | Error | undefined {
  const head = readStrictHead(came, mostHeadOctets)
  switch (head.kind) {
    case 'incomplete':
      return hasEnded ? new Ended('connection-lost') : undefined
    case 'refused':
      return new Ended(came.length > mostHeadOctets ? 'answer-head-too-large' : 'bad-answer')
    case 'head':
      break
    default:
      return head satisfies never
  }
  const { status, fields } = head
  const rest = came.slice(head.used)
  if (status === 101) return { status, fields, rest }
  // An answer before the answer (RFC 9110 §15.2) says nothing that a WebSocket is opened by.
  if (status < 200) return answerIn(rest, hasEnded)
  const kept = answerFields(status, fields.flat())
  if (kept === undefined) return new Ended('bad-answer')
  const body = bodyIn(status, fields, rest, hasEnded)
  return body === undefined ? undefined : body instanceof Error ? body : { status, fields: kept, rest: body }
}

function bodyIn(status: number, fields: Fields, rest: Uint8Array, hasEnded: boolean): Uint8Array | Error | undefined {
  if (status === 204 || status === 304) return new Uint8Array()
  if (rest.length > mostBodyOctets) return new Uint8Array()
  const said = fields.find(([name]) => name === 'content-length')?.[1]
  if (said !== undefined) {
    if (!/^\d{1,15}$/.test(said)) return new Ended('bad-answer')
    if (Number(said) > mostBodyOctets) return new Uint8Array()
    if (rest.length >= Number(said)) return rest.subarray(0, Number(said))
    return hasEnded ? new Ended('connection-lost') : undefined
  }
  const isChunked = fields.some(([name]) => name === 'transfer-encoding')
  const whole = isChunked ? withoutChunks(rest) : hasEnded ? rest : undefined
  return whole === undefined && hasEnded ? new Ended('connection-lost') : whole
}

/** A body that came in chunks (RFC 9112 §7.1); undefined while more is needed. */
function withoutChunks(rest: Uint8Array): Uint8Array | Error | undefined {
  const text = Buffer.from(rest).toString('latin1')
  const parts: Uint8Array[] = []
  for (let at = 0; ; ) {
    const end = text.indexOf('\r\n', at)
    if (end < 0) return undefined
    const size = /^([0-9a-f]{1,6})[ \t]*(;[\t\x20-\x7e]*)?$/i.exec(text.slice(at, end))?.[1]
    if (size === undefined) return new Ended('bad-answer')
    const [from, to] = [end + 2, end + 2 + Number.parseInt(size, 16)]
    // What stands behind the last chunk is dropped with the connection.
    if (to === from) return Buffer.concat(parts)
    if (text.length < to + 2) return undefined
    if (!text.startsWith('\r\n', to)) return new Ended('bad-answer')
    parts.push(rest.subarray(from, to))
    at = to + 2
  }
}
