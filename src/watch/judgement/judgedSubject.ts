import { hostOf } from '../../diagnose/wording.ts'
import type { Flow, Necessity } from '../../model/flow.ts'
import { flowKey } from '../../model/flow.ts'
import type { Role } from '../../model/role.ts'
import { cloudRoles } from '../../model/role.ts'
import type { Measure } from '../../model/series.ts'
import type { Service } from '../../model/service.ts'
import type { SubjectFacts } from '../../series/index.ts'
import { titleOf } from '../incident/index.ts'

/** What is judged over time: a flow, or a sign-in. */
export interface JudgedSubject {
  /** As in {@link import('../../model/series.ts').Reading.subject}. */
  readonly subject: string
  readonly title: string
  /** Those whose times are judged, the nearest to the wire first. */
  readonly measures: readonly Measure[]
  readonly facts: SubjectFacts
  readonly necessity: Necessity
  /** The name that is dialled and its port, `dc01.corp.example:636`, where one name may have several addresses. */
  readonly place?: string
}

const outside: ReadonlySet<Role> = new Set([...cloudRoles, 'internet'])
const directory: ReadonlySet<Service> = new Set(['ldap', 'ldaps', 'gc', 'gcs', 'cldap'])

/** What is known of a flow by its plan. */
export function judgedFlow(flow: Flow): JudgedSubject {
  const { target, via, toRole } = flow
  const subject = flowKey(flow)
  return {
    subject,
    title: titleOf(flow),
    measures: ['connect-ms', 'tls-ms', 'first-byte-ms', 'dns-ms'],
    necessity: flow.necessity,
    facts: {
      subject,
      vantage: flow.from,
      destination: hostOf(flow),
      isController: toRole === 'domain-controller',
      isCloud: flow.direction === 'outbound-internet' || outside.has(toRole),
      isDirectory: directory.has(target.service),
      ...(via !== undefined && { proxy: via }),
    },
    ...(target.name !== undefined &&
      target.address === undefined &&
      target.port !== null &&
      via === undefined && { place: `${target.name}:${target.port}` }),
  }
}

/** A sign-in that the watcher does by itself, whose steps have time lines of their own. */
export function judgedSignIn(name: string, vantage: string): JudgedSubject {
  const subject = `sign-in:${name}`
  return {
    subject,
    title: `sign-in ${name}`,
    measures: ['discovery-ms', 'authorize-ms', 'token-ms'],
    necessity: 'required',
    facts: { subject, vantage, destination: subject, isController: false, isCloud: true, isDirectory: false },
  }
}

/** What a measure times, as the subject of a sentence. */
export const measureWords: Readonly<Record<Measure, string>> = Object.freeze({
  'dns-ms': 'looking the name up',
  'connect-ms': 'connecting',
  'tls-ms': 'the TLS handshake',
  'first-byte-ms': 'the first answer',
  'whole-ms': 'the whole conversation',
  'discovery-ms': 'discovery',
  'authorize-ms': 'authorisation',
  'token-ms': 'the token',
  'sync-lag-ms': 'synchronisation',
  'connections-count': 'connections',
  'handshake-ms': 'the handshake',
})
