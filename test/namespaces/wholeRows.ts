import { ports } from './places.ts'
import type { Expected } from './row.ts'
import { federationFaults, federationOddities } from './wholeFederationRows.ts'
import type { WholeFlowId } from './wholeSite.ts'
import { beyond, responderPorts } from './wholeSite.ts'
import { upgradeFaults, upgradeOddities } from './wholeUpgradeRows.ts'
import type { WholeRow } from './wholeWays.ts'
import { leadResponder, socketAt } from './wholeWays.ts'

/** What a client without Postern hears of the certificate; it verifies no signature. */
const heard = (mark: RegExp): NonNullable<WholeRow['leaves']> => ({
  on: 'client',
  command: `openssl ocsp -issuer $FOLDER/beyond-ca.pem -cert $FOLDER/asking-alone.pem -url http://${beyond.responder.address}:80 -noverify -no_nonce`,
  mark,
})
const shakeAsking = `issuer:${beyond.asking.address}:${ports.https}:${beyond.asking.name}`
const asking = `${beyond.asking.name} by Beyond Root CA`
const unsettled: Pick<Expected<WholeFlowId>, 'flows' | 'verdict' | 'cause'> = {
  flows: ['asking'],
  verdict: 'degraded',
  cause: 'revocation-unreachable',
}

const responderRows: readonly WholeRow[] = [
  {
    id: 'responder-filtered',
    breaks: 'The firewall drops port 80 of the responder that a certificate names.',
    forward: `ip daddr ${beyond.responder.address} tcp dport ${ports.http} drop`,
    tasks: [shakeAsking, `knock:${beyond.responder.address}:${ports.http}`, `knock:${beyond.cloud}:${ports.http}`],
    shows: `${asking}, silence, connected`,
    asks: ['asking', 'bus-socket'],
    expect: { ...unsettled, confidence: 'likely', owner: 'firewall' },
    timeoutMs: 1500,
  },
  {
    id: 'responder-revokes',
    breaks: 'The certificate of an app was revoked, and the responder that it names says so.',
    leads: leadResponder(responderPorts.revoked),
    tasks: [shakeAsking],
    shows: asking,
    leaves: heard(/: revoked\n/),
    asks: ['asking', 'bus-socket'],
    expect: { flows: ['asking'], verdict: 'blocked', cause: 'revoked', confidence: 'certain', owner: 'pki' },
  },
  {
    id: 'responder-gone',
    breaks: 'Nobody listens at the port of the responder that a certificate names.',
    leads: leadResponder(ports.closed),
    tasks: [shakeAsking, `knock:${beyond.responder.address}:${ports.http}`],
    shows: `${asking}, ECONNREFUSED`,
    asks: ['asking', 'bus-socket'],
    expect: { ...unsettled, confidence: 'certain', owner: 'firewall' },
  },
  {
    id: 'responder-page',
    breaks: 'A web page stands where the responder should answer that a certificate names.',
    leads: leadResponder(responderPorts.page),
    tasks: [shakeAsking, `greet:${beyond.responder.address}:${ports.http}`],
    shows: `${asking}, HTTP/1.1 200 OK`,
    asks: ['asking', 'bus-socket'],
    expect: { ...unsettled, confidence: 'certain', owner: 'proxy' },
  },
]

/** The port of old Health agents is the one that networks forget. */
const onlyWeb: WholeRow = {
  id: 'only-web-goes-out',
  breaks: 'The firewall lets out 443 to Service Bus, and drops 5671 to it.',
  forward: `ip daddr ${beyond.bus.address} tcp dport 5671 drop`,
  tasks: [`knock:${beyond.bus.address}:5671`, socketAt(ports.https)],
  shows: 'silence, 101',
  asks: ['bus-amqps', 'bus-socket'],
  expect: {
    flows: ['bus-amqps'],
    verdict: 'blocked',
    cause: 'filtered-silently',
    confidence: 'likely',
    owner: 'firewall',
  },
  timeoutMs: 1500,
}

export const wholeFaults: readonly WholeRow[] = [...federationFaults, ...responderRows, ...upgradeFaults, onlyWeb]

/** What is odd at a whole site, and breaks nothing that is asked for. */
export const wholeOddities: readonly WholeRow[] = [
  {
    id: 'responder-in-order',
    breaks: 'The certificate of an app names a responder, which knows it as good.',
    tasks: [shakeAsking],
    shows: asking,
    leaves: heard(/: good\n/),
    asks: ['asking'],
  },
  ...federationOddities,
  ...upgradeOddities,
]
