const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** A minute in which was looked. */
export interface WatchedMinute {
  /** Its begin, milliseconds since 1970. */
  readonly at: number
  /** Whether it counts against the budget: {@link badMinutes}. */
  readonly isBad: boolean
}

/** A look, as far as the budget asks. */
export interface BudgetLook {
  readonly at: number
  readonly isWell: boolean
  /** Whether looks right after it failed as well, here or from a second vantage: one lost question is not confirmed. */
  readonly isConfirmed: boolean
}

/** The budget is being used up too quickly. */
export interface BurnAlert {
  readonly urgency: 'page' | 'ticket'
  /** The windows by which it is so, milliseconds: the long one says that it matters, the short one that it still goes on. */
  readonly longMs: number
  readonly shortMs: number
  /** How many times as quickly as would use up the budget exactly, in the long window. */
  readonly burn: number
  /** Bad minutes of the long window, and those that were looked at. */
  readonly bad: number
  readonly watched: number
}

/**
 * Multi-window rates of the SRE workbook (Google, 2018, chapter 5), told in bad minutes. With one look a minute and a goal
 * of 99.9 %, one bad minute an hour is 16.7 times the budget: without least counts the first row would wake somebody for
 * a single one.
 */
const rows: readonly (Pick<BurnAlert, 'urgency' | 'longMs' | 'shortMs'> & {
  readonly burn: number
  /** Bad minutes that each window must hold at least. */
  readonly leastLong: number
  readonly leastShort: number
})[] = [
  { urgency: 'page', burn: 14.4, longMs: hourMs, shortMs: 5 * minuteMs, leastLong: 3, leastShort: 2 },
  { urgency: 'page', burn: 6, longMs: 6 * hourMs, shortMs: 30 * minuteMs, leastLong: 6, leastShort: 2 },
  { urgency: 'ticket', burn: 1, longMs: 72 * hourMs, shortMs: 6 * hourMs, leastLong: 8, leastShort: 3 },
]

/**
 * Minutes in which was looked. One is bad where a look of it failed and was confirmed, and none went well after that.
 *
 * @param looks in any order; those without a finite time are left out
 * @returns in the order of time
 */
export function badMinutes(looks: readonly BudgetLook[]): readonly WatchedMinute[] {
  const minutes = new Map<number, boolean>()
  const inOrder = looks.filter(({ at }) => Number.isFinite(at)).toSorted((one, other) => one.at - other.at)
  for (const { at, isWell, isConfirmed } of inOrder) {
    const minute = Math.floor(at / minuteMs) * minuteMs
    minutes.set(minute, isWell ? false : isConfirmed || (minutes.get(minute) ?? false))
  }
  return Array.from(minutes, ([at, isBad]) => ({ at, isBad }))
}

/**
 * How urgently somebody has to know, by how quickly bad minutes use up what the goal allows.
 *
 * @param objective share of minutes that are to be good, such as 0.999; above 0 and below 1
 * @returns the most urgent row that holds; undefined where none does, always for a single bad minute
 */
export function burnAlert(minutes: readonly WatchedMinute[], now: number, objective: number): BurnAlert | undefined {
  if (!(objective > 0 && objective < 1)) return undefined
  for (const { urgency, burn, longMs, shortMs, leastLong, leastShort } of rows) {
    const [long, short] = [countIn(minutes, now - longMs, now), countIn(minutes, now - shortMs, now)]
    if (long.bad < leastLong || short.bad < leastShort) continue
    const [burnLong, burnShort] = [long, short].map(({ bad, watched }) => bad / watched / (1 - objective))
    if (burnLong === undefined || burnShort === undefined || burnLong < burn || burnShort < burn) continue
    return { urgency, longMs, shortMs, burn: burnLong, ...long }
  }
  return undefined
}

/** What is left of the budget of a span: 1 untouched, 0 used up, below that overdrawn. */
export function budgetLeft(minutes: readonly WatchedMinute[], from: number, to: number, objective: number): number {
  const { bad, watched } = countIn(minutes, from, to)
  return watched === 0 ? 1 : 1 - bad / (watched * (1 - objective))
}

function countIn(
  minutes: readonly WatchedMinute[],
  from: number,
  to: number,
): { readonly bad: number; readonly watched: number } {
  let [bad, watched] = [0, 0]
  for (const { at, isBad } of minutes) {
    if (at < from || at >= to) continue
    watched += 1
    if (isBad) bad += 1
  }
  return { bad, watched }
}
