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
] as const
export type DirectoryFlowId = (typeof directoryFlowIds)[number]

/** The site file: the client is the Connect server, and its domain controller serves the names too. */
export const directorySiteText = `site: directory
domain: corp.example
features: [password-hash-sync, password-writeback, seamless-sso, ldaps]
hosts:
  here: { roles: [entra-connect], addresses: ["${client.address}"] }
  dc1: { roles: [domain-controller, dns-server], name: ${dc.name}, addresses: ["${dc.address}"] }
trust: { certificates: [${certificateFiles.ca}] }
flows:
  - { id: gcs, from: here, to: dc1, ports: [3269], transport: [tcp], service: gcs }
  - { id: kpasswd, from: here, to: dc1, ports: [464], transport: [tcp], service: kpasswd }
  - { id: tls, from: here, to: dc1, ports: [636, 3269], transport: [tcp], service: tls }
  - { id: time, from: here, to: dc1, ports: [123], transport: [udp], service: ntp }
`
