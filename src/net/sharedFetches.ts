import type { Clock } from './clock.ts'
import { startStamp } from './clock.ts'
import type { FetchedOctets, WantedOctets } from './fetchOctets.ts'
import type { Limits } from './net.ts'
import type { Ending } from './wait.ts'
import { wait } from './wait.ts'

/** What was fetched, and when and how long that took, for whoever shares it. */
export interface SharedOctets {
  readonly at: string
  readonly ms: number
  readonly fetched: FetchedOctets
}

export interface SharedBounds {
  /** Fetches that are remembered. */
  readonly mostKept: number
  /** Octets of memory that all of them take together, those under way included. */
  readonly mostOctets: number
}

type Fetch = (wanted: WantedOctets, limits: Limits) => Promise<FetchedOctets>

interface Entry {
  readonly controller: AbortController
  readonly coming: Promise<SharedOctets>
  waiting: number
  held: number
  /** Reading of the monotonic clock after which it is fetched anew; absent while it is under way. */
  freshUntilMs?: number
}

/** Lists are made once a day or once an hour; the flows of one check meet within two minutes. */
const freshMs = 600_000
/** What failed is asked again soon: somebody may be mending it. */
const failedFreshMs = 10_000
/** Who began a fetch waits for its own end, which its own time-out brings. */
const longestWaitMs = 600_000

/**
 * Fetches each address once for all who want it, while it is under way and for a time afterwards. Who gives up leaves
 * it to the others; when nobody waits any more it is ended. When memory goes short what was used least recently is
 * forgotten, and what still finds no room is `too-large`.
 */
export function createSharedFetches(
  fetch: Fetch,
  clock: Clock,
  { mostKept, mostOctets }: SharedBounds,
): { take(wanted: Omit<WantedOctets, 'allow'>, limits: Limits): Promise<SharedOctets> } {
  const entries = new Map<string, Entry>()
  let held = 0

  function forget(key: string, entry: Entry): void {
    if (entries.get(key) !== entry) return
    entries.delete(key)
    release(entry, entry.held)
  }

  function release(entry: Entry, octets: number): void {
    entry.held -= octets
    held -= octets
  }

  function forgetOldest(): boolean {
    for (const [key, entry] of entries) {
      if (entry.freshUntilMs === undefined) continue
      forget(key, entry)
      return true
    }
    return false
  }

  function begin(key: string, wanted: Omit<WantedOctets, 'allow'>, timeoutMs: number): Entry {
    const controller = new AbortController()
    const stamp = startStamp(clock)
    const allow = (octets: number): boolean => {
      while (held + octets > mostOctets && forgetOldest());
      if (held + octets > mostOctets) return false
      entry.held += octets
      held += octets
      return true
    }
    const come = async (): Promise<SharedOctets> => {
      const fetched = await fetch({ ...wanted, allow }, { signal: controller.signal, timeoutMs }).catch(faultOf)
      const isKept = fetched.kind === 'answer' && entries.get(key) === entry
      // The memory that was not filled is given back, and all of it where nobody will ask for it again.
      const kept = fetched.kind === 'answer' ? { ...fetched, octets: fetched.octets.slice() } : fetched
      release(entry, entry.held - (isKept ? fetched.octets.length : 0))
      entry.freshUntilMs = clock.monotonicMs() + (isWell(fetched) ? freshMs : failedFreshMs)
      while (entries.size > mostKept && forgetOldest());
      return { ...stamp(), fetched: kept }
    }
    const entry: Entry = { controller, waiting: 0, held: 0, coming: Promise.resolve().then(come) }
    entries.set(key, entry)
    return entry
  }

  return {
    async take(wanted, limits) {
      const stamp = startStamp(clock)
      const none = (outcome: Ending): SharedOctets => ({ ...stamp(), fetched: { kind: 'failed', outcome } })
      if (limits.signal.aborted) return none('aborted')
      const { url, inside, through, most } = wanted
      const key = [url, inside, through?.name, through?.address, through?.port, most].join(' ')
      const known = entries.get(key)
      const isFresh = known !== undefined && (known.freshUntilMs ?? Number.POSITIVE_INFINITY) > clock.monotonicMs()
      if (known !== undefined && !isFresh) forget(key, known)
      const entry = isFresh ? known : begin(key, wanted, limits.timeoutMs)
      if (isFresh) {
        // Used last, forgotten last.
        entries.delete(key)
        entries.set(key, entry)
      }
      entry.waiting += 1
      return wait<SharedOctets>(
        { signal: limits.signal, timeoutMs: isFresh ? limits.timeoutMs : longestWaitMs },
        (settle) => {
          void entry.coming.then(settle)
          return () => leave(key, entry)
        },
        none,
      )
    },
  }

  function leave(key: string, entry: Entry): void {
    entry.waiting -= 1
    if (entry.waiting > 0 || entry.freshUntilMs !== undefined) return
    // Whoever comes next begins anew; the memory is given back when the fetch has ended.
    if (entries.get(key) === entry) entries.delete(key)
    entry.controller.abort()
  }
}

/** What could not even be asked is told to all who wait for it. */
function faultOf(error: unknown): FetchedOctets {
  return { kind: 'failed', outcome: 'tool-limit', detail: error instanceof Error ? error.message : String(error) }
}

function isWell(fetched: FetchedOctets): boolean {
  return fetched.kind === 'answer' && fetched.status === 200
}
