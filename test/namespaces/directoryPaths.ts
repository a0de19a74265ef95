/** Doors of a domain controller, each shut by the firewall in its turn. */
import type { CauseCode, Confidence, Owner } from '../../src/model/cause.ts'
import type { VerdictKind } from '../../src/model/verdict.ts'
import type { DirectoryFlowId } from './directorySite.ts'
import type { Feature } from './features.ts'
import { dc } from './places.ts'
import type { Row } from './row.ts'

/** What a datagram asks that a controller answers. */
export const datagrams = {
  /** NS of the root (RFC 1035 §4.1). */
  53: '000701000001000000000000000002' + '0001',
  /** AS-REQ for nobody, without a key (RFC 4120 §5.4.1). */
  88: '6a818b308188a103020105a20302010aa47c307aa00703050000000010a11a3018a003020101a111300f1b0d706f737465726e2d70726f6265a20e1b0c434f52502e4558414d504c45a321301fa003020102a11830161b066b72627467741b0c434f52502e4558414d504c45a511180f32303337303931333032343830355aa703020107a8083006020112020111',
  /** A search for the root DSE without attributes (RFC 4511 §4.5). */
  389: '3025020101632004000a01000a0100020100020100010100870b6f626a656374436c6173733000',
  /** No request at all: nobody answers it, and a firewall counts it. */
  464: '00',
} as const

type Transport = 'tcp' | 'udp'

interface Door {
  readonly port: number
  readonly transport: Transport
  readonly flow: DirectoryFlowId
  /** What the check says of it when packets to it are dropped, where that is more than of others. */
  readonly dropped?: Partial<Pick<End, 'confidence' | 'owner'>> & { readonly cause?: CauseCode }
}

const doors = [
  { port: 53, transport: 'tcp', flow: 't1-dns', dropped: { cause: 'dns-tcp-blocked' } },
  { port: 53, transport: 'udp', flow: 't1-dns' },
  { port: 88, transport: 'tcp', flow: 't1-kerberos' },
  { port: 88, transport: 'udp', flow: 't1-kerberos' },
  { port: 135, transport: 'tcp', flow: 't1-rpc-epm' },
  { port: 389, transport: 'tcp', flow: 't1-ldap' },
  { port: 389, transport: 'udp', flow: 't1-ldap' },
  { port: 445, transport: 'tcp', flow: 't1-smb' },
  { port: 464, transport: 'tcp', flow: 'kpasswd' },
  { port: 464, transport: 'udp', flow: 'kpasswd' },
  { port: 636, transport: 'tcp', flow: 't1-ldaps' },
  { port: 3268, transport: 'tcp', flow: 't1-gc' },
  { port: 3269, transport: 'tcp', flow: 'gcs' },
  { port: 123, transport: 'udp', flow: 'time' },
  // Samba says of itself that it has no AD Web Services: those beside it are ours, and it knows nothing of them.
  { port: 9389, transport: 'tcp', flow: 'adws', dropped: { owner: 'host' } },
  { port: 5985, transport: 'tcp', flow: 'winrm' },
  { port: 5986, transport: 'tcp', flow: 'winrms' },
  { port: 1433, transport: 'tcp', flow: 'mssql' },
] as const satisfies readonly Door[]

const beside: readonly DirectoryFlowId[] = ['t1-ldap', 't1-smb', 't1-kerberos']

interface End {
  readonly how: string
  readonly says: string
  readonly statement: string
  readonly needs?: readonly Feature[]
  /** What a plain client meets. */
  readonly shows: Readonly<Record<Transport, string>>
  readonly verdict: VerdictKind
  readonly cause: Readonly<Record<Transport, CauseCode>>
  readonly confidence: Confidence
  readonly owner: Owner
}

const ends = {
  dropped: {
    how: 'filtered',
    says: 'drops',
    statement: 'counter drop',
    shows: { tcp: 'silence', udp: 'silence' },
    verdict: 'blocked',
    cause: { tcp: 'filtered-silently', udp: 'udp-only-filtered' },
    confidence: 'likely',
    owner: 'firewall',
  },
  reset: {
    how: 'reset',
    says: 'answers with a reset, in the name of the controller,',
    statement: 'counter reject with tcp reset',
    needs: ['reject'],
    shows: { tcp: 'ECONNREFUSED', udp: 'silence' },
    verdict: 'blocked',
    cause: { tcp: 'refused', udp: 'refused' },
    confidence: 'certain',
    owner: 'host',
  },
  unreachable: {
    how: 'port-unreachable',
    says: 'calls unreachable',
    statement: 'counter reject with icmp type port-unreachable',
    needs: ['reject'],
    shows: { tcp: 'ECONNREFUSED', udp: 'silence' },
    verdict: 'blocked',
    cause: { tcp: 'refused', udp: 'refused' },
    confidence: 'certain',
    owner: 'host',
  },
  prohibited: {
    how: 'prohibited',
    says: 'forbids',
    statement: 'counter reject with icmp type admin-prohibited',
    needs: ['reject'],
    shows: { tcp: 'EHOSTUNREACH', udp: 'silence' },
    verdict: 'blocked',
    cause: { tcp: 'admin-prohibited', udp: 'admin-prohibited' },
    confidence: 'likely',
    owner: 'firewall',
  },
} as const satisfies Readonly<Record<string, End>>

const questions: Readonly<Record<number, string>> = datagrams

/** One door, shut in one way; LDAP beside it shows that the host is there. */
function shut(port: number, transport: Transport, end: keyof typeof ends): Row<DirectoryFlowId> {
  const door: Door | undefined = doors.find((one) => one.port === port && one.transport === transport)
  if (door === undefined) throw new RangeError(`the controller has no door ${port}/${transport}`)
  const { how, says, statement, shows, verdict, cause, confidence, owner, ...rest }: End = ends[end]
  const open = port === 389 && transport === 'tcp' ? 445 : 389
  const knock =
    transport === 'tcp' ? `knock:${dc.address}:${port}` : `datagram:${dc.address}:${port}:${questions[port]}`
  return {
    id: `${port}-${transport}-${how}`,
    breaks: `The firewall ${says} ${port}/${transport} of the domain controller.`,
    ...rest,
    forward: `ip daddr ${dc.address} ${transport} dport ${port} ${statement}`,
    tasks: [port === 123 ? `time:${dc.address}` : knock, `knock:${dc.address}:${open}`],
    shows: `${shows[transport]}, connected`,
    leaves: { on: 'firewall', command: 'nft list chain inet fault forward', mark: /counter packets [1-9]/ },
    asks: [...new Set([door.flow, ...beside])],
    expect: {
      ...{ flows: [door.flow], which: 'some', verdict, cause: cause[transport], confidence, owner },
      ...(end === 'dropped' && door.dropped),
    },
    timeoutMs: 1500,
  }
}

export const directoryPaths: readonly Row<DirectoryFlowId>[] = [
  ...doors.map(({ port, transport }) => shut(port, transport, 'dropped')),
  shut(88, 'tcp', 'reset'),
  shut(389, 'tcp', 'reset'),
  shut(3269, 'tcp', 'reset'),
  shut(88, 'udp', 'unreachable'),
  shut(464, 'udp', 'unreachable'),
  shut(636, 'tcp', 'unreachable'),
  shut(135, 'tcp', 'prohibited'),
  shut(445, 'tcp', 'prohibited'),
  shut(3268, 'tcp', 'prohibited'),
  shut(389, 'udp', 'prohibited'),
]
