import type { ApiEvents, ApiResetReason } from '../../model/api.ts'
import type { AnswerSink } from '../../net/serveApi.ts'

export interface RingOptions {
  /** Tells the ids of this run from those of others: letters and digits. */
  readonly run: string
  /** Of which the newest are kept; default 4,096, of 4 MiB together. */
  readonly mostEvents?: number
  readonly mostCharacters?: number
  /** Between two signs of life on a stream without events; default 15,000. */
  readonly heartbeatMs?: number
}

/** Signs of life for which a reader that takes nothing is waited for. */
const mostMissed = 4
/** What a client waits before it comes again; in milliseconds. */
const retryMs = 2000

const resetWords: Readonly<Record<ApiResetReason, string>> = {
  restarted: 'the last event that was seen is of another run of the watcher',
  'too-old': 'events after the last one that was seen are not kept any more',
  unknown: 'the last event that was seen is none of this server',
  'too-slow': 'events were not taken as fast as they came, and the stream is ended',
}

/**
 * The newest events, numbered without a gap, for any number of readers. A reader has no queue of its own: it has a place in
 * the ring, and takes from there as fast as it can; one that the ring overtakes is told so, and ended.
 */
export class EventRing {
  readonly #run: string
  readonly #mostEvents: number
  readonly #mostCharacters: number
  readonly #heartbeatMs: number
  readonly #events = new Map<number, string>()
  readonly #readers = new Set<() => void>()
  #characters = 0
  /** The number of the oldest that is kept, and of the next. */
  #first = 1
  #next = 1
  #dropped = 0

  constructor({ run, mostEvents = 4096, mostCharacters = 4_194_304, heartbeatMs = 15_000 }: RingOptions) {
    this.#run = run
    this.#mostEvents = mostEvents
    this.#mostCharacters = mostCharacters
    this.#heartbeatMs = heartbeatMs
  }

  /** Streams that are open, and those that were ended since they were too slow. */
  get streams(): { readonly open: number; readonly dropped: number } {
    return { open: this.#readers.size, dropped: this.#dropped }
  }

  /** How many events there were. */
  get published(): number {
    return this.#next - 1
  }

  publish<Name extends keyof ApiEvents>(name: Name, data: ApiEvents[Name]): void {
    const text = eventText(name, data, this.#idOf(this.#next))
    this.#events.set(this.#next, text)
    this.#characters += text.length
    this.#next += 1
    while (this.#events.size > 1 && (this.#events.size > this.#mostEvents || this.#characters > this.#mostCharacters)) {
      this.#characters -= this.#events.get(this.#first)?.length ?? 0
      this.#events.delete(this.#first)
      this.#first += 1
    }
    for (const take of this.#readers) take()
  }

  /** Writes to a reader what came after the event that it saw last, and what comes, until it is gone. */
  follow(sink: AnswerSink, lastEventId?: string): void {
    if (sink.signal.aborted) return
    const begin = this.#placeAfter(lastEventId)
    let place = typeof begin === 'number' ? begin : this.#next
    let hasRoom = true
    let missed = 0
    const write = (text: string): void => {
      hasRoom = sink.write(text)
    }
    const end = (): void => {
      clearInterval(beats)
      this.#readers.delete(take)
    }
    const drop = (last?: string): void => {
      end()
      this.#dropped += 1
      sink.end(last)
    }
    const take = (): void => {
      while (hasRoom && place < this.#next) {
        const event = this.#events.get(place)
        if (event === undefined) break
        write(event)
        place += 1
      }
      if (place < this.#first) drop(this.#reset('too-slow'))
    }
    const beats = setInterval(() => {
      missed = hasRoom ? 0 : missed + 1
      if (missed >= mostMissed) drop()
      else if (hasRoom) write(': well\n\n')
    }, this.#heartbeatMs)
    sink.onRoom(() => {
      hasRoom = true
      missed = 0
      if (!sink.signal.aborted && this.#readers.has(take)) take()
    })
    sink.signal.addEventListener('abort', end, { once: true })
    this.#readers.add(take)
    // An id without data is no event: who is cut before the first one comes again with it.
    write(`retry: ${retryMs}\nid: ${this.#idOf(place - 1)}\n\n`)
    if (typeof begin === 'string') write(this.#reset(begin))
    take()
  }

  /** Where a reader goes on; why it cannot, where it cannot. */
  #placeAfter(lastEventId: string | undefined): number | ApiResetReason {
    if (lastEventId === undefined) return this.#next
    const [, run, digits] = /^([a-z0-9]{1,32})-(\d{1,15})$/.exec(lastEventId) ?? []
    if (run === undefined || digits === undefined) return 'unknown'
    if (run !== this.#run) return 'restarted'
    const place = Number(digits) + 1
    if (place > this.#next) return 'unknown'
    return place < this.#first ? 'too-old' : place
  }

  #reset(why: ApiResetReason): string {
    return eventText('reset', { why, says: resetWords[why] }, this.#idOf(this.#next - 1))
  }

  #idOf(number: number): string {
    return `${this.#run}-${number}`
  }
}

/** An event of a stream (HTML Standard, server-sent events); JSON in one line has no line ends of its own. */
function eventText<Name extends keyof ApiEvents>(name: Name, data: ApiEvents[Name], id: string): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
