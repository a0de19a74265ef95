import { toDc } from './directoryDoors.ts'
import { datagrams } from './directoryPaths.ts'
import type { DirectoryFlowId } from './directorySite.ts'
import { console, dc, ports } from './places.ts'
import type { Row } from './row.ts'

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
export const ledElsewhere: readonly Row<DirectoryFlowId>[] = [
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
