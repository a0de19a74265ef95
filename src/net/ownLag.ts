/** For how long this process itself did not look at what had come, while it waited for something. */
export interface OwnLag {
  /**
   * Does something and says for how much of that time the process was kept from it: by work of its own, by others on a
   * machine without time for it, or by having been stopped. In milliseconds; less than `tellingMs` is told as nothing.
   *
   * @param counts `whole` counts each time, for what has several steps of its own; `end` the last one alone, after which
   *   it was done, since one answer that is waited for comes meanwhile whoever looks
   */
  during<T>(work: () => Promise<T>, counts: 'whole' | 'end'): Promise<{ readonly done: T; readonly ownLagMs?: number }>
}

export interface OwnLagMeans {
  /** A clock that is never set back, in milliseconds from any origin. */
  monotonicMs(): number
  /** Calls something again and again, until what it returns is called; keeps no process alive. */
  every(ms: number, act: () => void): () => void
}

/** How often it is looked, in milliseconds. */
const tickMs = 20
/** A timer is never sharp: what it is later than this was not its own doing, in milliseconds. */
const sharpMs = 15
/** What is shorter changes no judgement, in milliseconds. */
const tellingMs = 100

const systemMeans: OwnLagMeans = {
  monotonicMs: () => performance.now(),
  every(ms, act) {
    const timer = setInterval(act, ms)
    timer.unref()
    return () => clearInterval(timer)
  },
}

/**
 * Watches by a timer how late this process is. It runs as long as something is waited for, and no longer.
 *
 * @param means default: the machine's own clock and timers
 */
export function createOwnLag({ monotonicMs, every }: OwnLagMeans = systemMeans): OwnLag {
  let underWay = 0
  let stop = (): void => {}
  let dueMs = 0
  let sumMs = 0
  let lastMs = 0
  const overdueMs = (nowMs: number): number => (nowMs - dueMs > sharpMs ? nowMs - dueMs : 0)
  const tick = (): void => {
    const nowMs = monotonicMs()
    lastMs = overdueMs(nowMs)
    sumMs += lastMs
    dueMs = nowMs + tickMs
  }
  return {
    async during(work, counts) {
      if (underWay === 0) {
        dueMs = monotonicMs() + tickMs
        lastMs = 0
        stop = every(tickMs, tick)
      }
      underWay += 1
      const beforeMs = sumMs + overdueMs(monotonicMs())
      try {
        const done = await work()
        const nowMs = monotonicMs()
        const wholeMs = sumMs + overdueMs(nowMs) - beforeMs
        const endMs = Math.min(wholeMs, overdueMs(nowMs) || lastMs)
        const lagMs = Math.round(counts === 'whole' ? wholeMs : endMs)
        return { done, ...(lagMs >= tellingMs && { ownLagMs: lagMs }) }
      } finally {
        underWay -= 1
        if (underWay === 0) stop()
      }
    },
  }
}
