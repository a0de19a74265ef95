import { domain } from '../samba/domain.ts'
import { knock, send } from './directoryDoors.ts'
import { datagrams } from './directoryPaths.ts'
import type { DirectoryFlowId } from './directorySite.ts'
import { directoryFlowIds, directorySiteBy } from './directorySite.ts'
import { dc, relayed } from './places.ts'
import type { Expected, Row } from './row.ts'

const recordsOf = (verb: 'add' | 'delete', name: string, type: string, data: string): [string, ...string[]] => [
  ...(['samba-tool', 'dns', verb, dc.address, 'corp.example', name, type, data] as const),
  ...['-U', `${domain.administrator.name}%${domain.administrator.password}`, '--configfile=/dev/null'],
]

const sitesOf = (verb: 'create' | 'remove', name: string): [string, ...string[]] => [
  ...(['samba-tool', 'sites', verb, name, '-H', `ldap://${dc.address}`] as const),
  ...['-U', `${domain.administrator.name}%${domain.administrator.password}`, '--configfile=/dev/null'],
]

const locatorOfSite = '_ldap._tcp.Default-First-Site-Name._sites'

/** Clients of the site are sent anywhere in the domain: that takes something from them, and blocks none. */
const siteIncomplete: Expected<DirectoryFlowId> = {
  flows: ['t1-dns'],
  which: 'some',
  verdict: 'degraded',
  cause: 'srv-incomplete',
  confidence: 'certain',
  owner: 'dns',
}

/** Of a controller that is not there, in the network of the one that is. */
const unplanned = dc.address.replace(/\d+$/, '99')

/** Everything that shows a domain: Kerberos repeats whichever it is asked for, and SMB and RPC name none. */
export const ofAnotherDomain: Expected<DirectoryFlowId> = {
  flows: ['t1-ldap', 't1-ldaps', 't1-gc', 'gcs', 'kpasswd', 'tls', 'winrms'],
  verdict: 'wrong',
  cause: 'wrong-domain',
  confidence: 'certain',
  owner: 'dns',
}

