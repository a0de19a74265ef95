/** How incidents are made. Every number has a default that is right for looks once a minute. */
export interface IncidentSettings {
  /** From the first confirmed failure until somebody is told, so that what fails with it is seen first; milliseconds. */
  readonly settleMs: number
  /** How long one fault may take to reach all that it harms: a flow seen well later than this has another; milliseconds. */
  readonly onsetMs: number
  /** The share of flows that may be well in spite of the suspect whom they pass: 0 to 1. */
  readonly wellShare: number
  /** What each opening and each return adds to the penalty, and the time in which that halves (RFC 2439 §4.2). */
  readonly penalty: number
  readonly halfLifeMs: number
  /** Below the first an incident is over once it is well; below the second it is forgotten, and a return is a new one. */
  readonly reuse: number
  readonly forget: number
  /** Nothing is held open longer than this after it was well again; milliseconds. */
  readonly mostHoldMs: number
  /** Time between two reminders of one that is open and that nobody has acknowledged, milliseconds; absent: none. */
  readonly reminderMs?: number
  /** An alert lists so many consequences, and counts the others. */
  readonly consequencesTold: number
}

const minute = 60_000

export const incidentDefaults: IncidentSettings = Object.freeze({
  settleMs: 20_000,
  onsetMs: 2 * minute,
  wellShare: 0.05,
  penalty: 1000,
  halfLifeMs: 15 * minute,
  reuse: 750,
  forget: 50,
  mostHoldMs: 120 * minute,
  consequencesTold: 50,
})
