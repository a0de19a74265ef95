import { PerformanceObserver } from 'node:perf_hooks'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Less means collecting more often, and more that is taken for long-lived: both cost processor time. In octets. */
const enoughForYoung = 6 * 1024 * 1024

/**
 * A bound for the memory of this process. It holds from the first call of what is returned, and is one for all checks that
 * call it: a watched site has a check each round.
 *
 * It keeps the heap near to what is alive in it, for work that keeps all that it sees to the end. By itself
 * the platform lets short-lived objects have 64 MiB, and what outlived them grow fourfold before it goes through it. What
 * that costs and saves is in docs/decisions/0013-speed.md.
 *
 * The greatest size of the young generation cannot be set in a process that runs; that it grows no more can. It is at
 * first as large as it happens to be.
 *
 * @returns what a check calls when it begins. What that gives is to be called when what is done in one long turn of the
 *   event loop is over: the young generation then grows, as far as it should. It doubles at each collection, and is looked
 *   at between turns. It is told too when the last of it is over, and what comes next is made in one turn of all that was
 *   kept: the whole heap is gone through at once, before that, and not while it is made. See {@link createRest}.
 */
export function createMemoryBound(): () => (isOver?: boolean) => void {
  let isBound = false
  let mayGrow = false
  const adjust = (): void => {
    const isSmall = youngSize() < enoughForYoung
    if (isSmall === mayGrow) return
    mayGrow = isSmall
    setFlagsFromString(`--semi-space-growth-factor=${isSmall ? 2 : 1}`)
  }
  let observer: PerformanceObserver | undefined
  const growAsNeeded = (isOver = false): void => {
    if (isOver) collectAll()
    if (observer !== undefined) return
    observer = new PerformanceObserver(adjust)
    observer.observe({ entryTypes: ['gc'] })
    adjust()
  }
  return () => {
    if (!isBound) {
      isBound = true
      setFlagsFromString('--semi-space-growth-factor=1')
      setFlagsFromString('--heap-growing-percent=25')
    }
    return growAsNeeded
  }
}

/** Less than this in octets is not worth the time, of some 100 ms for ten times as much. */
const worthCollecting = 32 * 1024 * 1024

/** The platform has no better way to say so. What is made of the flag lasts no longer than this. */
function collectAll(): void {
  if (getHeapStatistics().used_heap_size < worthCollecting) return
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect === 'function') collect()
}

/** More than this in octets is no growth of the young generation by itself, but one that waits to be collected. */
const passingGrowth = 5 * 1024 * 1024
/** How often it is looked at, in milliseconds, and how many times before it is taken to stay as it is. */
const lookEveryMs = 5
const mostLooks = 40

/**
 * For work that makes much in little time and can rest between its parts, as the pieces of a long result are made.
 *
 * While the platform goes through the whole heap, it collects nothing young and lets the young generation grow instead:
 * by 20 to 40 MiB, where a text is written meanwhile. It is done with that on threads of its own and at the end of a
 * turn of the event loop, in less than a tenth of a second, for which a rest waits.
 *
 * @param sizeNow what the young generation takes, in octets
 * @returns what rests: for a turn of the event loop, and while the young generation is larger than it should be, but no
 *   longer than 0.2 s; a size that stays is not waited for again
 */
export function createRest(sizeNow: () => number = youngSize): () => Promise<void> {
  let most = enoughForYoung + passingGrowth
  return async () => {
    await setImmediate()
    for (let looks = 0; looks < mostLooks && sizeNow() > most; looks += 1) await setTimeout(lookEveryMs)
    most = Math.max(most, sizeNow())
  }
}

function youngSize(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
}
