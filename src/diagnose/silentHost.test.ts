import { dns, run, soa } from '../../test/judged.ts'
import { again, context, control, dc02, flowOf, tcp, udp } from '../../test/observed.ts'

const flow = flowOf({ target: { port: 88, transport: 'udp', service: 'kerberos' } })
const overTcp = control('transport', tcp('timeout', { port: 88 }))
const elsewhere = context(tcp('connected', { address: dc02, port: 389 }))

run([
  {
    name: 'datagrams to a host that is silent over TCP as well fail like TCP does',
    flow,
    seen: [udp('timeout'), again(udp('timeout')), overTcp, elsewhere],
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'possible',
    owner: 'network',
    alternatives: ['filtered-silently'],
    says: /^88\/udp on dc01 is silent, and over TCP 88 of the same host gave no answer either; 389 on 10\.1\.0\.6 answers$/,
    fix: /^add or mend the route to 10\.1\.0\.5, or bring the host up$/,
    decidedBy: ['e1', 'e2', 'e4', 'e3'],
  },
  {
    name: 'the same of a request for the time, which has no half over TCP',
    flow: flowOf({ target: { port: 123, transport: 'udp', service: 'ntp' } }),
    seen: [udp('timeout', { port: 123 }), context(tcp('timeout', { port: 389 })), elsewhere],
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'possible',
  },
  {
    name: 'the same of a question for a zone',
    flow: dns,
    seen: [soa('timeout'), context(tcp('timeout', { port: 389 })), elsewhere],
    verdict: 'blocked',
    cause: 'no-route',
  },
  {
    name: 'a host that answers anything over TCP has a route',
    flow,
    seen: [udp('timeout'), overTcp, context(tcp('connected', { port: 389 })), elsewhere],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'where nothing answers anywhere, nothing is known of the host',
    flow,
    seen: [udp('timeout'), overTcp],
    verdict: 'unknown',
    cause: 'undetermined',
    alternatives: ['no-route', 'filtered-silently', 'no-local-network'],
    says: /^88\/udp on dc01 gave no answer to a valid datagram within 3\.0 s, and over TCP neither did 88 of the same host$/,
    nextProbe: /^traceroute -T -p 88 10\.1\.0\.5: what keeps TCP/,
  },
])
