import type { ApiFinding } from '../../model/api.ts'
import { causeCodes, causesByLayer } from '../../model/cause.ts'
import type { Consequence, FindingCode, Incident } from '../../model/incident.ts'
import { watchFindings } from '../../model/incident.ts'
import { codeOf } from '../incident/trouble.ts'
import { flowIdIn } from './flowId.ts'
import { isoOf } from './isoTime.ts'
import { resource } from './resource.ts'
import { spanOf, spanRows } from './spanOf.ts'

const codes: readonly FindingCode[] = [...watchFindings, ...causeCodes]
const weekMs = 7 * 86_400_000
/** Incidents that are read for them. */
const mostIncidents = 5000

export const findings = resource({
  method: 'GET',
  path: '/findings',
  what: 'What shows over time: periods, shifts, saturation, expiry, changed answers and chains, budgets that run out.',
  query: {
    ...spanRows,
    from: { kind: 'time', what: 'The begin of the span; absent: a week before its end.' },
    code: { kind: 'choices', words: codes, what: 'What it is.' },
    limit: { kind: 'count', least: 1, most: 1000, usual: 200, what: 'The newest so many.' },
  },
  answer: 'Findings',
  handle({ store, now }, { query }) {
    const span = spanOf(query, now(), weekMs)
    if ('problem' in span) return span
    const { from, to } = span.ok
    const found = store
      .incidents(span.ok, mostIncidents)
      .flatMap((incident) => incident.consequences.filter(showsOverTime).map((one) => ({ incident, one })))
      .filter(({ one }) => one.since < to && (one.until ?? Number.POSITIVE_INFINITY) > from)
      .filter(({ one }) => query.code === undefined || query.code.includes(codeOf(one)))
      .toSorted((a, b) => b.one.since - a.one.since)
    return {
      ok: {
        findings: found.slice(0, query.limit).map(({ incident, one }) => findingAnswer(incident, one)),
        isCut: found.length > query.limit,
      },
    }
  },
})

const overTime: ReadonlySet<string> = new Set(causesByLayer.time.filter((cause) => cause !== 'high-latency'))

/** What was seen in one look is no finding over time, whatever it is called. */
function showsOverTime({ weighed, finding, cause }: Consequence): boolean {
  if (weighed !== undefined) return weighed.of === 'time'
  return finding !== undefined || overTime.has(cause)
}

function findingAnswer(incident: Incident, one: Consequence): ApiFinding {
  const { subject, title, since, until, says, weighed } = one
  const { severity, confidence, owner, fix } = weighed ?? incident
  const flow = flowIdIn(subject)
  return {
    code: codeOf(one),
    subject,
    ...(flow !== undefined && { flow }),
    title,
    since: isoOf(since),
    ...(until !== undefined && { until: isoOf(until) }),
    severity,
    confidence,
    owner,
    says,
    ...(fix !== undefined && { fix }),
    incident: incident.id,
  }
}
