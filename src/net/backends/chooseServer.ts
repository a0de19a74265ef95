/** What the choice of a server goes by. */
export interface Choosable {
  /** By its health check; servers that are not asked are well. */
  readonly isWell: boolean
  /** Milliseconds of the monotonic clock until which it is given nothing; 0: it is not ejected. */
  readonly ejectedUntilMs: number
  /** When it came back from being ejected or unwell; undefined: it never was. */
  readonly backSinceMs?: number | undefined
  readonly inFlight: number
  readonly mostInFlight: number
}

/** How long a server that came back is given less than the others: a cold cache fails under a full share. */
const slowReturnMs = 30_000
const leastWeight = 0.1

/**
 * The server with the least in flight, of those that are well; one that came back a moment ago counts as busier than it is.
 * Where all that are well were ejected, ejection does not count: a doubtful server is better than none.
 *
 * @param turn any number that goes up: of equals another one is first each time
 * @param not a server that was tried already; chosen only where there is no other
 * @returns `unwell` where none is well, `busy` where all that may be chosen are full
 */
export function chooseServer<S extends Choosable>(
  servers: readonly S[],
  nowMs: number,
  turn: number,
  not?: S,
): S | 'unwell' | 'busy' {
  const well = servers.filter(({ isWell }) => isWell)
  if (well.length === 0) return 'unwell'
  const calm = well.filter(({ ejectedUntilMs }) => ejectedUntilMs <= nowMs)
  const may = calm.length === 0 ? well : calm
  const others = may.filter((server) => server !== not)
  const free = (others.length === 0 ? may : others).filter(({ inFlight, mostInFlight }) => inFlight < mostInFlight)
  let best: S | undefined
  let least = Number.POSITIVE_INFINITY
  for (let step = 0; step < free.length; step += 1) {
    const server = free[(turn + step) % free.length]
    if (server === undefined) continue
    const load = (server.inFlight + 1) / weightOf(server, nowMs)
    if (load < least) [best, least] = [server, load]
  }
  return best ?? 'busy'
}

function weightOf({ backSinceMs }: Choosable, nowMs: number): number {
  if (backSinceMs === undefined) return 1
  return Math.min(1, Math.max(leastWeight, (nowMs - backSinceMs) / slowReturnMs))
}