/** What the directory says of itself, and its names. */
export const namesAtFault: readonly Row<DirectoryFlowId>[] = [
  {
    id: 'controller-of-another-domain',
    breaks: 'The site is of another domain than the controller at this address.',
    site: directorySiteBy({ domain: 'ad.partner.example', name: 'dc1.ad.partner.example' }),
    tasks: [send(389), knock(88), `name:${dc.address}:A:${dc.name}`, `name:${dc.address}:A:dc1.ad.partner.example`],
    shows: `answer, connected, ${dc.address}, SERVFAIL`,
    asks: directoryFlowIds,
    expect: ofAnotherDomain,
    consequences: [{ ...ofAnotherDomain, flows: ['t1-dns'], confidence: 'likely' }],
  },
  {
    id: 'site-of-another-domain',
    breaks: 'The site file gives the controller its right name, and the site another domain.',
    site: directorySiteBy({ domain: 'partner.example' }),
    tasks: [`name:${dc.address}:A:${dc.name}`, `name:${dc.address}:A:partner.example`],
    shows: `${dc.address}, SERVFAIL`,
    asks: ['t1-dns', 't1-ldap', 't1-kerberos', 't1-smb'],
    expect: { ...ofAnotherDomain, flows: ['t1-dns'], confidence: 'likely' },
  },
  {
    id: 'record-of-another-controller',
    breaks: 'The name of a controller that is gone leads to the address of another one.',
    site: directorySiteBy({ name: 'dc2.corp.example', found: true }),
    does: [
      {
        on: 'dc',
        set: recordsOf('add', 'dc2', 'A', dc.address),
        clear: recordsOf('delete', 'dc2', 'A', dc.address),
      },
    ],
    tasks: [`name:${dc.address}:A:dc2.corp.example`],
    shows: dc.address,
    asks: ['t1-ldap', 't1-gc'],
    expect: {
      flows: ['t1-ldap', 't1-gc'],
      verdict: 'blocked',
      cause: 'stale-record',
      confidence: 'certain',
      owner: 'dns',
    },
  },
  {
    id: 'controller-without-a-record',
    breaks: 'The controller of the site has no record in the zone of its domain.',
    site: directorySiteBy({ name: 'dc9.corp.example', found: true }),
    tasks: [`name:${dc.address}:A:dc9.corp.example`, `name:${dc.address}:A:${dc.name}`],
    shows: `NXDOMAIN, ${dc.address}`,
    asks: ['t1-ldap', 't1-smb'],
    expect: {
      flows: ['t1-ldap', 't1-smb'],
      verdict: 'blocked',
      cause: 'name-missing',
      confidence: 'certain',
      owner: 'dns',
    },
  },
  {
    id: 'controller-address-dead',
    breaks: 'The name of the controller has a second address, behind which nobody is, and every address is asked.',
    site: directorySiteBy({ found: true }),
    forward: `ip daddr ${unplanned} drop`,
    does: [
      { on: 'dc', set: recordsOf('add', 'dc1', 'A', unplanned), clear: recordsOf('delete', 'dc1', 'A', unplanned) },
    ],
    tasks: [
      `name:${dc.address}:A:${dc.name}`,
      `knock:${unplanned}:445`,
      knock(445),
      `datagram:${unplanned}:389:${datagrams[389]}`,
      send(389),
    ],
    shows: `${dc.address} ${unplanned}, silence, connected, silence, answer`,
    asks: ['t1-smb', 't1-ldap'],
    everyAddress: true,
    expect: {
      flows: ['t1-smb', 't1-ldap'],
      which: 'some',
      verdict: 'degraded',
      cause: 'one-bad-node',
      confidence: 'likely',
      owner: 'network',
    },
    timeoutMs: 1000,
  },
  {
    id: 'client-in-no-site',
    breaks: 'The forest has a second site, and no subnet that says to which of them the client belongs.',
    does: [{ on: 'dc', set: sitesOf('create', 'Branch'), clear: sitesOf('remove', 'Branch') }],
    tasks: [send(389)],
    shows: 'answer',
    asks: ['t1-ldap', 't1-smb'],
    expect: {
      flows: ['t1-ldap'],
      which: 'some',
      verdict: 'degraded',
      cause: 'wrong-site',
      confidence: 'certain',
      owner: 'directory',
    },
  },
  {
    id: 'service-record-gone',
    breaks: 'The zone lacks the records of Kerberos over TCP.',
    does: [
      {
        on: 'dc',
        set: recordsOf('delete', '_kerberos._tcp', 'SRV', `${dc.name} 88 0 100`),
        clear: recordsOf('add', '_kerberos._tcp', 'SRV', `${dc.name} 88 0 100`),
      },
    ],
    tasks: [`name:${dc.address}:SRV:_kerberos._tcp.corp.example`, `name:${dc.address}:SRV:_ldap._tcp.corp.example`],
    shows: `NXDOMAIN, ${dc.name}`,
    asks: ['t1-dns', 't1-ldap'],
    expect: {
      flows: ['t1-dns'],
      which: 'some',
      verdict: 'blocked',
      cause: 'srv-incomplete',
      confidence: 'certain',
      owner: 'dns',
    },
  },
  {
    id: 'site-without-records',
    breaks:
      'The zone lacks a record of the site that the controller puts the client in; those of the domain are there.',
    does: [
      {
        on: 'dc',
        set: recordsOf('delete', locatorOfSite, 'SRV', `${dc.name} 389 0 100`),
        clear: recordsOf('add', locatorOfSite, 'SRV', `${dc.name} 389 0 100`),
      },
    ],
    tasks: [`name:${dc.address}:SRV:${locatorOfSite}.corp.example`, `name:${dc.address}:SRV:_ldap._tcp.corp.example`],
    shows: `NXDOMAIN, ${dc.name}`,
    asks: ['t1-dns', 't1-ldap'],
    expect: siteIncomplete,
  },
  {
    id: 'site-record-dangling',
    breaks: 'A record of the site leads to a controller besides that is gone, and that has no address any more.',
    does: [
      {
        on: 'dc',
        set: recordsOf('add', locatorOfSite, 'SRV', 'dc8.corp.example 389 0 100'),
        clear: recordsOf('delete', locatorOfSite, 'SRV', 'dc8.corp.example 389 0 100'),
      },
    ],
    tasks: [`name:${dc.address}:SRV:${locatorOfSite}.corp.example`, `name:${dc.address}:A:dc8.corp.example`],
    shows: `${dc.name} dc8.corp.example, NXDOMAIN`,
    asks: ['t1-dns', 't1-ldap'],
    expect: siteIncomplete,
  },
]

