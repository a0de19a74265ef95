import { certificateFiles, client, dc } from './places.ts'

/** What a Connect server asks of its domain controller, and beside the tables what the controller serves besides. */
export const directoryFlowIds = [
  't1-dns',
  't1-kerberos',
  't1-rpc-epm',
  't1-ldap',
  't1-smb',
  't1-ldaps',
  't1-rpc-dynamic',
  't1-gc',
  'gcs',
  'kpasswd',
  'tls',
  'time',
  'adws',
  'winrm',
  'winrms',
  'mssql',
] as const
export type DirectoryFlowId = (typeof directoryFlowIds)[number]

interface Wishes {
  /** Name of the controller; default: its own. */
  readonly name?: string
  /** Without it the controller is looked up, by itself. */
  readonly found?: true
  readonly domain?: string
  readonly more?: string
}

/** The site file: the client is the Connect server, and its domain controller serves the names too. */
export const directorySiteBy = ({ name = dc.name, found, domain = 'corp.example', more = '' }: Wishes): string => `\
site: directory
domain: ${domain}
features: [password-hash-sync, password-writeback, seamless-sso, ldaps]
hosts:
  here: { roles: [entra-connect], addresses: ["${client.address}"] }
  dc1: { roles: [domain-controller, dns-server], name: ${name}${found ? '' : `, addresses: ["${dc.address}"]`} }
trust: { certificates: [${certificateFiles.ca}] }
${found ? `resolvers: { internal: ["${dc.address}"] }\n` : ''}flows:
  - { id: gcs, from: here, to: dc1, ports: [3269], transport: [tcp], service: gcs }
  - { id: kpasswd, from: here, to: dc1, ports: [464], transport: [tcp, udp], service: kpasswd }
  - { id: tls, from: here, to: dc1, ports: [636, 3269], transport: [tcp], service: tls }
  - { id: time, from: here, to: dc1, ports: [123], transport: [udp], service: ntp }
  - { id: adws, from: here, to: dc1, ports: [9389], transport: [tcp], service: adws }
  - { id: winrm, from: here, to: dc1, ports: [5985], transport: [tcp], service: winrm }
  - { id: winrms, from: here, to: dc1, ports: [5986], transport: [tcp], service: winrms }
  - { id: mssql, from: here, to: dc1, ports: [1433], transport: [tcp], service: mssql }
${more}`

export const directorySiteText = directorySiteBy({})
