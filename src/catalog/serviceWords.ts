import type { Service } from '../model/service.ts'

/** What a service is called: in full, and by the other words that people type for it, in lower case. */
export interface ServiceWords {
  readonly title: string
  readonly words: readonly string[]
}

/** Every service but those that say nothing of what is spoken: `tcp` is any stream, `any` whatever a row leaves open. */
export type SpokenService = Exclude<Service, 'tcp' | 'any'>

export const serviceWords: Readonly<Record<SpokenService, ServiceWords>> = {
  dns: { title: 'name resolution', words: ['resolver'] },
  kerberos: { title: 'tickets of the domain', words: ['krb5', 'kdc'] },
  kpasswd: { title: 'Kerberos password change', words: [] },
  ntp: { title: 'time', words: ['sntp', 'w32time'] },
  epm: { title: 'RPC endpoint mapper', words: ['rpc-endpoint-mapper', 'endpoint-mapper'] },
  ldap: { title: 'the directory, over TCP', words: [] },
  ldaps: { title: 'the directory, over TLS', words: ['ldap-ssl', 'ldap-over-tls'] },
  cldap: { title: 'the locator ping of the directory, over UDP', words: ['dc-locator'] },
  gc: { title: 'global catalog', words: ['global-catalog'] },
  gcs: { title: 'global catalog over TLS', words: ['global-catalog-ssl'] },
  smb: { title: 'file shares, SYSVOL and named pipes', words: ['cifs', 'sysvol'] },
  winrm: { title: 'remote PowerShell', words: ['ws-man', 'wsman'] },
  winrms: { title: 'remote PowerShell over TLS', words: [] },
  adws: { title: 'Active Directory Web Services', words: ['ad-web-services'] },
  amqps: { title: 'Service Bus over AMQP with TLS', words: ['amqp', 'service-bus'] },
  mssql: { title: 'SQL Server', words: ['sql', 'tds'] },
  http: { title: 'plain HTTP', words: [] },
  https: { title: 'HTTP over TLS', words: [] },
  ws: { title: 'WebSocket', words: ['websocket'] },
  wss: { title: 'WebSocket over TLS', words: [] },
  tls: { title: 'TLS without a word of what is within', words: ['ssl'] },
  rpc: { title: 'RPC on a port that the endpoint mapper names', words: ['ms-rpc', 'dce-rpc', 'dynamic-rpc'] },
  'http-connect': { title: 'tunnels through an HTTP proxy', words: [] },
  'net-tcp': { title: "WCF's framing, on the host itself", words: ['nettcp', 'net.tcp'] },
  'icmp-echo': { title: 'echo requests', words: ['icmp', 'ping'] },
}
