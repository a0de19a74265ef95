/** What a domain controller says of itself that a real Samba cannot be brought to say: its answers are rewritten. */
import type { DirectoryFlowId } from './directorySite.ts'
import { dc, ports, relayed } from './places.ts'
import type { Row } from './row.ts'

const toDc = `ip daddr ${dc.address}`
const knock = (port: number): string => `knock:${dc.address}:${port}`
const truth = (port: number, attribute: string): string => `truth:${dc.address}:${port}:${attribute}`
/** Connections to a door of the controller go to another one of it. */
const led = (door: string, to: number): string => `${toDc} ${door} dnat ip to ${dc.address}:${to}`

export const rewrittenAnswers: readonly Row<DirectoryFlowId>[] = [
  {
    id: 'not-a-gc',
    breaks: 'The controller is no global catalog: it says so over CLDAP and LDAP, and refuses at 3268 and 3269.',
    leads: [
      led('tcp dport 389', relayed.noCatalog),
      led('udp dport 389', relayed.noCatalog),
      led('tcp dport { 3268, 3269 }', ports.closed),
    ].join('\n '),
    tasks: [truth(389, 'isGlobalCatalogReady'), `catalog:${dc.address}:corp.example`, ...[3268, 3269, 636].map(knock)],
    shows: 'FALSE, no catalog, ECONNREFUSED, ECONNREFUSED, connected',
    asks: ['t1-gc', 'gcs', 't1-ldap', 't1-ldaps', 't1-kerberos', 't1-smb'],
    expect: {
      flows: ['t1-gc', 'gcs'],
      verdict: 'blocked',
      cause: 'not-a-gc',
      confidence: 'certain',
      owner: 'directory',
    },
  },
  {
    id: 'catalog-not-ready',
    breaks: 'The global catalog has not got every domain of the forest yet, and says so.',
    leads: led('tcp dport 3268', relayed.catalogNotReady),
    tasks: [truth(3268, 'isGlobalCatalogReady'), truth(389, 'isGlobalCatalogReady')],
    shows: 'FALSE, TRUE',
    asks: ['t1-gc', 'gcs', 't1-ldap', 't1-smb'],
    expect: {
      flows: ['t1-gc'],
      verdict: 'blocked',
      cause: 'dc-not-ready',
      confidence: 'certain',
      owner: 'directory',
    },
  },
  {
    id: 'dc-not-ready',
    breaks: 'The first replication of the controller has not come to its end, and it says so.',
    leads: led('tcp dport 389', relayed.notSynchronised),
    tasks: [truth(389, 'isSynchronized'), truth(3268, 'isSynchronized')],
    shows: 'FALSE, TRUE',
    asks: ['t1-ldap', 't1-gc', 't1-kerberos', 't1-smb'],
    expect: {
      flows: ['t1-ldap'],
      which: 'some',
      verdict: 'blocked',
      cause: 'dc-not-ready',
      confidence: 'certain',
      owner: 'directory',
    },
  },
  {
    id: 'epm-restricted',
    breaks: 'The endpoint mapper names its ports to nobody who has not signed in; the ports are open.',
    leads: led('tcp dport 135', relayed.restrictedMapper),
    tasks: [`mapper:${dc.address}:135`, knock(49152), knock(49153), knock(49154)],
    shows: 'fault 5, connected, connected, connected',
    asks: ['t1-rpc-epm', 't1-rpc-dynamic', 't1-ldap', 't1-smb'],
    expect: {
      flows: ['t1-rpc-dynamic'],
      verdict: 'unknown',
      cause: 'epm-restricted',
      confidence: 'likely',
      owner: 'host',
    },
  },
]
