import type { Service } from '../model/service.ts'
import { usualServiceOfPort } from '../model/service.ts'
import type { OwnFlow } from '../model/site.ts'

/** Usual services that are spoken over UDP as well; LDAP there is CLDAP (MS-ADTS §6.3.3). */
const usualOverUdp: Readonly<Partial<Record<Service, Service>>> = {
  dns: 'dns',
  kerberos: 'kerberos',
  kpasswd: 'kpasswd',
  ntp: 'ntp',
  ldap: 'cldap',
}

/** What a flow of the user's own speaks at one of its ports: as written, else what is usual at that port. */
export function ownServiceOf({ service }: OwnFlow, port: number, transport: 'tcp' | 'udp'): Service {
  if (service !== undefined) return service
  const usual: Service = usualServiceOfPort[port] ?? 'tcp'
  // A datagram to an unknown service proves nothing: it is left open what it would say.
  return transport === 'tcp' ? usual : (usualOverUdp[usual] ?? 'any')
}
