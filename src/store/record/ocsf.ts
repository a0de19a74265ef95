import type { EventKind, EventPlace, RecordedEvent } from '../../model/event.ts'

/** The version of the Open Cybersecurity Schema Framework that events are written in. https://schema.ocsf.io/1.3.0 */
export const ocsfVersion = '1.3.0'

/** An activity of a class, by its number and caption. */
export interface OcsfActivity {
  readonly id: number
  readonly name: string
}

/** How one kind of event is told in OCSF. */
export interface OcsfClass {
  readonly category: { readonly id: number; readonly name: string }
  readonly id: number
  readonly name: string
  /** Activities of the class by ours, or by the HTTP method; what is not named is 99, Other. */
  readonly activities: Readonly<Record<string, OcsfActivity>>
  /** What all activities of the kind are that are not named. */
  readonly usual?: OcsfActivity
}

const activity = (id: number, name: string): OcsfActivity => ({ id, name })
const other = activity(99, 'Other')
const iam = { id: 3, name: 'Identity & Access Management' } as const
const network = { id: 4, name: 'Network Activity' } as const

/** Each kind of event and its class: https://schema.ocsf.io/1.3.0/classes */
export const ocsfClasses: Readonly<Record<EventKind, OcsfClass>> = {
  network_activity: {
    ...{ category: network, id: 4001, name: 'Network Activity' },
    activities: { connect: activity(1, 'Open'), disconnect: activity(2, 'Close'), listen: activity(7, 'Listen') },
  },
  http_activity: {
    ...{ category: network, id: 4002, name: 'HTTP Activity' },
    activities: {
      ...{ CONNECT: activity(1, 'Connect'), DELETE: activity(2, 'Delete'), GET: activity(3, 'Get') },
      ...{ HEAD: activity(4, 'Head'), OPTIONS: activity(5, 'Options'), POST: activity(6, 'Post') },
      ...{ PUT: activity(7, 'Put'), TRACE: activity(8, 'Trace') },
    },
  },
  authentication: {
    ...{ category: iam, id: 3002, name: 'Authentication' },
    activities: {
      'sign-in': activity(1, 'Logon'),
      'sign-out': activity(2, 'Logoff'),
      'front-channel-sign-out': activity(2, 'Logoff'),
      revoke: activity(2, 'Logoff'),
      'step-up': activity(1, 'Logon'),
      revalidate: other,
      groups: other,
    },
  },
  authorization: {
    ...{ category: iam, id: 3003, name: 'Authorize Session' },
    ...{ activities: {}, usual: activity(1, 'Assign Privileges') },
  },
  account_change: {
    ...{ category: iam, id: 3001, name: 'Account Change' },
    activities: {
      ...{ create: activity(1, 'Create'), enable: activity(2, 'Enable'), disable: activity(5, 'Disable') },
      delete: activity(6, 'Delete'),
    },
  },
  config_change: {
    ...{ category: iam, id: 3004, name: 'Entity Management' },
    ...{ activities: { create: activity(1, 'Create'), delete: activity(4, 'Delete') }, usual: activity(3, 'Update') },
  },
  detection_finding: {
    ...{ category: { id: 2, name: 'Findings' }, id: 2004, name: 'Detection Finding' },
    ...{ activities: { end: activity(3, 'Close') }, usual: activity(1, 'Create') },
  },
}

/** An event in OCSF, as one JSON object. */
export type OcsfEvent = Readonly<Record<string, unknown>>

const severities = { 1: 'Informational', 2: 'Low', 3: 'Medium', 4: 'High' } as const

/**
 * Tells an event in OCSF. What OCSF has no place for stands in `unmapped` by its own name, so that nothing is lost.
 *
 * @param version of Postern, for `metadata.product`
 */
