import { domain, servedPorts } from '../samba/domain.ts'
import { datagrams } from './directoryPaths.ts'
import type { DirectoryFlowId } from './directorySite.ts'
import { directoryFlowIds, directorySiteBy } from './directorySite.ts'
import { app, client, console, dc, ports, relayed } from './places.ts'
import type { Expected, Row } from './row.ts'
import { beyondThree, narrow, patient } from './ways.ts'

const knock = (port: number): string => `knock:${dc.address}:${port}`
const send = (port: keyof typeof datagrams): string => `datagram:${dc.address}:${port}:${datagrams[port]}`
const toDc = `ip daddr ${dc.address}`
const standInPorts = [9389, 5985, 5986, 1433] as const

/** Nothing is broken: every port of the tables answers, and every flow is asked for. */
export const healthyDirectory: Row<DirectoryFlowId> = {
  id: 'directory-in-order',
  breaks: 'Nothing: a domain controller behind the firewall serves all that it has.',
  tasks: [...servedPorts, ...standInPorts].map(knock).concat(`time:${dc.address}`, send(53), send(88), send(389)),
  shows: [...[...servedPorts, ...standInPorts].map(() => 'connected'), 'answer', 'answer', 'answer', 'answer'].join(
    ', ',
  ),
  asks: directoryFlowIds,
}

