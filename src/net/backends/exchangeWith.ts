import type { IncomingHttpHeaders } from 'node:http'
import { ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import { errors } from 'undici'
import type { Backend } from '../../model/gate.ts'
import { isGone } from '../isGone.ts'
import type { ListenedRequest, ListenedResponse } from '../listened.ts'
import { answerFields } from './answerFields.ts'
import type { BackendReason } from './backendReasons.ts'
import { backendReasonOf, Ended } from './backendReasons.ts'
import type { Fields, ForwardPlan } from './plan.ts'
import { hasBody, RequestBody } from './requestBody.ts'
import type { Server } from './server.ts'

/** How one server did. */
export interface ExchangeEnd {
  /** Absent: its answer was handed on whole. */
  readonly reason?: BackendReason
  /** Of the answer whose head the client was sent. */
  readonly status?: number
  /** Another server may be asked without anything happening twice. */
  readonly mayRetry: boolean
  readonly octetsOut: number
  readonly octetsIn: number
}

/** Methods that mean the same when they come twice (RFC 9110 §9.2.2). */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
/** HTTP/2 codes (RFC 9113 §7). */
const [noError, internalError] = [0, 2]
/** Hints before an answer that are handed on at most. */
const mostHints = 8
/** Answers before the last one: each has the library count the time anew that the last may take. */
const mostInterim = 1024

/**
 * Asks one server, and hands its answer on as it comes: neither end is sent more than it takes.
 *
 * @param stick fields that are added to the answer
 */
export function exchangeWith(
  server: Server,
  settings: Backend,
  plan: ForwardPlan,
  request: ListenedRequest,
  response: ListenedResponse,
  stick: Fields,
): Promise<ExchangeEnd> {
  return new Promise((resolve, reject) => {
    const body = hasBody(request) ? new RequestBody(request, plan.bodyLimits) : undefined
    const sides = { plan, request, response, body, stick, idleMs: settings.idleSeconds * 1000 }
    const exchange = new Exchange(sides, resolve, reject)
    // The connection is the same whatever Host is sent: the library would end it when the name changes.
    const options: Dispatcher.DispatchOptions & { readonly servername: string } = {
      path: plan.path,
      method: plan.method,
      headers: [...plan.headers],
      body: body ?? null,
      servername: server.url.hostname,
    }
    server.pool.dispatch(options, exchange)
  })
}

interface Sides {
  readonly plan: ForwardPlan
  readonly request: ListenedRequest
  readonly response: ListenedResponse
  readonly body: RequestBody | undefined
  readonly stick: Fields
  readonly idleMs: number
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #sides: Sides
  readonly #resolve: (end: ExchangeEnd) => void
  readonly #reject: (bug: unknown) => void
  #controller: Dispatcher.DispatchController | undefined
  #isOver = false
  /** The first octet of an answer came. */
  #isAnswered = false
  #status: number | undefined
  #octetsIn = 0
  #hints = 0
  #interim = 0
  #stalled: NodeJS.Timeout | undefined

  constructor(sides: Sides, resolve: (end: ExchangeEnd) => void, reject: (bug: unknown) => void) {
    this.#sides = sides
    this.#resolve = resolve
    this.#reject = reject
    sides.response.on('close', this.#onClose)
    sides.plan.signal.addEventListener('abort', this.#onEnded, { once: true })
    if (sides.plan.signal.aborted) this.#fail('ended')
    else if (isGone(sides.response)) this.#fail('client-gone')
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isOver) controller.abort(new Ended('ended'))
    else this.#controller = controller
  }

  onResponseStarted(): void {
    this.#isAnswered = true
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.#isOver) return
    if (status < 200) {
      this.#interim += 1
      if (this.#interim > mostInterim) throw new Ended('bad-answer')
      this.#hint(status, headers)
      return
    }
    const { response, body, stick } = this.#sides
    const fields = answerFields(status, rawText(controller.rawHeaders))
    if (fields === undefined) throw new Ended('bad-answer')
    const sent = this.#lastWord(status, fields)
    if (sent === undefined) return
    // The rest of a body that the server does not want: over HTTP/1.1 the next request would stand behind it.
    const close: Fields = body !== undefined && !body.isWhole ? [['connection', 'close']] : []
    writeHead(response, status, [...sent, ...stick, ...close])
    this.#status = status
    // What streams shows its head at once; where the body came with it, the two go together.
    queueMicrotask(() => {
      if (!this.#isOver && this.#octetsIn === 0 && response instanceof ServerResponse) response.flushHeaders()
    })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver) return
    this.#octetsIn += chunk.length
    if (write(this.#sides.response, chunk)) return
    if (this.#stalled !== undefined) return
    controller.pause()
    this.#stalled = setTimeout(() => this.#fail('client-stalled'), this.#sides.idleMs)
    this.#sides.response.once('drain', this.#onDrain)
  }

  onResponseEnd(): void {
    if (this.#isOver) return
    const { response, body } = this.#sides
    endAnswer(response, undefined, body !== undefined && !body.isWhole)
    this.#settle(undefined, false)
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#isOver) return
    const reason = backendReasonOf(error, this.#controller !== undefined)
    // Of a head that cannot be read the library says that its body has another length.
    const isUnread = reason === 'connection-lost' && this.#status === undefined && isLengthError(error)
    this.#fail(isUnread ? 'bad-answer' : reason)
  }

  /** What the caller makes of the fields; that it throws is a bug of ours, and not the server's fault. */
  #lastWord(status: number, fields: Fields): Fields | undefined {
    try {
      return this.#sides.plan.answer?.(status, fields) ?? fields
    } catch (bug) {
      this.#reject(bug)
      this.#fail('ended')
      return undefined
    }
  }

  readonly #onDrain = (): void => {
    clearTimeout(this.#stalled)
    this.#stalled = undefined
    this.#controller?.resume()
  }

  readonly #onClose = (): void => this.#fail('client-gone')
  readonly #onEnded = (): void => this.#fail('ended')

  /** Of 1xx only what a browser uses is handed on, and over HTTP/2 only: some clients of HTTP/1.1 take it for the answer. */
  #hint(status: number, { link }: IncomingHttpHeaders): void {
    const { response } = this.#sides
    if (status !== 103 || link === undefined || response instanceof ServerResponse || this.#hints >= mostHints) return
    this.#hints += 1
    try {
      response.writeEarlyHints({ link })
    } catch {
      // A hint that cannot be read is a hint less.
    }
  }

  #fail(reason: BackendReason): void {
    if (this.#isOver) return
    const { plan, response, body } = this.#sides
    const neverSent = this.#controller === undefined && reason !== 'unsendable'
    const lost = reason === 'connection-lost' && !this.#isAnswered && idempotent.has(plan.method)
    const isClients = reason === 'client-gone' || reason === 'ended'
    this.#settle(reason, body?.isTouched !== true && !isClients && (neverSent || lost))
    this.#controller?.abort(new Ended(reason))
    body?.destroy()
    // Half of an answer must not look whole.
    if (this.#status !== undefined || reason === 'client-gone') cut(response)
  }

  #settle(reason: BackendReason | undefined, mayRetry: boolean): void {
    this.#isOver = true
    const { plan, response, body } = this.#sides
    clearTimeout(this.#stalled)
    response.off('close', this.#onClose).off('drain', this.#onDrain)
    plan.signal.removeEventListener('abort', this.#onEnded)
    this.#resolve({
      ...(reason !== undefined && { reason }),
      ...(this.#status !== undefined && { status: this.#status }),
      mayRetry,
      octetsOut: body?.octets ?? 0,
      octetsIn: this.#octetsIn,
    })
  }
}

function isLengthError(error: Error): boolean {
  return error instanceof errors.ResponseContentLengthMismatchError
}

/** Names and values by turns, one character an octet, as the parser has them. */
function rawText(raw: Dispatcher.DispatchController['rawHeaders']): readonly string[] {
  if (!Array.isArray(raw)) return []
  return raw.map((part: Buffer | string) => (typeof part === 'string' ? part : part.toString('latin1')))
}

/** @throws TypeError, RangeError where a status or a field cannot be written */
export function writeHead(response: ListenedResponse, status: number, fields: Fields): void {
  if (response instanceof ServerResponse) {
    response.writeHead(status, fields.flat())
    return
  }
  for (const [name, values] of Map.groupBy(fields, ([name]) => name)) {
    if (name === 'connection') continue
    const texts = values.map(([, value]) => value)
    response.setHeader(name, texts.length === 1 ? (texts[0] ?? '') : texts)
  }
  response.writeHead(status)
}

/**
 * Ends an answer that is whole.
 *
 * @param isEarly the request's body is not whole: a client of HTTP/2 is told to stop sending it (RFC 9113 §8.1)
 */
export function endAnswer(response: ListenedResponse, last: string | undefined, isEarly: boolean): void {
  if (isEarly && !(response instanceof ServerResponse)) {
    const { stream } = response
    stream.once('finish', () => stream.close(noError))
  }
  if (last !== undefined) write(response, last)
  response.end()
}

/** @returns whether more is taken at once */
function write(response: ListenedResponse, part: Uint8Array | string): boolean {
  return response instanceof ServerResponse ? response.write(part) : response.write(part)
}

/** Ends an answer so that the client knows that it is not whole. */
export function cut(response: ListenedResponse): void {
  if (response instanceof ServerResponse) response.destroy()
  else if (!response.stream.destroyed) response.stream.close(internalError)
}
