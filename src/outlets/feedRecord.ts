import type { OutletSettings } from '../model/watch.ts'
import type { HistoryStore } from '../store/history/historyStore.ts'
import type { ReadOn, RecordPlace } from '../store/record/readOn.ts'
import { readPlace } from '../store/record/readOn.ts'
import { wants } from './openOutlets.ts'
import { eventOfRecord } from './recordLineEvents.ts'
import { readTold } from './told.ts'

export interface RecordFeedOptions {
  /** Path of the record, by which a place of it is told from one of another. */
  readonly folder: string
  /** Reads on in it. */
  readonly readOn: (
    from: RecordPlace | undefined,
    options: { readonly most: number; readonly passOver?: string; readonly signal: AbortSignal },
  ) => Promise<ReadOn>
  readonly outlets: readonly OutletSettings[]
  readonly store: Pick<HistoryStore, 'due' | 'waiting' | 'spool' | 'word' | 'keepWord'>
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number
  /** Resolves after so many milliseconds, or as soon as the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  /** Something was put into a queue. */
  readonly onSpooled: () => void
  /** Told once, in a sentence without an end, when an outlet cannot be fed, and when it can again. */
  readonly onTrouble: (outlet: string, why: string | undefined) => void
  readonly signal: AbortSignal
}

/** Things that may wait in the queue of an outlet before the record is left to wait on its own disk. */
export const mostWaiting = 2000
const lotLines = 1000
/** Between two looks at a record that had no more, and at a queue that was full. In milliseconds. */
const lookMs = 300
const fullMs = 100
const troubleMs = 5000

const wordOf = (outlet: string): string => `outlet-record:${outlet}`

/**
 * Brings the events of a record, and its signed lines, into the queues of the outlets that take events, each by itself and
 * in their order. The record is the queue: how far an outlet has come is kept as a word of the history, and no more than
 * {@link mostWaiting} things are copied at a time, so that one that is away for weeks costs no room. What the gate removes
 * from its record before an outlet has come so far is told with its number.
 *
 * At least once: a process that is ended between writing a lot and its place reads the lot again, and leaves out what still
 * waits; what was taken meanwhile is sent again, with the same uid. An outlet that was never fed begins with the oldest event.
 */
export async function feedRecord(options: RecordFeedOptions): Promise<void> {
  const takers = options.outlets.filter(({ takes }) => takes.includes('events'))
  await Promise.all(takers.map((outlet) => feed(outlet, options)))
}

async function feed(outlet: OutletSettings, options: RecordFeedOptions): Promise<void> {
  const { folder, store, signal, wait, onTrouble } = options
  let isTroubled = false
  let stuckAt: string | undefined
  let standing: { place: RecordPlace | undefined; waiting: ReadonlySet<string> } | undefined
  while (!signal.aborted) {
    let ms = troubleMs
    try {
      standing ??= { place: placeIn(store.word(wordOf(outlet.name)), folder), waiting: uidsIn(store, outlet.name) }
      if (store.waiting(outlet.name) >= mostWaiting) ms = fullMs
      else {
        const passOver = stuckAt
        const lot = await options.readOn(standing.place, {
          most: lotLines,
          signal,
          ...(passOver !== undefined && { passOver }),
        })
        if (signal.aborted) return
        await take(lot, outlet, options, standing.waiting)
        // What waited before this process began can only be met in the first lot that is read again.
        if (lot.lines.length > 0) standing = { place: lot.lines.at(-1)?.place, waiting: new Set() }
        stuckAt = lot.stuckAt
        ms = lot.isAtEnd ? lookMs : 0
      }
      if (isTroubled) onTrouble(outlet.name, undefined)
      isTroubled = false
    } catch (error) {
      // What of the lot was spooled is known by its uid when it is read again.
      standing = undefined
      if (!isTroubled) onTrouble(outlet.name, error instanceof Error ? error.message : 'unknown')
      isTroubled = true
    }
    if (ms > 0) await wait(ms, signal)
  }
}

async function take(
  { lines }: ReadOn,
  outlet: OutletSettings,
  { folder, store, now, onSpooled }: RecordFeedOptions,
  waiting: ReadonlySet<string>,
): Promise<void> {
  const at = now()
  const bodies = lines.flatMap((line) => {
    const event = eventOfRecord(line, at, folder)
    const isNew = wants(outlet, { kind: 'event', event }) && !waiting.has(event.uid)
    return isNew ? [JSON.stringify(event)] : []
  })
  const place = lines.at(-1)?.place
  if (place === undefined) return
  // They share one transaction, in which they stand in this order.
  await Promise.all(bodies.map((body) => store.spool(outlet.name, body, at)))
  await store.keepWord(wordOf(outlet.name), JSON.stringify({ folder, place }))
  if (bodies.length > 0) onSpooled()
}

/** Of another record, or none: the oldest event. */
function placeIn(word: string | undefined, folder: string): RecordPlace | undefined {
  try {
    const kept: { readonly folder?: unknown; readonly place?: unknown } = JSON.parse(word ?? '{}')
    return kept.folder === folder ? readPlace(kept.place) : undefined
  } catch {
    return undefined
  }
}

function uidsIn(store: RecordFeedOptions['store'], outlet: string): ReadonlySet<string> {
  const rows = store.due(outlet, Number.MAX_SAFE_INTEGER, mostWaiting + lotLines)
  return new Set(
    rows.flatMap(({ body }) => {
      const told = readTold(body)
      return told?.kind === 'event' ? [told.event.uid] : []
    }),
  )
}
