import { ldaps, run, silent } from '../../test/judged.ts'
import { again, context, packets, tcp } from '../../test/observed.ts'

const open = context(tcp('connected', { port: 389 }))
const left = context(packets('e3', { port: 389, synAck: { ttl: 63, afterMs: 1 } }))
const unsent = (of: string) => packets(of, { sent: 0 })

run([
  {
    name: 'SYNs that never left this machine, beside others that did, are dropped on it',
    flow: ldaps,
    seen: [silent, again(silent), open, unsent('e1'), unsent('e2'), left],
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'likely',
    owner: 'host',
    alternatives: [],
    says: /^636\/tcp on dc01 is dropped on this machine itself: of 2 attempts no SYN left it, and to 389 of the same host they did$/,
    fix: /^remove what this machine's own filter has .* allow tcp 10\.1\.0\.10 -> 10\.1\.0\.5:636$/,
    decidedBy: ['e1', 'e2', 'e4', 'e5', 'e6'],
  },
  {
    name: 'SYNs that left once are not dropped here',
    flow: ldaps,
    seen: [silent, again(silent), open, unsent('e1'), packets('e2'), left],
    verdict: 'blocked',
    cause: 'filtered-silently',
    owner: 'firewall',
  },
  {
    name: 'where no SYN was seen at all, the capture has said nothing',
    flow: ldaps,
    seen: [silent, again(silent), open, unsent('e1'), unsent('e2')],
    verdict: 'blocked',
    cause: 'filtered-silently',
    owner: 'firewall',
  },
])
