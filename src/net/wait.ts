import type { Limits } from './net.ts'

/** How a wait ended when what was waited for did not come. */
export type Ending = 'timeout' | 'aborted'

const longestWaitMs = 600_000

/**
 * One bounded wait: begins something, and settles once, with what came of it or with how the wait ended. Timer and
 * listener are gone by then, and whatever was opened has been released.
 *
 * @param begin opens what is needed and calls `settle` with the outcome, at once or later; what it returns releases it
 *   and is called exactly once, with the outcome
 * @param ended the outcome when time or patience ran out; asked before the release, so that it may look at what came
 * @throws RangeError when the time-out is out of its range
 */
export function wait<T>(
  limits: Limits,
  begin: (settle: (outcome: T) => void) => (outcome: T) => void,
  ended: (ending: Ending) => T,
): Promise<T> {
  const { signal, timeoutMs } = limits
  if (!(timeoutMs >= 1 && timeoutMs <= longestWaitMs)) {
    throw new RangeError(`a time-out must be 1 to ${longestWaitMs} ms, not ${timeoutMs}`)
  }
  if (signal.aborted) return Promise.resolve(ended('aborted'))
  return new Promise((resolve, reject) => {
    const state: { settled?: { readonly outcome: T }; release?: (outcome: T) => void } = {}
    const settle = (outcome: T): void => {
      if (state.settled !== undefined) return
      state.settled = { outcome }
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      state.release?.(outcome)
      resolve(outcome)
    }
    const onAbort = (): void => settle(ended('aborted'))
    const timer = setTimeout(() => settle(ended('timeout')), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      state.release = begin(settle)
    } catch (error) {
      // Misuse that only the platform notices, such as an argument out of its range: nothing may stay behind.
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      reject(error)
      return
    }
    if (state.settled !== undefined) state.release(state.settled.outcome)
  })
}
