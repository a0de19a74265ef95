import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { TestServer } from '../tcpServer.ts'
import { tcpServer } from '../tcpServer.ts'

/** A request as it came, text of one character an octet. */
export interface RawRequest {
  readonly method: string
  /** As it stood in the request line. */
  readonly target: string
  /** In their order and spelling. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** The whole of it, octet for octet. */
  readonly octets: string
}

/** A server that believes nothing: it keeps every octet, and reads them by the letter of RFC 9112. */
export interface RawBackend extends TestServer {
  readonly url: string
  /** All that came over each connection. */
  readonly came: readonly string[]
  readonly requests: readonly RawRequest[]
  /** What came and is no request that has one meaning: nothing of this kind may ever come from the gate. */
  readonly strays: readonly string[]
  /** Requests that ended with their connection before they were whole. */
  readonly cut: readonly string[]
  /** Resolves when a request has come for which the question holds. */
  until(isMeant: (request: RawRequest) => boolean): Promise<RawRequest>
}

export type RawAnswer = (request: RawRequest, socket: Socket) => void

export const well: RawAnswer = (_request, socket) =>
  void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwell\n')

/** Opens it for the length of a test; each request is answered as it was told. */
export async function openRawBackend(t: TestContext, answer: RawAnswer = well): Promise<RawBackend> {
  const came: string[] = []
  const requests: RawRequest[] = []
  const strays: string[] = []
  const cut: string[] = []
  const watchers = new Set<() => void>()
  const server = await tcpServer(t, (socket) => {
    const connection = came.push('') - 1
    let rest = ''
    let isOver = false
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1')
      came[connection] += text
      if (isOver) return
      rest += text
      for (let read = requestIn(rest); read !== 'incomplete'; read = requestIn(rest)) {
        if (read === 'stray') {
          isOver = true
          strays.push(rest)
          return void socket.destroy()
        }
        rest = rest.slice(read.octets.length)
        requests.push(read)
        // A WebSocket has no further requests.
        isOver = read.fields.some(([name]) => name.toLowerCase() === 'upgrade')
        answer(read, socket)
        for (const watch of watchers) watch()
        if (isOver) return
      }
    })
    socket.once('close', () => {
      if (!isOver && rest !== '') cut.push(rest)
    })
  })
  return {
    ...server,
    url: `http://127.0.0.1:${server.port}`,
    came,
    requests,
    strays,
    cut,
    until: (isMeant) =>
      new Promise((resolve) => {
        const watch = (): void => {
          const found = requests.find(isMeant)
          if (found === undefined) return
          watchers.delete(watch)
          resolve(found)
        }
        watchers.add(watch)
        watch()
      }),
  }
}

/** The request at the front of what came. */
function requestIn(text: string): RawRequest | 'incomplete' | 'stray' {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return 'incomplete'
  const [line = '', ...lines] = text.slice(0, end).split('\r\n')
  const [, method, target] = /^([A-Z-]+) (\/[\x21-\x7e]*) HTTP\/1\.1$/.exec(line) ?? []
  if (method === undefined || target === undefined) return 'stray'
  const fields: (readonly [string, string])[] = []
  for (const each of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\t\x20-\x7e\x80-\xff]*)$/.exec(each) ?? []
    if (name === undefined || value === undefined) return 'stray'
    fields.push([name, value])
  }
  const valuesOf = (wanted: string): string[] =>
    fields.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []))
  const [lengths, codings] = [valuesOf('content-length'), valuesOf('transfer-encoding')]
  if (valuesOf('host').length !== 1 || lengths.length + codings.length > 1) return 'stray'
  const head = text.slice(0, end + 4)
  const body = codings.length > 0 ? chunkedIn(text.slice(head.length)) : sizedIn(text.slice(head.length), lengths[0])
  if (typeof body === 'string') return body
  return { method, target, fields, body: body.text, octets: head + text.slice(head.length, head.length + body.used) }
}

type Body = { readonly text: string; readonly used: number } | 'incomplete' | 'stray'

function sizedIn(text: string, length = '0'): Body {
  if (!/^\d+$/.test(length)) return 'stray'
  const used = Number(length)
  return text.length < used ? 'incomplete' : { text: text.slice(0, used), used }
}

/** Without extensions and trailers: the gate writes none. */
function chunkedIn(text: string): Body {
  let at = 0
  let body = ''
  for (;;) {
    const [line, digits] = /^([0-9a-fA-F]{1,8})\r\n/.exec(text.slice(at, at + 12)) ?? []
    if (line === undefined || digits === undefined) return text.indexOf('\r\n', at) < 0 ? 'incomplete' : 'stray'
    const size = Number.parseInt(digits, 16)
    const end = at + line.length + size + 2
    if (text.length < end) return 'incomplete'
    if (text.slice(end - 2, end) !== '\r\n') return 'stray'
    body += text.slice(at + line.length, end - 2)
    at = end
    if (size === 0) return { text: body, used: at }
  }
}
