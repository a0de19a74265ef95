/** Services that have a probe scheme of their own: the scheme of a TARGET and the `service` of a flow. */
export const schemes = [
  'dns',
  'kerberos',
  'kpasswd',
  'ntp',
  'epm',
  'ldap',
  'ldaps',
  'cldap',
  'gc',
  'gcs',
  'smb',
  'winrm',
  'winrms',
  'adws',
  'amqps',
  'mssql',
  'http',
  'https',
  'ws',
  'wss',
  'tls',
  'tcp',
] as const
export type Scheme = (typeof schemes)[number]

/**
 * What is spoken on a flow's port. Besides the schemes: `rpc` is DCE/RPC on a port that the endpoint mapper names,
 * `http-connect` an HTTP proxy, `net-tcp` WCF's framing on a local port, `icmp-echo` has no port, `any` is whatever
 * the row leaves open.
 */
export const services = [...schemes, 'rpc', 'http-connect', 'net-tcp', 'icmp-echo', 'any'] as const
export type Service = (typeof services)[number]

/** The service that a TARGET without a scheme means by its port; ports that are not here are plain `tcp`. */
export const usualServiceOfPort: Readonly<Record<number, Scheme>> = Object.freeze({
  53: 'dns',
  80: 'http',
  88: 'kerberos',
  123: 'ntp',
  135: 'epm',
  389: 'ldap',
  443: 'https',
  445: 'smb',
  464: 'kpasswd',
  636: 'ldaps',
  1433: 'mssql',
  3268: 'gc',
  3269: 'gcs',
  5671: 'amqps',
  5985: 'winrm',
  5986: 'winrms',
  8080: 'http',
  8443: 'https',
  8585: 'https',
  9389: 'adws',
  49443: 'tls',
})

/** The port that a TARGET without a port means by its scheme; `tcp` and `tls` have none. */
export const usualPortOfScheme: Readonly<Partial<Record<Scheme, number>>> = Object.freeze({
  dns: 53,
  kerberos: 88,
  kpasswd: 464,
  ntp: 123,
  epm: 135,
  ldap: 389,
  ldaps: 636,
  cldap: 389,
  gc: 3268,
  gcs: 3269,
  smb: 445,
  winrm: 5985,
  winrms: 5986,
  adws: 9389,
  amqps: 5671,
  mssql: 1433,
  http: 80,
  https: 443,
  ws: 80,
  wss: 443,
})
