/**
 * Does something under a signal of its own, which is aborted when its time is over or when the outer signal is. Timer
 * and listener are gone when it is done: signals composed by the platform live until their time-out, done or not.
 *
 * @param ms the longest that it may take, in milliseconds
 */
export async function within<T>(ms: number, outer: AbortSignal, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const end = (): void => controller.abort(outer.reason)
  const timer = setTimeout(end, ms)
  outer.addEventListener('abort', end, { once: true })
  if (outer.aborted) end()
  try {
    return await act(controller.signal)
  } finally {
    clearTimeout(timer)
    outer.removeEventListener('abort', end)
  }
}
