/** How something stands that people expect to stay: an answer of a name server, a chain of certificates. */
export interface SteadyState {
  readonly value: string
  readonly since: number
  readonly looks: number
  /** When anything else was seen last. */
  readonly otherAt?: number
  /** Another value that is being seen now. */
  readonly doubt?: { readonly value: string; readonly since: number; readonly looks: number }
  /** What it was before the change that was said. */
  readonly changed?: { readonly from: string; readonly at: number }
}

export type SteadyNews =
  | { readonly kind: 'changed'; readonly from: string; readonly since: number }
  | { readonly kind: 'over' }

const dayMs = 86_400_000
/** What never was anything else for a day and so many looks is expected to stay: names that rotate never get there. */
const leastLooks = 100
const leastMs = dayMs
/** So many looks in a row, over so long, make another value the one that is so. */
const [fewestAgain, shortestMs] = [3, 120_000]
/** After that a change is what is usual. */
const acceptedMs = dayMs

/** Takes one look; says once that what was steady is another, and once that it is back, or has stood for a day. */
export function steadyStep(
  before: SteadyState | undefined,
  value: string,
  at: number,
): { readonly state: SteadyState; readonly news?: SteadyNews } {
  if (before === undefined) return { state: { value, since: at, looks: 1 } }
  const { doubt, changed, ...standing } = before
  if (value === before.value) {
    const isOver = changed !== undefined && at - changed.at >= acceptedMs
    const state = {
      ...standing,
      looks: before.looks + 1,
      ...(doubt !== undefined && { otherAt: at }),
      ...(changed !== undefined && !isOver && { changed }),
    }
    return isOver ? { state, news: { kind: 'over' } } : { state }
  }
  const seen = doubt?.value === value ? { ...doubt, looks: doubt.looks + 1 } : { value, since: at, looks: 1 }
  const otherAt = doubt !== undefined && doubt.value !== value ? { otherAt: at } : {}
  if (seen.looks < fewestAgain || at - seen.since < shortestMs) return { state: { ...before, ...otherAt, doubt: seen } }
  const next = { value, since: seen.since, looks: seen.looks }
  if (changed?.from === value) return { state: next, news: { kind: 'over' } }
  const steadyFrom = Math.max(before.since, before.otherAt ?? 0)
  const wasSteady = before.looks >= leastLooks && seen.since - steadyFrom >= leastMs
  if (!wasSteady) return { state: { ...next, ...(changed !== undefined && { changed }) } }
  return {
    state: { ...next, changed: { from: before.value, at: seen.since } },
    news: { kind: 'changed', from: before.value, since: seen.since },
  }
}

/** A state as it was kept. */
export function isSteadyState(one: unknown): one is SteadyState {
  return (
    typeof one === 'object' &&
    one !== null &&
    'value' in one &&
    typeof one.value === 'string' &&
    'since' in one &&
    typeof one.since === 'number' &&
    'looks' in one &&
    typeof one.looks === 'number'
  )
}