export function ocsfOf(event: RecordedEvent, version: string): OcsfEvent {
  const row = ocsfClasses[event.kind]
  const done = activityOf(event, row)
  const { outcome, reason, time, uid, chain, traceId, session, route, detail, count } = event
  const severity = severityOf(event)
  const isOk = outcome === 'ok'
  const unmapped = {
    ...{ activity: event.activity, outcome, chain },
    ...(route !== undefined && { route }),
    ...(detail !== undefined && { detail }),
    ...(session !== undefined && !hasSession(event.kind) && { session }),
  }
  return {
    activity_id: done.id,
    activity_name: done.id === other.id ? event.activity : done.name,
    category_name: row.category.name,
    category_uid: row.category.id,
    class_name: row.name,
    class_uid: row.id,
    type_name: `${row.name}: ${done.name}`,
    type_uid: row.id * 100 + done.id,
    severity: severities[severity],
    severity_id: severity,
    status: isOk ? 'Success' : 'Failure',
    status_id: isOk ? 1 : 2,
    status_code: reason,
    time: Date.parse(time),
    ...(count !== undefined && { count }),
    metadata: {
      ...{ version: ocsfVersion, uid, log_name: 'postern-record', original_time: time },
      product: { name: 'Postern', vendor_name: 'Postern', version },
      ...(row.category === network && { profiles: ['security_control'] }),
      ...(traceId !== undefined && { correlation_uid: traceId }),
    },
    ...membersOf(event, reason),
    unmapped,
  }
}

function activityOf(event: RecordedEvent, { activities, usual = other }: OcsfClass): OcsfActivity {
  // A connection that did not come about was refused by us, or failed by itself.
  if (event.kind === 'network_activity' && event.outcome === 'denied') return activity(5, 'Refuse')
  if (event.kind === 'network_activity' && event.outcome === 'failed') return activity(4, 'Fail')
  const asked = event.kind === 'http_activity' ? (event.http?.method ?? '') : event.activity
  return Object.hasOwn(activities, asked) ? (activities[asked] ?? usual) : usual
}

/** What went well is informational, a finding is high, and a denial is low: a gate denies all day. */
function severityOf({ kind, outcome }: RecordedEvent): keyof typeof severities {
  if (kind === 'detection_finding') return 4
  return outcome === 'ok' ? 1 : outcome === 'denied' ? 2 : 3
}

function hasSession(kind: EventKind): boolean {
  return kind === 'authentication' || kind === 'authorization'
}

function membersOf(event: RecordedEvent, reason: string): OcsfEvent {
  const { kind, src, dst, http, actor, session, route, activity: done } = event
  const user = userOf(actor)
  const isNetwork = kind === 'network_activity' || kind === 'http_activity'
  return {
    ...(actor !== undefined && { actor: { user } }),
    ...(src !== undefined && { src_endpoint: endpointOf(src) }),
    ...((dst !== undefined || http !== undefined) && {
      dst_endpoint: { ...(dst !== undefined && endpointOf(dst)), ...(http !== undefined && { hostname: http.host }) },
    }),
    ...(http !== undefined && {
      http_request: { http_method: http.method, url: { hostname: http.host, path: http.path } },
    }),
    ...(http?.status !== undefined && { http_response: { code: http.status } }),
    ...(isNetwork && {
      connection_info: { direction: 'Inbound', direction_id: 1, protocol_name: 'tcp', protocol_num: 6 },
      ...(event.outcome !== 'failed' && dispositionOf(event.outcome === 'ok')),
    }),
    ...(session !== undefined && hasSession(kind) && { session: { uid: session } }),
    ...(['authentication', 'authorization', 'account_change'].includes(kind) && { user }),
    ...(kind === 'authentication' && {
      ...{ auth_protocol: 'OpenID', auth_protocol_id: 4, is_remote: true, service: { name: 'Postern gate' } },
    }),
    ...(kind === 'authorization' && { privileges: [route ?? 'no-route'] }),
    ...(kind === 'config_change' && { entity: { name: done, type: 'configuration' } }),
    ...(kind === 'detection_finding' && { finding_info: { title: reason, uid: event.uid, types: [done] } }),
  }
}

function dispositionOf(isAllowed: boolean): OcsfEvent {
  return isAllowed
    ? { action: 'Allowed', action_id: 1, disposition: 'Allowed', disposition_id: 1 }
    : { action: 'Denied', action_id: 2, disposition: 'Blocked', disposition_id: 2 }
}

function endpointOf({ address, port }: EventPlace): OcsfEvent {
  return { ip: address, ...(port !== undefined && { port }) }
}

/** A class that needs a user gets one also where nobody had signed in. */
function userOf(actor: RecordedEvent['actor']): OcsfEvent {
  if (actor === undefined) return { name: 'anonymous', type: 'Unknown', type_id: 0 }
  const type = actor.kind === 'user' ? { type: 'User', type_id: 1 } : { type: 'Application', type_id: 99 }
  return { uid: actor.objectId, org: { uid: actor.tenantId }, ...type }
}
