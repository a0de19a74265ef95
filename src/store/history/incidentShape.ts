import { causeCodes, confidences, owners } from '../../model/cause.ts'
import { severities } from '../../model/finding.ts'
import { necessities } from '../../model/flow.ts'
import type { Consequence, Incident, IncidentCourse, Telling, Weighed } from '../../model/incident.ts'
import { alertReasons, incidentStates, suspectKinds, watchFindings } from '../../model/incident.ts'
import { verdictKinds } from '../../model/verdict.ts'

type Fits = (value: unknown) => boolean
type Members<Of> = Readonly<Partial<Record<keyof Of, Fits>>>

const isText: Fits = (value) => typeof value === 'string'
const isNumber: Fits = (value) => typeof value === 'number' && Number.isFinite(value)
const oneOf =
  (words: readonly string[]): Fits =>
  (value) =>
    typeof value === 'string' && words.includes(value)
const maybe =
  (fits: Fits): Fits =>
  (value) =>
    value === undefined || fits(value)
const listOf =
  (fits: Fits): Fits =>
  (value) =>
    Array.isArray(value) && value.every(fits)
const shape = (members: Readonly<Record<string, Fits>>): Fits => {
  const rows = Object.entries(members)
  return (value) => {
    if (typeof value !== 'object' || value === null) return false
    const found: Readonly<Record<string, unknown>> = { ...value }
    return rows.every(([name, fits]) => fits(found[name]))
  }
}

const causes: ReadonlySet<unknown> = new Set(causeCodes)
const isCause: Fits = (value) => causes.has(value)

const suspect = shape({ kind: oneOf(suspectKinds), name: isText })
const weighed = shape({
  of: oneOf(['look', 'time']),
  verdict: oneOf(verdictKinds),
  necessity: oneOf(necessities),
  severity: oneOf(severities),
  confidence: oneOf(confidences),
  owner: oneOf(owners),
  fix: maybe(isText),
  wellAt: maybe(isNumber),
  suspects: listOf(suspect),
  named: maybe(suspect),
} satisfies Members<Weighed>)

const consequence = shape({
  subject: isText,
  title: isText,
  since: isNumber,
  until: maybe(isNumber),
  cause: isCause,
  says: isText,
  finding: maybe(oneOf(watchFindings)),
  ended: maybe(oneOf(['unwatched', 'other-cause'])),
  weighed: maybe(weighed),
} satisfies Members<Consequence>)

const course = shape({
  settlesAt: maybe(isNumber),
  openedAt: isNumber,
  wellSince: maybe(isNumber),
  overAt: maybe(isNumber),
  penalty: shape({ value: isNumber, at: isNumber }),
  longestQuietMs: isNumber,
} satisfies Members<IncidentCourse>)

const incident = shape({
  id: isText,
  state: oneOf(incidentStates),
  suspect,
  cause: isCause,
  confidence: oneOf(confidences),
  severity: oneOf(severities),
  owner: oneOf(owners),
  says: isText,
  fix: maybe(isText),
  since: isNumber,
  confirmedAt: isNumber,
  lastSeenAt: isNumber,
  until: maybe(isNumber),
  flaps: isNumber,
  consequences: listOf(consequence),
  confirmedBy: shape({ looks: isNumber, vantages: listOf(isText) }),
  acknowledged: maybe(shape({ at: isNumber, by: isText })),
  notes: listOf(shape({ at: isNumber, by: isText, text: isText })),
  silencedUntil: maybe(isNumber),
  finding: maybe(oneOf(watchFindings)),
  alternatives: maybe(listOf(suspect)),
  told: maybe(
    listOf(
      shape({
        at: isNumber,
        reason: oneOf(alertReasons),
        severity: oneOf(severities),
        suspect,
        to: listOf(isText),
      } satisfies Members<Telling>),
    ),
  ),
  mergedInto: maybe(isText),
  absorbed: maybe(listOf(isText)),
  consequencesLeftOut: maybe(isNumber),
  course: maybe(course),
} satisfies Members<Incident>)

/** Whether a value that was read has all that an incident has, each of its kind. */
export function isIncident(value: unknown): value is Incident {
  return incident(value)
}
