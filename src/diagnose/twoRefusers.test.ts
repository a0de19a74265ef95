import { ldaps, run } from '../../test/judged.ts'
import { context, control, packets, tcp } from '../../test/observed.ts'

const refused = tcp('refused')
/** 443 of the host refuses as well; it is the second observation of each row. */
const other = control('port', tcp('refused', { port: 443 }))
const reset = (of: string, ttl: number, port = 636) =>
  packets(of, { port, rst: { ttl, afterMs: 1, before: 'syn-ack' } })

run([
  {
    name: 'of two refusals in the name of one host the nearer is a device’s, likely',
    flow: ldaps,
    seen: [refused, other, reset('e1', 64), reset('e2', 63, 443)],
    verdict: 'blocked',
    cause: 'refused-by-firewall',
    confidence: 'likely',
    owner: 'firewall',
    alternatives: ['refused-by-host'],
    says: /^636\/tcp on dc01 is refused by a device on the way, the next hop, in the name of dc01: its reset has 64 left of its time to live, and the one of 443, which comes from farther, 63$/,
    fix: /^allow tcp connect01 -> 10\.1\.0\.5:636$/,
    decidedBy: ['e1', 'e3', 'e4'],
  },
  {
    name: 'the farther of two refusals accuses nobody: a second device may be there',
    flow: ldaps,
    seen: [refused, other, reset('e1', 63), reset('e2', 64, 443)],
    verdict: 'blocked',
    cause: 'refused',
    alternatives: ['refused-by-host', 'refused-by-firewall'],
  },
  {
    name: 'two refusals from one distance accuse nobody',
    flow: ldaps,
    seen: [refused, other, reset('e1', 63), reset('e2', 63, 443)],
    verdict: 'blocked',
    cause: 'refused',
  },
  {
    name: 'where a port answers, that is what refusals are held against',
    flow: ldaps,
    seen: [
      refused,
      other,
      reset('e1', 64),
      reset('e2', 63, 443),
      context(tcp('connected', { port: 389 })),
      packets('e5', { port: 389, synAck: { ttl: 64, afterMs: 1 } }),
    ],
    verdict: 'blocked',
    cause: 'refused-by-host',
    confidence: 'certain',
  },
])
