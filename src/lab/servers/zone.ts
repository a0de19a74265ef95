/** The lab's own domain: the AD domain and DNS zone of the site. */
export const labDomain = 'corp.example'

/** One resource record, in the shape that dns-packet writes. */
export type LabRecord =
  | { readonly name: string; readonly type: 'A'; readonly ttl: number; readonly data: string }
  | { readonly name: string; readonly type: 'CNAME'; readonly ttl: number; readonly data: string }
  | { readonly name: string; readonly type: 'NS'; readonly ttl: number; readonly data: string }
  | { readonly name: string; readonly type: 'SRV'; readonly ttl: number; readonly data: ServiceData }
  | { readonly name: string; readonly type: 'SOA'; readonly ttl: number; readonly data: AuthorityData }

interface ServiceData {
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly target: string
}

interface AuthorityData {
  readonly mname: string
  readonly rname: string
  readonly serial: number
  readonly refresh: number
  readonly retry: number
  readonly expire: number
  readonly minimum: number
}

/** Everything that the lab serves lives here. */
export const loopback = '127.0.0.1'
const ttl = 600
/** The one site of the lab's directory. */
export const labDirectorySite = 'Default-First-Site-Name'

const a = (host: string): LabRecord => ({ name: `${host}.${labDomain}`, type: 'A', ttl, data: loopback })
const srv = (service: string, port: number): LabRecord => ({
  name: `${service}.${labDomain}`,
  type: 'SRV',
  ttl,
  data: { priority: 0, weight: 100, port, target: `dc01.${labDomain}` },
})

/** The start of authority of a zone; what negative answers carry (RFC 2308 §2). */
export function startOfAuthority(zone: string): LabRecord {
  const inside = zone === labDomain
  return {
    name: zone,
    type: 'SOA',
    ttl: inside ? 3600 : 300,
    data: {
      mname: inside ? `dns01.${labDomain}` : 'ns1.lab-internet.example',
      rname: inside ? `hostmaster.${labDomain}` : 'hostmaster.lab-internet.example',
      serial: 2_026_010_100,
      refresh: 900,
      retry: 600,
      expire: 86_400,
      minimum: inside ? 3600 : 300,
    },
  }
}

/** The zone as a domain controller would have registered it (MS-ADTS §6.3.2.3), with the hosts of the site. */
export const zoneRecords: readonly LabRecord[] = [
  startOfAuthority(labDomain),
  { name: labDomain, type: 'NS', ttl: 3600, data: `dns01.${labDomain}` },
  { name: labDomain, type: 'A', ttl, data: loopback },
  a('gate01'),
  a('app01'),
  a('dns01'),
  a('dc01'),
  a('dc02'),
  a('dns02'),
  a('sts'),
  a('pki'),
  srv('_ldap._tcp', 389),
  srv('_ldap._tcp.dc._msdcs', 389),
  srv('_ldap._tcp.pdc._msdcs', 389),
  srv('_ldap._tcp.gc._msdcs', 3268),
  srv('_gc._tcp', 3268),
  srv('_kerberos._tcp', 88),
  srv('_kerberos._udp', 88),
  srv('_kerberos._tcp.dc._msdcs', 88),
  srv('_kpasswd._tcp', 464),
  srv('_kpasswd._udp', 464),
  srv(`_ldap._tcp.${labDirectorySite}._sites`, 389),
  srv(`_kerberos._tcp.${labDirectorySite}._sites`, 88),
]
