import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

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
 *   at between turns.
 */
export function createMemoryBound(): () => () => void {
  let isBound = false
  let mayGrow = false
  const adjust = (): void => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
    const isSmall = young < enoughForYoung
    if (isSmall === mayGrow) return
    mayGrow = isSmall
    setFlagsFromString(`--semi-space-growth-factor=${isSmall ? 2 : 1}`)
  }
  let observer: PerformanceObserver | undefined
  const growAsNeeded = (): void => {
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
