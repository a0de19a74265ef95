import type { Duplex } from 'node:stream'
import { endAndCut } from '../net/endAndCut.ts'
import { isGone } from '../net/isGone.ts'
import type { ListenedRequest, ListenedResponse } from '../net/listened.ts'
import { titleOf } from './answers.ts'
import type { HeaderFields, OwnAnswer } from './exchange.ts'

/** What every answer of the gate's own says: it is for nobody else, in no frame, and holds no script. */
const ofOwn: HeaderFields = [
  ['cache-control', 'no-store'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"],
  ['cross-origin-resource-policy', 'same-origin'],
  ['referrer-policy', 'no-referrer'],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
]

/**
 * The header fields of an answer: its own, and those of every answer where it has none of that name.
 *
 * @param always what this gate says besides with every answer of its own
 */
export function fieldsOf({ headers, body }: OwnAnswer, isHead: boolean, always: HeaderFields): HeaderFields {
  const named = new Set(headers.map(([name]) => name))
  const length = String(new TextEncoder().encode(body).length)
  return [
    ...headers,
    ...[...ofOwn, ...always].filter(([name]) => !named.has(name)),
    ...(isHead ? [] : [['content-length', length] as const]),
  ]
}

/** Sends an answer of the gate's own; nothing where the client is gone, or was answered already. */
export function sendAnswer(answer: OwnAnswer, response: ListenedResponse, method: string, always: HeaderFields): void {
  if (response.headersSent || isGone(response)) return
  const byName = new Map<string, string[]>()
  for (const [name, value] of fieldsOf(answer, method === 'HEAD', always))
    byName.set(name, [...(byName.get(name) ?? []), value])
  for (const [name, values] of byName) response.setHeader(name, values.length === 1 ? (values[0] ?? '') : values)
  response.statusCode = answer.status
  if (!response.req.complete) dropBody(response.req)
  if (method === 'HEAD' || answer.body === '') response.end()
  else response.end(answer.body)
}

/** Octets of a body that nobody reads which are taken and dropped, so that the client comes to read its answer. */
const mostDropped = 1_048_576

/** The platform alone would drop all that comes, for as long as it comes. What is not read any more is cut as idle. */
function dropBody(request: ListenedRequest): void {
  let left = mostDropped
  request.on('data', (chunk: Uint8Array) => {
    left -= chunk.length
    if (left < 0) request.pause()
  })
}

/** The same over a connection of HTTP/1.1 on which another protocol was asked for; it ends with the answer. */
export function sendAnswerOver(answer: OwnAnswer, socket: Duplex, always: HeaderFields): void {
  if (socket.destroyed) return
  const fields: HeaderFields = [...fieldsOf(answer, false, always), ['connection', 'close']]
  const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  endAndCut(socket, `HTTP/1.1 ${answer.status} ${titleOf(answer.status)}\r\n${head}\r\n${answer.body}`)
}
