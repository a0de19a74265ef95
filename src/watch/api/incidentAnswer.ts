import type { ApiConsequence, ApiEvents, ApiIncident } from '../../model/api.ts'
import type { Alert, Incident } from '../../model/incident.ts'
import { titleOf } from '../incident/index.ts'
import { tellingOf } from '../incident/tell.ts'
import type { ConfirmedNews } from '../news.ts'
import { flowIdIn } from './flowId.ts'
import { isoOf } from './isoTime.ts'

/** Consequences of one incident among others, or in an event. */
export const fewConsequences = 20

/** An incident as it is answered, with so many of its consequences. */
export function incidentAnswer(incident: Incident, most: number): ApiIncident {
  const told = tellingOf(incident, most)
  const { since, confirmedAt, lastSeenAt, until, acknowledged, silencedUntil } = told
  return {
    id: told.id,
    state: told.state,
    suspect: told.suspect,
    cause: told.cause,
    ...(told.finding !== undefined && { finding: told.finding }),
    confidence: told.confidence,
    severity: told.severity,
    owner: told.owner,
    says: told.says,
    ...(told.fix !== undefined && { fix: told.fix }),
    since: isoOf(since),
    confirmedAt: isoOf(confirmedAt),
    lastSeenAt: isoOf(lastSeenAt),
    ...(until !== undefined && { until: isoOf(until) }),
    flaps: told.flaps,
    confirmedBy: { looks: told.confirmedBy.looks, vantages: told.confirmedBy.vantages },
    alternatives: told.alternatives ?? [],
    ...(acknowledged !== undefined && { acknowledged: { at: isoOf(acknowledged.at), by: acknowledged.by } }),
    notes: told.notes.map(({ at, by, text }) => ({ at: isoOf(at), by, text })),
    ...(silencedUntil !== undefined && { silencedUntil: isoOf(silencedUntil) }),
    told: (told.told ?? []).map(({ at, reason, severity, to }) => ({ at: isoOf(at), reason, severity, to })),
    ...(told.mergedInto !== undefined && { mergedInto: told.mergedInto }),
    absorbed: told.absorbed ?? [],
    consequences: told.consequences.map(consequenceAnswer),
    consequencesLeftOut: told.consequencesLeftOut ?? 0,
  }
}

function consequenceAnswer({
  subject,
  title,
  since,
  until,
  ended,
  cause,
  finding,
  says,
}: Incident['consequences'][number]): ApiConsequence {
  const flow = flowIdIn(subject)
  return {
    subject,
    ...(flow !== undefined && { flow }),
    title,
    since: isoOf(since),
    ...(until !== undefined && { until: isoOf(until) }),
    ...(ended !== undefined && { ended }),
    cause,
    ...(finding !== undefined && { finding }),
    says,
  }
}

/** An alert, as an event tells it. */
export function alertAnswer({ id, at, reason, incident }: Alert): ApiEvents['alert'] {
  return { id, at: isoOf(at), reason, incident: incident.id, severity: incident.severity, says: incident.says }
}

/** News, as an event tells them. */
export function newsAnswer(news: ConfirmedNews): ApiEvents['news'] {
  const subject = 'key' in news ? news.key : news.subject
  const flow = flowIdIn(subject)
  const title = 'report' in news ? titleOf(news.report) : 'title' in news ? news.title : subject
  const says =
    'report' in news ? news.report.says : 'told' in news ? news.told.says : 'says' in news ? news.says : undefined
  return {
    kind: news.kind,
    subject,
    ...(flow !== undefined && { flow }),
    title,
    at: isoOf(news.at),
    ...(says !== undefined && { says }),
  }
}
