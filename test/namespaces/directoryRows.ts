import { servedPorts } from '../samba/domain.ts'
import type { DirectoryFlowId } from './directorySite.ts'
import { directoryFlowIds } from './directorySite.ts'
import { dc } from './places.ts'
import type { Row } from './row.ts'

const knock = (port: number): string => `knock:${dc.address}:${port}`
const toDc = `ip daddr ${dc.address}`

/** Nothing is broken: every port of the tables that Samba serves answers, and every flow is asked for. */
export const healthyDirectory: Row<DirectoryFlowId> = {
  id: 'directory-in-order',
  breaks: 'Nothing: a domain controller behind the firewall serves all that it has.',
  tasks: [...servedPorts.map(knock), `time:${dc.address}`],
  shows: [...servedPorts.map(() => 'connected'), 'answer'].join(', '),
  asks: directoryFlowIds,
}

/** What lies between a Connect server and its domain controller. */
export const directoryFaults: readonly Row<DirectoryFlowId>[] = [
  {
    id: 'kerberos-filtered',
    breaks: 'The firewall drops Kerberos over TCP.',
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
    id: 'smb-prohibited',
    breaks: 'The firewall forbids SMB, and says so.',
    needs: ['reject'],
    forward: `${toDc} tcp dport 445 reject with icmp type admin-prohibited`,
    tasks: [knock(445), knock(389)],
    shows: 'EHOSTUNREACH, connected',
    asks: directoryFlowIds,
    expect: {
      flows: ['t1-smb'],
      verdict: 'blocked',
      cause: 'admin-prohibited',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
  {
    id: 'time-filtered',
    breaks: 'The firewall drops the time of the domain controller.',
    forward: `${toDc} udp dport 123 drop`,
    tasks: [`time:${dc.address}`, knock(389)],
    shows: 'silence, connected',
    asks: directoryFlowIds,
    expect: {
      flows: ['time'],
      verdict: 'blocked',
      cause: 'udp-only-filtered',
      confidence: 'likely',
      owner: 'firewall',
    },
  },
]
