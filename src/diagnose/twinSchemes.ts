import type { Flow } from '../model/flow.ts'
import { hostPort } from '../model/hostPort.ts'
import type { Scheme, Service } from '../model/service.ts'

/** Services that are asked in the clear and inside TLS alike, by what they are called the other way. */
type Twins = Readonly<Partial<Record<Service, Scheme>>>

export const overTlsAs: Twins = Object.freeze({ ldap: 'ldaps', gc: 'gcs', winrm: 'winrms', http: 'https', ws: 'wss' })
export const inTheClearAs: Twins = Object.freeze({ ldaps: 'ldap', gcs: 'gc' })

/** The command that asks the same place the other way. */
export function checkAs({ target, to }: Flow, address: string | undefined, twins: Twins): string | undefined {
  const scheme = twins[target.service]
  return scheme && `postern check ${scheme}://${hostPort(target.name ?? address ?? to, target.port)}`
}
