import type { Cloud } from '../model/cloud.ts'
import { clouds } from '../model/cloud.ts'
import type { Feature } from '../model/feature.ts'
import type { Direction, Necessity, Source } from '../model/flow.ts'
import type { Role, SiteRole } from '../model/role.ts'
import type { Service } from '../model/service.ts'
import type { Fact } from '../model/site.ts'
import type { Condition, FlowRow, Note, Pair } from './flowRow.ts'

/** A row before its source is known; empty lists may be left out. */
type Draft = Omit<FlowRow, keyof Source | 'endpoints' | 'notes'> & Partial<Pick<FlowRow, 'endpoints' | 'notes'>>

/** Rows that were read from one page, as it stood on the date that it carries. */
export function sourced({ source, asOf }: Source, drafts: readonly Draft[]): readonly FlowRow[] {
  return drafts.map((draft) => ({ endpoints: [], notes: [], ...draft, source, asOf }))
}

/** Who opens the connection, who accepts it, and which way that goes. */
export function between(from: Role, to: Role, direction: Direction): Pick<FlowRow, 'from' | 'to' | 'direction'> {
  return { from, to, direction }
}

const always: Condition = { features: [], roles: [], clouds, facts: [] }

/** All of the features, one of `anyOf`, all of the roles and facts as they are asked for, every cloud but those named. */
export function when(condition: {
  features?: readonly Feature[]
  anyOf?: readonly Feature[]
  played?: readonly SiteRole[]
  absent?: readonly SiteRole[]
  is?: readonly Fact[]
  isNot?: readonly Fact[]
  notIn?: readonly Cloud[]
}): Condition {
  const { features = [], anyOf = [], played = [], absent = [], is = [], isNot = [], notIn = [] } = condition
  return {
    features: [...features.map((feature) => [feature]), ...(anyOf.length > 0 ? [anyOf] : [])],
    roles: [
      ...played.map((role) => ({ role, is: 'played' }) as const),
      ...absent.map((role) => ({ role, is: 'absent' }) as const),
    ],
    clouds: clouds.filter((cloud) => !notIn.includes(cloud)),
    facts: [...is.map((fact) => ({ fact, is: true })), ...isNot.map((fact) => ({ fact, is: false }))],
  }
}

type Need = Pick<FlowRow, 'necessity' | 'requiredWhen' | 'condition'>

const needed =
  (necessity: Necessity) =>
  (requiredWhen: string, condition: Condition = always): Need => ({ necessity, requiredWhen, condition })

export const required = needed('required')
export const conditional = needed('conditional')
export const recommended = needed('recommended')
export const optional = needed('optional')
export const legacy = needed('legacy')
export const localOnly = needed('local-only')
/** A negative row: what must stay closed. */
export const never: Need = needed('not-required')('never')

export function tcp(service: Service, port: number): Pair {
  return { service, transport: 'tcp', port }
}

function udp(service: Service, port: number): Pair {
  return { service, transport: 'udp', port }
}

export function tcpRange(service: Service, first: number, last: number): Pair {
  return { service, transport: 'tcp', port: null, range: { first, last } }
}

/** A port that the site chooses. */
export function atSitePort(service: Service, sitePort: NonNullable<Pair['sitePort']>): Pair {
  return { service, transport: 'tcp', port: null, sitePort }
}

/** The usual ports of the protocols, split into the pairs that are real: LDAP is TCP, its locator ping CLDAP is UDP. */
export const pairs = {
  dns: [tcp('dns', 53), udp('dns', 53)],
  http: [tcp('http', 80)],
  kerberos: [tcp('kerberos', 88), udp('kerberos', 88)],
  ntp: [udp('ntp', 123)],
  epm: [tcp('epm', 135)],
  ldap: [tcp('ldap', 389), udp('cldap', 389)],
  https: [tcp('https', 443)],
  smb: [tcp('smb', 445)],
  kpasswd: [tcp('kpasswd', 464), udp('kpasswd', 464)],
  ldaps: [tcp('ldaps', 636)],
  mssql: [tcp('mssql', 1433)],
  gc: [tcp('gc', 3268)],
  gcs: [tcp('gcs', 3269)],
  amqps: [tcp('amqps', 5671)],
  winrm: [tcp('winrm', 5985)],
  adws: [tcp('adws', 9389)],
  rpc: [tcpRange('rpc', 49152, 65535)],
  icmpEcho: [{ service: 'icmp-echo', transport: 'icmp', port: null }],
} as const satisfies Readonly<Record<string, readonly Pair[]>>

const remark =
  (kind: Note['kind']) =>
  (text: string): Note => ({ kind, text })

export const note = remark('note')
export const trap = remark('trap')
export const inferred = remark('inferred')
export const disagreement = remark('disagreement')
