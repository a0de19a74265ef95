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
    // Listeners of a connection outlive the wait, and hold on to what `settle` holds: by then neither the outcome nor the
    // promise that has it, or certificates and sockets stay until the whole heap is gone through.
    const held: Held<T> = { resolve }
    const settle = (outcome: T): void => {
      const { resolve, release } = held
      if (resolve === undefined) return
      held.resolve = undefined
      held.release = undefined
      if (release === undefined) held.early = { outcome }
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      release?.(outcome)
      resolve(outcome)
    }
    const onAbort = (): void => settle(ended('aborted'))
    const onTimeout = (): void => {
      if (held.resolve !== undefined) settle(ended('timeout'))
    }
    // Timers come before what has arrived: where this process was kept from looking, an answer may be there already.
    const timer = setTimeout(() => setImmediate(onTimeout), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      const release = begin(settle)
      const { early } = held
      held.early = undefined
      if (early === undefined) held.release = release
      else release(early.outcome)
    } catch (error) {
      // Misuse that only the platform notices, such as an argument out of its range: nothing may stay behind.
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      reject(error)
    }
  })
}

/** What a wait holds until it has settled. */
interface Held<T> {
  resolve?: ((outcome: T) => void) | undefined
  release?: ((outcome: T) => void) | undefined
  /** What came before `begin` had returned. */
  early?: { readonly outcome: T } | undefined
}
