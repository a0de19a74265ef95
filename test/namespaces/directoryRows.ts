import { servedPorts } from '../samba/domain.ts'
import { knock, send, toDc } from './directoryDoors.ts'
import { ledElsewhere } from './directoryLedRows.ts'
import { namesAtFault, oddNames } from './directoryNameRows.ts'
import type { DirectoryFlowId } from './directorySite.ts'
import { directoryFlowIds } from './directorySite.ts'
import { clocksAtFault, oddClock } from './directoryTimeRows.ts'
import { app, client, dc, ports } from './places.ts'
import type { Row } from './row.ts'
import { beyondThree, narrow, patient } from './ways.ts'

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

export const directoryFaults: readonly Row<DirectoryFlowId>[] = [
  ...[...onTheWay, ...ledElsewhere, ...namesAtFault, ...clocksAtFault],
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
  ...oddNames,
  oddClock,
]