/** Names and records that are odd, and break nothing. */
export const oddNames: readonly Row<DirectoryFlowId>[] = [
  {
    id: 'directory-by-alias',
    breaks: 'The controller is called by another name, which the zone leads to its own.',
    site: directorySiteBy({ name: 'ldap.corp.example', found: true }),
    does: [
      {
        on: 'dc',
        set: recordsOf('add', 'ldap', 'CNAME', dc.name),
        clear: recordsOf('delete', 'ldap', 'CNAME', dc.name),
      },
    ],
    tasks: [`name:${dc.address}:A:ldap.corp.example`],
    shows: dc.address,
    asks: ['t1-ldap', 't1-gc', 't1-smb', 't1-kerberos'],
  },
  {
    id: 'controller-not-planned',
    breaks: 'The records of Kerberos lead to a second controller as well, which the site file does not have.',
    does: [
      {
        on: 'dc',
        set: recordsOf('add', 'dc9', 'A', unplanned),
        clear: recordsOf('delete', 'dc9', 'A', unplanned),
      },
      {
        on: 'dc',
        set: recordsOf('add', '_kerberos._tcp', 'SRV', 'dc9.corp.example 88 0 100'),
        clear: recordsOf('delete', '_kerberos._tcp', 'SRV', 'dc9.corp.example 88 0 100'),
      },
    ],
    tasks: [`name:${dc.address}:SRV:_kerberos._tcp.corp.example`, `name:${dc.address}:A:dc9.corp.example`],
    shows: `${dc.name} dc9.corp.example, ${unplanned}`,
    asks: ['t1-dns', 't1-ldap', 't1-kerberos'],
    finds: ['controller-not-planned'],
  },
  {
    id: 'controller-of-the-site-not-planned',
    breaks: 'The records of the site alone lead to a second controller, as to one that is read-only.',
    does: [
      {
        on: 'dc',
        set: recordsOf('add', 'dc9', 'A', unplanned),
        clear: recordsOf('delete', 'dc9', 'A', unplanned),
      },
      {
        on: 'dc',
        set: recordsOf('add', locatorOfSite, 'SRV', 'dc9.corp.example 389 0 100'),
        clear: recordsOf('delete', locatorOfSite, 'SRV', 'dc9.corp.example 389 0 100'),
      },
    ],
    tasks: [`name:${dc.address}:SRV:${locatorOfSite}.corp.example`, `name:${dc.address}:SRV:_ldap._tcp.corp.example`],
    shows: `${dc.name} dc9.corp.example, ${dc.name}`,
    asks: ['t1-dns', 't1-ldap', 't1-kerberos'],
    finds: ['controller-not-planned'],
  },
  {
    id: 'zone-behind',
    breaks: 'A second server has a copy of the zone from before its last change.',
    site: directorySiteBy({}).replace(
      '\ntrust:',
      `\n  ns2: { roles: [dns-server], addresses: ["${unplanned}"] }\ntrust:`,
    ),
    leads: `ip daddr ${unplanned} meta l4proto { tcp, udp } th dport 53 dnat ip to ${dc.address}:${relayed.olderZone}`,
    tasks: [`serials:${unplanned}:${dc.address}:corp.example`],
    shows: '-1',
    asks: ['t1-dns', 't1-ldap'],
    finds: ['zone-behind'],
  },
]