/** What lies between a Connect server and its domain controller. */
const onTheWay: readonly Row<DirectoryFlowId>[] = [
  {
    id: 'kerberos-filtered',
    breaks: 'The firewall drops Kerberos over TCP, and every other flow is asked for.',
    forward: `${toDc} tcp dport 88 drop`,
    tasks: [knock(88), knock(389)],
    shows: 'silence, connected',
    asks: directoryFlowIds,
    expect: {
      flows: ['t1-kerberos'],
      which: 'some',
      verdict: 'blocked',
      cause: 'filtered-silently',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
  {
    id: 'rpc-range-filtered',
    breaks: 'The firewall lets the endpoint mapper pass, and drops the ports that it hands out.',
    forward: `${toDc} tcp dport 49152-65535 drop`,
    tasks: [knock(49152), knock(49153), knock(49154), knock(135)],
    shows: 'silence, silence, silence, connected',
    asks: ['t1-rpc-epm', 't1-rpc-dynamic', 't1-smb'],
    expect: {
      flows: ['t1-rpc-dynamic'],
      verdict: 'blocked',
      cause: 'rpc-dynamic-blocked',
      confidence: 'likely',
      owner: 'firewall',
    },
    timeoutMs: 1500,
  },
  {
    id: 'rpc-one-port-filtered',
    breaks: 'Of the ports that the endpoint mapper hands out the firewall drops one.',
    forward: `${toDc} tcp dport 49153 drop`,
    tasks: [knock(49152), knock(49153), knock(135)],
    shows: 'connected, silence, connected',
    asks: ['t1-rpc-epm', 't1-rpc-dynamic', 't1-smb'],
    expect: {
      flows: ['t1-rpc-dynamic'],
      verdict: 'blocked',
      cause: 'rpc-dynamic-blocked',
      confidence: 'likely',
      owner: 'firewall',
    },
    timeoutMs: 1500,
  },
  {
    id: 'rpc-range-reset',
    breaks: 'The firewall answers with a reset at the ports that the endpoint mapper hands out.',
    needs: ['reject'],
    forward: `${toDc} tcp dport 49152-65535 reject with tcp reset`,
    tasks: [knock(49153), knock(135)],
    shows: 'ECONNREFUSED, connected',
    asks: ['t1-rpc-epm', 't1-rpc-dynamic', 't1-smb'],
    expect: {
      flows: ['t1-rpc-dynamic'],
      verdict: 'blocked',
      cause: 'rpc-dynamic-blocked',
      confidence: 'likely',
      owner: 'firewall',
    },
    timeoutMs: 1500,
  },
  {
    id: 'mapper-filtered',
    breaks: 'The firewall drops the endpoint mapper: of the ports that it would hand out nothing is to be known.',
    forward: `${toDc} tcp dport 135 drop`,
    tasks: [knock(135), knock(49153)],
    shows: 'silence, connected',
    asks: ['t1-rpc-epm', 't1-rpc-dynamic', 't1-smb'],
    expect: {
      flows: ['t1-rpc-epm'],
      verdict: 'blocked',
      cause: 'filtered-silently',
      confidence: 'likely',
      owner: 'firewall',
    },
    consequences: [
      {
        flows: ['t1-rpc-dynamic'],
        verdict: 'unknown',
        cause: 'undetermined',
        confidence: 'undetermined',
        owner: 'tool',
      },
    ],
    timeoutMs: 1500,
  },
  {
    id: 'ldaps-black-hole',
    breaks: 'A link takes 1200 octets and nobody says so: what a controller answers under TLS is longer.',
    says: 'icmp type destination-unreachable drop',
    ways: [{ on: 'dc', set: 'route flush cache', clear: 'route flush cache' }, ...narrow(1200)],
    tasks: [`shake:${dc.address}:636:${dc.name}`, knock(636), send(88)],
    shows: 'silence after connecting, connected, answer',
    asks: ['t1-ldaps', 't1-kerberos', 't1-smb'],
    expect: {
      flows: ['t1-ldaps'],
      verdict: 'blocked',
      cause: 'pmtu-black-hole',
      confidence: 'possible',
      owner: 'network',
    },
    timeoutMs: patient,
  },
  {
    id: 'directory-idle-cut',
    breaks: 'The firewall forgets connections to the controller that are quiet for two seconds.',
    needs: ['conntrack'],
    forward: 'ct state invalid drop',
    settings: [
      ['nf_conntrack_tcp_timeout_established', '2', '432000'],
      ['nf_conntrack_tcp_loose', '0', '1'],
    ],
    tasks: [`hold:${dc.address}:389:0`, `hold:${dc.address}:389:4000`],
    shows: 'left, silence',
    asks: ['t1-ldap', 't1-smb'],
    idleSeconds: 4,
    expect: {
      flows: ['t1-ldap', 't1-smb'],
      which: 'some',
      verdict: 'degraded',
      cause: 'idle-cut',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
  {
    id: 'controller-unreachable',
    breaks: 'A router on the way has no route to the controller, and says so; there is nothing to compare with.',
    ways: [{ on: 'firewall', set: `route add unreachable ${dc.address}/32`, clear: `route del ${dc.address}/32` }],
    tasks: [knock(389), knock(88), `knock:${app.address}:${ports.https}`],
    shows: 'EHOSTUNREACH, EHOSTUNREACH, connected',
    asks: ['t1-ldap', 't1-smb', 't1-gc'],
    expect: {
      flows: ['t1-ldap', 't1-smb', 't1-gc'],
      verdict: 'unknown',
      cause: 'undetermined',
      confidence: 'undetermined',
      owner: 'tool',
    },
    timeoutMs: 1500,
  },
  {
    id: 'controller-connection-limit',
    breaks: 'The firewall lets three connections of one source stand and resets those beyond.',
    needs: ['reject', 'connection count'],
    ...beyondThree('reject with tcp reset'),
    tasks: [`crowd:${dc.address}:389:6`, knock(389), knock(445)],
    shows: '3 of 6 connected, connected, connected',
    asks: ['t1-ldap', 't1-smb', 't1-gc', 'gcs', 't1-ldaps', 't1-rpc-epm'],
    expect: {
      flows: ['t1-ldap', 't1-smb', 't1-gc', 'gcs', 't1-ldaps', 't1-rpc-epm'],
      which: 'some',
      verdict: 'blocked',
      cause: 'connection-limit',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
]

/** One door of the controller leads to another server. */
function led(
  door: string,
  to: string,
  {
    id,
    breaks,
    task,
    shows,
    flow,
    owner,
    confidence,
    asks,
  }: Pick<Row, 'id' | 'breaks' | 'shows'> & {
    readonly task: string
    readonly flow: DirectoryFlowId
    readonly owner: 'directory' | 'firewall'
    readonly confidence: 'certain' | 'likely'
    readonly asks?: readonly DirectoryFlowId[]
  },
): Row<DirectoryFlowId> {
  return {
    id,
    breaks,
    leads: `${toDc} ${door} dnat ip to ${to}`,
    tasks: [task],
    shows,
    asks: asks ?? [flow, 't1-gc'],
    expect: {
      flows: [flow],
      which: 'some',
      verdict: 'wrong',
      cause: owner === 'firewall' ? 'wrong-target-dnat' : 'not-the-service',
      confidence,
      owner,
    },
    timeoutMs: 1500,
  }
}

const greet = (port: number): string => `greet:${dc.address}:${port}`
const shell = `${console.address}:${ports.shell}`
const page = `${console.address}:${ports.http}`
const sshBanner = 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3'

/** Something else answers at a door of the controller. */
const ledElsewhere: readonly Row<DirectoryFlowId>[] = [
  led('tcp dport 389', shell, {
    id: 'ldap-led-to-a-shell',
    breaks: 'A wrong translation leads LDAP to a shell.',
    task: greet(389),
    shows: sshBanner,
    flow: 't1-ldap',
    owner: 'directory',
    confidence: 'certain',
  }),
  led('tcp dport 445', page, {
    id: 'smb-led-to-a-page',
    breaks: 'A wrong translation leads SMB to a web server.',
    task: greet(445),
    shows: 'HTTP/1.1 200 OK',
    flow: 't1-smb',
    owner: 'directory',
    confidence: 'certain',
  }),
  led('tcp dport 88', page, {
    id: 'kerberos-led-to-a-page',
    breaks: 'A wrong translation leads Kerberos over TCP to a web server.',
    task: greet(88),
    shows: 'HTTP/1.1 200 OK',
    flow: 't1-kerberos',
    owner: 'directory',
    confidence: 'certain',
  }),
  led('tcp dport 135', shell, {
    id: 'mapper-led-to-a-shell',
    breaks: 'A wrong translation leads the endpoint mapper to a shell.',
    task: greet(135),
    shows: sshBanner,
    flow: 't1-rpc-epm',
    owner: 'directory',
    confidence: 'certain',
  }),
  led('tcp dport 636', `${console.address}:${ports.https}`, {
    id: 'ldaps-led-to-a-console',
    breaks: 'A wrong translation leads LDAP over TLS to the console of the firewall.',
    task: `issuer:${dc.address}:636:${dc.name}`,
    shows: `${console.name} by ${console.name}`,
    flow: 't1-ldaps',
    owner: 'firewall',
    confidence: 'certain',
  }),
  led('udp dport 88', `${dc.address}:53`, {
    id: 'kerberos-led-to-names',
    breaks: 'A wrong translation leads Kerberos over UDP to a name server.',
    task: `datagram:${dc.address}:88:${datagrams[53]}`,
    shows: 'answer',
    flow: 't1-kerberos',
    owner: 'directory',
    confidence: 'likely',
  }),
  led('tcp dport 3269', shell, {
    id: 'catalog-led-to-a-shell',
    breaks: 'A wrong translation leads the global catalog over TLS to a shell.',
    task: greet(3269),
    shows: sshBanner,
    flow: 'gcs',
    owner: 'directory',
    confidence: 'certain',
  }),
]

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
const identities: readonly Row<DirectoryFlowId>[] = [
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

/** The library by which a program is told another time, as `faketime` names it: the loader knows where $LIB is. */
const otherTime = '/usr/$LIB/faketime/libfaketime.so.1'

/** The clock of the client, and of nobody else, is so far off. */
const clockOff = (seconds: number): Readonly<Record<string, string>> => ({
  LD_PRELOAD: otherTime,
  FAKETIME: `${seconds > 0 ? '+' : ''}${seconds}s`,
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
})

/** A signal to the programs of the controller's machine that are called so, and to nobody else's. */
const signal = (name: string, program: string): [string, ...string[]] => [
  ...(['sh', '-c'] as const),
  `for pid in $(ip netns pids "$(ip netns identify)"); do read -r called </proc/$pid/comm; [ "$called" != ${program} ] || kill -s ${name} "$pid"; done`,
]

const time: readonly Row<DirectoryFlowId>[] = [
  {
    id: 'time-service-hung',
    breaks: 'The time service of the controller hangs, and everything else of it runs.',
    does: [{ on: 'dc', set: signal('STOP', 'chronyd'), clear: signal('CONT', 'chronyd') }],
    tasks: [`time:${dc.address}`, send(88), knock(389)],
    shows: 'silence, answer, connected',
    asks: ['time', 't1-kerberos', 't1-ldap', 't1-smb', 'kpasswd'],
    expect: {
      flows: ['time'],
      verdict: 'blocked',
      cause: 'udp-only-filtered',
      confidence: 'likely',
      owner: 'firewall',
    },
    timeoutMs: 1000,
  },
]

const clocks: readonly Row<DirectoryFlowId>[] = ([600, -600] as const).map((seconds) => ({
  id: seconds > 0 ? 'clock-ahead' : 'clock-behind',
  breaks: `The clock of the client is ten minutes ${seconds > 0 ? 'ahead' : 'behind'}: Kerberos takes five.`,
  environment: clockOff(seconds),
  tasks: [knock(88), `time:${dc.address}`],
  shows: 'connected, answer',
  asks: ['t1-kerberos', 't1-ldap', 't1-smb'],
  expect: {
    flows: ['t1-kerberos'],
    verdict: 'degraded',
    cause: 'clock-skew',
    confidence: 'certain',
    owner: 'host',
  },
}))

const clockByDirectory: Row<DirectoryFlowId> = {
  id: 'clock-told-by-directory',
  breaks:
    'The clock of the client is ten minutes ahead, and nobody asks Kerberos or the time service: the directory tells it.',
  environment: clockOff(600),
  tasks: [knock(3268), `time:${dc.address}`],
  shows: 'connected, answer',
  asks: ['t1-gc', 't1-smb'],
  expect: {
    flows: ['t1-gc'],
    verdict: 'degraded',
    cause: 'clock-skew',
    confidence: 'certain',
    owner: 'host',
  },
}

export const directoryFaults: readonly Row<DirectoryFlowId>[] = [
  ...[...onTheWay, ...ledElsewhere, ...identities, ...time, ...clocks, clockByDirectory],
]

/** What is odd at a controller, or on the way to it, and breaks nothing. */
export const directoryOddities: readonly Row<DirectoryFlowId>[] = [
  {
    id: 'directory-without-icmp',
    breaks: 'The firewall drops every ICMP message.',
    forward: 'ip protocol icmp drop',
    tasks: [knock(389), send(88)],
    shows: 'connected, answer',
    asks: directoryFlowIds,
  },
  {
    id: 'directory-on-a-slow-line',
    breaks: 'The line to the client carries half a megabit a second.',
    needs: ['token bucket'],
    shapes: { on: 'firewall', device: 'in', rate: 'rate 500kbit burst 4kb latency 400ms' },
    tasks: [`shake:${dc.address}:636:${dc.name}`],
    shows: 'handshake',
    asks: ['t1-ldap', 't1-ldaps', 't1-kerberos', 't1-smb', 't1-rpc-dynamic', 'time'],
  },
  {
    id: 'directory-clock-a-little-off',
    breaks: 'The clock of the client is half a minute ahead, which Kerberos takes.',
    environment: clockOff(30),
    tasks: [knock(88)],
    shows: 'connected',
    asks: ['t1-kerberos', 't1-ldap', 't1-smb'],
  },
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
  {
    id: 'directory-other-doors-shut',
    breaks: 'The firewall lets pass what is asked for, and forbids everything else to the controller.',
    needs: ['reject'],
    forward: `${toDc} ip saddr ${client.address} tcp dport != { 53, 88, 389, 445 } reject with icmp type admin-prohibited`,
    tasks: [knock(636), knock(389)],
    shows: 'EHOSTUNREACH, connected',
    asks: ['t1-ldap', 't1-kerberos', 't1-smb', 't1-dns'],
  },
  {
    id: 'directory-on-a-narrow-path',
    breaks: 'A link takes 1200 octets, and path MTU discovery works.',
    ways: [{ on: 'dc', set: 'route flush cache', clear: 'route flush cache' }, ...narrow(1200)],
    tasks: [`shake:${dc.address}:636:${dc.name}`],
    shows: 'handshake',
    leaves: { on: 'dc', command: `ip route get ${client.address} from ${dc.address}`, mark: / mtu 1200 / },
    asks: ['t1-ldaps', 't1-ldap', 't1-kerberos'],
  },
]
