import type { Severity } from '../model/finding.ts'
import type { Alert } from '../model/incident.ts'
import type { OcsfEvent } from '../store/record/ocsf.ts'
import { ocsfClasses, ocsfVersion } from '../store/record/ocsf.ts'
import { alertWords } from './alertWords.ts'

const severityIds: Readonly<Record<Severity, readonly [id: number, name: string]>> = {
  critical: [5, 'Critical'],
  high: [4, 'High'],
  medium: [3, 'Medium'],
  low: [2, 'Low'],
  info: [1, 'Informational'],
}

const activities = {
  opened: [1, 'Create'],
  worse: [2, 'Update'],
  reminder: [2, 'Update'],
  recovered: [3, 'Close'],
  test: [99, 'Other'],
} as const satisfies Readonly<Record<Alert['reason'], readonly [number, string]>>

/**
 * An alert as a Detection Finding of OCSF, one for each time that an incident is told of; `finding_info.uid` is the
 * incident's own. https://schema.ocsf.io/1.3.0/classes/detection_finding
 *
 * @param version of Postern
 */
export function alertOcsf(alert: Alert, version: string): OcsfEvent {
  const { incident, reason, at, id } = alert
  const { category, id: classId, name } = ocsfClasses.detection_finding
  const { title, facts, url } = alertWords(alert)
  const [activityId, activity] = activities[reason]
  const [severityId, severity] = severityIds[incident.severity]
  const isOver = reason === 'recovered'
  return {
    ...{ activity_id: activityId, activity_name: activity },
    ...{ category_uid: category.id, category_name: category.name, class_uid: classId, class_name: name },
    ...{ type_uid: classId * 100 + activityId, type_name: `${name}: ${activity}` },
    ...{ severity_id: severityId, severity },
    ...(isOver ? { status_id: 4, status: 'Resolved' } : { status_id: 1, status: 'New' }),
    time: at,
    message: title,
    metadata: {
      ...{ version: ocsfVersion, uid: id, log_name: 'postern-alerts' },
      product: { name: 'Postern', vendor_name: 'Postern', version },
    },
    finding_info: {
      ...{ uid: incident.id, title, types: [incident.cause], created_time: incident.since },
      ...{ first_seen_time: incident.since, last_seen_time: incident.lastSeenAt, modified_time: at },
      desc: facts.map(({ label, text }) => `${label}: ${text}`).join('; '),
      ...(url !== undefined && { src_url: url }),
    },
    ...(incident.fix !== undefined && { remediation: { desc: incident.fix } }),
    unmapped: {
      ...{ site: alert.site, from: alert.from, reason, suspect: incident.suspect, owner: incident.owner },
      ...{ confidence: incident.confidence, consequences: incident.consequences.length, flaps: incident.flaps },
    },
  }
}
