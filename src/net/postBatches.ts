import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { trustedRoots } from './boundedFetch.ts'

export interface PostBatchesOptions<T extends object> {
  /** `http://…` or `https://…`, with the path that is posted to. */
  readonly url: string
  /** PEM texts of CAs of the site, besides those that this machine and Node trust. */
  readonly trust: readonly string[]
  readonly userAgent: string
  /** Writes things as the JSON that one question brings. */
  readonly format: (batch: readonly T[]) => string
  /** Things that may wait, 1 or more; default 8,192. Above that the newest are left out and counted. */
  readonly mostWaiting?: number
  /** Things of one question, 1 or more; default 512. */
  readonly mostOfBatch?: number
  /** Milliseconds for which things are collected before they are sent, 1 or more; default 2,000. */
  readonly everyMs?: number
  /** Milliseconds before the second and third try, doubled; default 1,000. */
  readonly retryMs?: number
  /** Told once when things are left out, and once when they are taken again: how many were left out, since when it was well. */
  readonly onNews?: (news: { readonly leftOut: number; readonly isWell: boolean }) => void
  /** Ends everything at once. */
  readonly signal: AbortSignal
}

/** Brings things to a server in the background: whoever gives them never waits, and memory has a bound. */
export interface PostedBatches<T extends object> {
  take(one: T): void
  /** Sends what waits, for no longer than two seconds, and ends. */
  close(): Promise<void>
}

const tries = 3
const timeoutMs = 10_000
const lastMs = 2000

/** Sends batches one after the other; what is refused or not taken after three tries is left out. */
export function postBatches<T extends object>(options: PostBatchesOptions<T>): PostedBatches<T> {
  const { url, trust, userAgent, format, signal, onNews } = options
  const { mostWaiting = 8192, mostOfBatch = 512, everyMs = 2000, retryMs = 1000 } = options
  const ending = new AbortController()
  const stop = AbortSignal.any([signal, ending.signal])
  const agent = new Agent({ connect: { ca: trustedRoots(trust), timeout: timeoutMs }, connections: 1, pipelining: 1 })
  const waiting: T[] = []
  let leftOut = 0
  let isWell = true
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> | undefined
  let isClosing = false

  const tell = (well: boolean): void => {
    if (well === isWell) return
    isWell = well
    onNews?.({ leftOut, isWell })
    if (well) leftOut = 0
  }

  /** Whether it was taken; what a server refuses for good is not sent again (OTLP: 429, 502, 503 and 504 are for now). */
  async function post(body: string): Promise<boolean> {
    for (let turn = 0; turn < tries; turn += 1) {
      if (turn > 0) await sleep(retryMs * 2 ** (turn - 1), undefined, { signal: stop })
      try {
        const answer = await request(url, {
          dispatcher: agent,
          method: 'POST',
          headers: { 'content-type': 'application/json', 'user-agent': userAgent },
          body,
          signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
        })
        await answer.body.dump({ limit: 65_536, signal: stop })
        if (answer.statusCode < 300) return true
        if (![429, 502, 503, 504].includes(answer.statusCode)) return false
      } catch {
        if (stop.aborted) return false
      }
    }
    return false
  }

  async function send(): Promise<void> {
    while (waiting.length > 0 && !stop.aborted) {
      const batch = waiting.splice(0, mostOfBatch)
      const isTaken = await post(format(batch)).catch(() => false)
      if (!isTaken) leftOut += batch.length
      tell(isTaken)
      if (waiting.length < mostOfBatch && !isClosing) break
    }
  }

  const begin = (): void => {
    clearTimeout(timer)
    timer = undefined
    sending ??= send().finally(() => {
      sending = undefined
      if (waiting.length > 0 && !isClosing && !stop.aborted) schedule()
    })
  }
  const schedule = (): void => {
    timer ??= setTimeout(begin, everyMs).unref()
  }

  return {
    take(one) {
      if (isClosing || stop.aborted) return
      if (waiting.length >= mostWaiting) {
        leftOut += 1
        tell(false)
        return
      }
      waiting.push(one)
      if (waiting.length >= mostOfBatch) begin()
      else schedule()
    },
    async close() {
      isClosing = true
      clearTimeout(timer)
      const last = setTimeout(() => ending.abort(), lastMs)
      await sending
      await send()
      clearTimeout(last)
      ending.abort()
      await agent.destroy()
    },
  }
}
