import { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import type { ListenedRequest } from '../listened.ts'
import { Ended } from './backendReasons.ts'
import type { ForwardPlan } from './plan.ts'

/** Octets of a body that nobody wants any more which are read and thrown away, so that the client reads its answer. */
const mostDiscarded = 1 << 20

/** Whether a request says that it has a body; an empty one in chunks is one. */
export function hasBody(request: ListenedRequest): boolean {
  if (!(request instanceof IncomingMessage)) return !request.stream.endAfterHeaders
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
}

/** What the head of a request says of the length of its body; undefined where it does not say. */
export function saidLength(request: ListenedRequest): number | undefined {
  const length = Number(request.headers['content-length'])
  return Number.isSafeInteger(length) ? length : undefined
}

/**
 * The body of a request on its way to a server. It takes from the client only what the server takes from it, and can be
 * destroyed without the client's connection going with it: an answer may come before the body is whole.
 */
export class RequestBody extends Readable {
  /** Something of it was asked for: it cannot be sent to another server any more. */
  isTouched = false
  /** All of it came. */
  isWhole = false
  octets = 0
  readonly #request: ListenedRequest
  readonly #limits: ForwardPlan['bodyLimits']
  #timer: NodeJS.Timeout | undefined

  constructor(request: ListenedRequest, limits: ForwardPlan['bodyLimits']) {
    super({ highWaterMark: 65_536 })
    this.#request = request
    this.#limits = limits
  }

  override _read(): void {
    if (!this.isTouched) this.#attach()
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.destroy(new Ended('body-stalled')), this.#limits.idleSeconds * 1000)
    } else {
      this.#timer.refresh()
    }
    this.#request.resume()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#rest()
    this.#request.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
    if (this.isTouched && !this.isWhole) this.#discard()
    callback(error)
  }

  #attach(): void {
    this.isTouched = true
    this.#request.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose)
  }

  #rest(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  readonly #onData = (chunk: Buffer): void => {
    this.octets += chunk.length
    if (this.octets > this.#limits.octets) {
      this.destroy(new Ended('body-too-large'))
    } else if (!this.push(chunk)) {
      // The server does not take more: that is not the client's delay.
      this.#rest()
      this.#request.pause()
    } else {
      this.#timer?.refresh()
    }
  }

  readonly #onEnd = (): void => {
    this.isWhole = true
    this.#rest()
    this.push(null)
  }

  readonly #onClose = (): void => {
    if (!this.isWhole) this.destroy(new Ended('client-gone'))
  }

  #discard(): void {
    let left = mostDiscarded
    const request = this.#request
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) request.pause()
    })
    request.resume()
  }
}
