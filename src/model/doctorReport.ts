/** What a look at the machine came to. */
export const lookStates = [
  /** Nothing stands in the way of Postern. */
  'ok',
  /** Something is narrower than it could be: `next` says what would widen it. */
  'limits',
  /** It could not be learnt, and nothing is said of it. */
  'unknown',
] as const
export type LookState = (typeof lookStates)[number]

/** Subjects that looks are shown under, in the order of a report. */
export const lookGroups = ['rights', 'trust', 'time', 'names', 'ways-out', 'sockets', 'gate', 'program'] as const
export type LookGroup = (typeof lookGroups)[number]

/** Things side by side, in words: the first column names each. */
export interface LookTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export type Figure = string | number | boolean | readonly string[]

/** One thing that was looked at. */
export interface LookReport {
  /** Stays the same from version to version: `trust-stores`. */
  readonly id: string
  readonly group: LookGroup
  readonly title: string
  readonly state: LookState
  /** What is so, in one sentence. */
  readonly says: string
  /** What would widen a limit, or let an unknown be known. */
  readonly next?: string
  /** What programs read instead of the sentence; units stand in the names. */
  readonly figures: Readonly<Record<string, Figure>>
  readonly table?: LookTable
}

/** The documented answer of `postern doctor --json`. */
export interface DoctorReport {
  readonly postern: string
  readonly kind: 'doctor'
  readonly machine: {
    readonly name: string
    /** Node's word for the operating system: `linux`, `win32`, `darwin`. */
    readonly platform: string
    readonly node: string
  }
  /** Absent: there was no site file, and nothing of a site was asked. */
  readonly site?: string
  readonly startedAt: string
  readonly durationMs: number
  /** True when Ctrl-C ended it: what had not been learnt is `unknown`. */
  readonly interrupted: boolean
  readonly summary: { readonly ok: number; readonly limits: number; readonly unknown: number }
  readonly looks: readonly LookReport[]
}
