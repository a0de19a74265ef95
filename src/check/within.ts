/** Does something under a signal of its own, which is aborted after so many milliseconds or when an outer signal is. */
export type Within = <T>(ms: number, act: (signal: AbortSignal) => Promise<T>) => Promise<T>

/**
 * Bounds many things under one outer signal. Each one's timer is gone when it is done, which those of signals composed by
 * the platform are not; and the outer signal has one listener for all of them, since the platform goes through those that
 * a signal has whenever one is added or taken away, and a check has hundreds of questions under way.
 *
 * @param outer lives no longer than what is bounded, or is bounded itself by {@link within}
 */
export function withinEach(outer: AbortSignal): Within {
  const underWay = new Set<() => void>()
  const endAll = (): void => {
    for (const end of underWay) end()
  }
  outer.addEventListener('abort', endAll, { once: true })
  return (ms, act) =>
    bounded(ms, outer, act, (end) => {
      underWay.add(end)
      return () => underWay.delete(end)
    })
}

/**
 * Bounds one thing. Timer and listener are gone when it is done.
 *
 * @param ms the longest that it may take, in milliseconds
 */
export function within<T>(ms: number, outer: AbortSignal, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return bounded(ms, outer, act, (end) => {
    outer.addEventListener('abort', end, { once: true })
    return () => outer.removeEventListener('abort', end)
  })
}

/** @param listen has `end` called when the outer signal is aborted, until what it returns is */
async function bounded<T>(
  ms: number,
  outer: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
  listen: (end: () => void) => () => void,
): Promise<T> {
  const controller = new AbortController()
  const end = (): void => controller.abort(outer.reason)
  const timer = setTimeout(end, ms)
  const unlisten = listen(end)
  if (outer.aborted) end()
  try {
    return await act(controller.signal)
  } finally {
    clearTimeout(timer)
    unlisten()
  }
}
