import type { CertificateFacts } from '../../model/certificateFacts.ts'
import { hostPort } from '../../model/hostPort.ts'
import type {
  AiaFetch,
  Farewell,
  HttpExchange,
  NameLookup,
  Observation,
  RevocationCheck,
  TcpConnect,
  TlsHandshake,
  ToolLimit,
  UdpExchange,
  WebSocketUpgrade,
} from '../../model/observation.ts'
import type { TimeAnswer } from '../../model/timeAnswer.ts'
import { countOf, durationOf } from './flowWords.ts'
import { packetStep } from './packetWords.ts'
import { plain } from './plain.ts'
import { seriesStep } from './seriesWords.ts'
import { answerWords, askedWords, serviceStep } from './serviceWords.ts'
import { signInWords } from './signInWords.ts'
import type { Step } from './step.ts'
import { octetsOf } from './step.ts'
import { traceStep } from './traceWords.ts'

/** Tells one observation without judging it; all of it is plain text. */
export function stepOf(seen: Observation): Step {
  const step = stepOfKind(seen)
  const lag =
    seen.ownLagMs === undefined ? [] : [`Postern itself did not look for ${durationOf(seen.ownLagMs)} of that`]
  return { did: plain(step.did), came: plain(step.came), particulars: [...step.particulars.map(plain), ...lag] }
}

/** Why the observation was made: `probe`, `repeat`, `control: another port`, `seen for another flow`. */
export function roleWords(seen: Observation): string {
  switch (seen.role) {
    case 'probe':
    case 'repeat':
      return seen.role
    case 'control':
      return seen.varies === undefined ? 'control' : `control: ${variationWords[seen.varies]}`
    case 'posture':
      return seen.varies === undefined ? 'posture' : `posture: ${variationWords[seen.varies]}`
    case 'context':
      return 'seen for another flow'
    default:
      return seen.role satisfies never
  }
}

const variationWords: Readonly<Record<NonNullable<Observation['varies']>, string>> = {
  resolver: 'another resolver',
  name: 'another name',
  transport: 'another transport',
  port: 'another port',
  host: 'another host',
  address: 'another address',
  'server-name': 'another server name',
  'tls-version': 'another TLS version',
  'hello-size': 'another size of ClientHello',
  tls: 'TLS',
  'plain-http': 'plain HTTP',
  proxy: 'another way out',
  path: 'another path',
  source: 'another address of this machine',
  crowd: 'several at once',
  payload: 'little or nothing said',
  idle: 'held without a word',
  'time-to-live': 'how far packets come',
}

function stepOfKind(seen: Observation): Step {
  switch (seen.kind) {
    case 'name-lookup':
      return lookupStep(seen)
    case 'tcp-connect':
      return connectStep(seen)
    case 'udp-exchange':
      return datagramStep(seen)
    case 'tls-handshake':
      return handshakeStep(seen)
    case 'service-exchange':
      return serviceStep(seen)
    case 'http-exchange':
      return requestStep(seen)
    case 'aia-fetch':
      return fetchStep(seen)
    case 'revocation-check':
      return revocationStep(seen)
    case 'packet-evidence':
      return packetStep(seen)
    case 'path-trace':
      return traceStep(seen)
    case 'connect-series':
      return seriesStep(seen)
    case 'tool-limit':
      return limitStep(seen)
    default:
      return seen satisfies never
  }
}

const lookupOutcomes: Readonly<Record<NameLookup['outcome'], string>> = {
  answer: 'answered',
  'no-data': 'the name exists and has no such record',
  'name-error': 'the name does not exist (NXDOMAIN)',
  'server-failure': 'the server failed (SERVFAIL)',
  'refused-by-policy': 'the server refused to answer (REFUSED)',
  'other-rcode': 'answered with an error code',
  timeout: 'no answer',
  refused: 'the port is closed',
  unreachable: 'unreachable',
  malformed: 'the answer is not DNS',
  mismatch: 'the answer does not belong to the question',
  'tool-limit': 'this machine had no means left to ask',
  aborted: 'stopped before an answer came',
}

function lookupStep(seen: NameLookup): Step {
  const asked = seen.resolver === 'system' ? 'asked this machine' : `asked ${seen.resolver} over ${seen.transport}`
  const answers = seen.outcome === 'answer' ? `: ${seen.answers.join(', ')}` : ''
  return {
    did: `${asked} for ${seen.type} of ${seen.name}`,
    came: lookupOutcomes[seen.outcome] + answers,
    particulars: [
      ...(seen.resolver === 'system' ? [] : [`resolver: ${seen.resolverRole}`]),
      ...(seen.rcode === undefined ? [] : [`rcode ${seen.rcode}`]),
      ...(seen.aliases.length === 0 ? [] : [`through ${seen.aliases.join(', ')}`]),
      ...(seen.ttlSec === undefined ? [] : [`TTL ${seen.ttlSec} s`]),
      ...(seen.authoritative === true ? ['authoritative'] : []),
      ...(seen.truncated === true ? ['truncated: the whole answer is to be had over tcp'] : []),
      ...(seen.answeredBy === undefined ? [] : [`answered by ${seen.answeredBy}`]),
      ...(seen.detail === undefined ? [] : [seen.detail]),
    ],
  }
}

const connectOutcomes: Readonly<Record<TcpConnect['outcome'], string>> = {
  connected: 'connected',
  refused: 'refused',
  timeout: 'no answer',
  'host-unreachable': 'a router says: host unreachable',
  'net-unreachable': 'network unreachable',
  'admin-prohibited': 'a device says: administratively prohibited',
  reset: 'reset',
  'no-local-network': 'this machine has no network to it',
  'tool-limit': 'this machine had no means left to dial',
  aborted: 'stopped before an answer came',
  error: 'failed',
}

function connectStep(seen: TcpConnect): Step {
  return {
    did:
      seen.proxy === undefined
        ? `dialled ${hostPort(seen.address, seen.port)} over tcp`
        : `dialled the proxy ${seen.proxy} at ${hostPort(seen.address, seen.port)}`,
    came: connectOutcomes[seen.outcome],
    particulars: [
      ...(seen.localAddress === undefined ? [] : [`from ${seen.localAddress}`]),
      ...(seen.farewell === undefined ? [] : [farewellWords(seen.farewell)]),
      ...(seen.code === undefined ? [] : [seen.code]),
    ],
  }
}

const farewells: Readonly<Record<Farewell['outcome'], string>> = {
  ended: 'the other end left as well',
  reset: 'the other end reset it',
  lost: 'not even a keep-alive was acknowledged',
  silence: 'the other end said nothing',
  aborted: 'stopped before the other end left',
}

function farewellWords({ heldMs, bytesOut, bytesIn, outcome }: Farewell): string {
  const word = bytesOut === 0 ? 'without a word' : `after ${octetsOf(bytesOut)}`
  const said = heldMs === undefined ? word : `after ${durationOf(heldMs)} ${word}`
  return `left ${said}: ${farewells[outcome]}${bytesIn === 0 ? '' : `, ${octetsOf(bytesIn)} came`}`
}

const datagramOutcomes: Readonly<Record<UdpExchange['outcome'], string>> = {
  answer: 'answered',
  timeout: 'no answer',
  refused: 'the port is closed',
  unreachable: 'unreachable',
  'tool-limit': 'this machine had no means left to ask',
  aborted: 'stopped before an answer came',
  error: 'failed',
}

function datagramStep(seen: UdpExchange): Step {
  return {
    did: `sent ${askedWords(seen) ?? octetsOf(seen.bytesOut)} to ${hostPort(seen.address, seen.port)} over udp`,
    came: datagramOutcomes[seen.outcome],
    particulars: [
      ...(seen.bytesIn === 0 ? [] : [`${octetsOf(seen.bytesIn)} came back`]),
      ...(seen.time === undefined ? [] : timeWords(seen.time)),
      ...(seen.answer === undefined ? [] : answerWords(seen.answer)),
      ...(seen.detail === undefined ? [] : [seen.detail]),
      ...(seen.code === undefined ? [] : [seen.code]),
    ],
  }
}

function timeWords(time: TimeAnswer): string[] {
  switch (time.kind) {
    case 'time':
      return [
        `NTP version ${time.version}, stratum ${time.stratum}, follows ${time.reference || 'nothing'}`,
        ...(time.leap === 'none' ? [] : [`leap: ${time.leap}`]),
        ...(time.offsetMs === undefined ? [] : [`its clock is ${aheadOrBehind(time.offsetMs)} this machine's`]),
        ...(time.delayMs === undefined ? [] : [`${time.delayMs} ms there and back`]),
        `${time.rootDelayMs} ms from its source, off by up to ${time.rootDispersionMs} ms`,
      ]
    case 'kiss':
      return [`kiss-o'-death ${time.code}${time.means === undefined ? '' : `: ${time.means}`}`]
    case 'not-ours':
      return [`NTP that answers another question: ${time.why}`]
    case 'unreadable':
      return [`not NTP: ${time.why}`]
    default:
      return time satisfies never
  }
}

function aheadOrBehind(offsetMs: number): string {
  return `${durationOf(Math.abs(offsetMs))} ${offsetMs < 0 ? 'behind' : 'ahead of'}`
}

const handshakeOutcomes: Readonly<Record<TlsHandshake['outcome'], string>> = {
  established: 'established',
  alert: 'refused with an alert',
  reset: 'reset',
  closed: 'closed without an answer',
  timeout: 'no answer',
  'not-tls': 'the answer is not TLS',
  'local-refusal': 'broken off by this machine',
  aborted: 'stopped before it was done',
  error: 'failed',
}

function handshakeStep(seen: TlsHandshake): Step {
  const { minVersion, maxVersion, alpn } = seen.offered
  const versions = minVersion === maxVersion ? minVersion : `${minVersion} to ${maxVersion}`
  const agreed = [seen.version, seen.cipher].filter((word) => word !== undefined)
  return {
    did: `TLS handshake ${seen.through === undefined ? `with ${hostPort(seen.address, seen.port)}` : `through the tunnel of ${seen.through}`}${seen.serverName === undefined ? ', no server name' : ` as ${seen.serverName}`}`,
    came:
      handshakeOutcomes[seen.outcome] +
      (seen.alert === undefined ? '' : ` ${seen.alert.number} (${seen.alert.name})`) +
      (agreed.length === 0 ? '' : `: ${agreed.join(', ')}`),
    particulars: [
      `offered ${versions}${alpn.length === 0 ? '' : `, ALPN ${alpn.join(' ')}`}`,
      ...(seen.alpn === undefined ? [] : [`ALPN ${seen.alpn}`]),
      ...(seen.firstOctets === undefined ? [] : [`begins with ${seen.firstOctets}`]),
      ...(seen.code === undefined ? [] : [seen.code]),
      ...(seen.clientCertificateRequested === true ? ['a client certificate was asked for'] : []),
      `${octetsOf(seen.bytesOut)} sent, ${octetsOf(seen.bytesIn)} received`,
      ...(seen.nameMatches === undefined
        ? []
        : [seen.nameMatches ? 'the certificate names it' : 'the certificate does not name it']),
      ...(seen.chain.length === 0 ? [] : chainWords(seen)),
    ],
  }
}

function chainWords(seen: TlsHandshake): string[] {
  return [
    `${countOf(seen.sentCertificates, 'certificate')} sent`,
    ...seen.chain.map(certificateWords),
    seen.signaturesVerify ? 'every signature verifies' : 'a signature does not verify',
    seen.anchoredIn.length === 0
      ? 'the chain ends in no known root'
      : `the root is known to: ${seen.anchoredIn.join(', ')}`,
    ...(seen.stapledOcsp ? ['OCSP answer stapled'] : []),
  ]
}

function certificateWords(certificate: CertificateFacts, at: number): string {
  const had = certificate.from === 'handshake' ? '' : ` (from ${certificate.from})`
  const { subjectAltNames: kept, subjectAltNameCount = kept.length } = certificate
  const more = subjectAltNameCount > kept.length ? ` and ${subjectAltNameCount - kept.length} more` : ''
  const names = at === 0 && kept.length > 0 ? `; names ${kept.join(' ')}${more}` : ''
  return (
    `certificate ${at + 1}${had}: ${certificate.subject}; issued by ${certificate.issuer}; ` +
    `${certificate.notBefore.slice(0, 10)} to ${certificate.notAfter.slice(0, 10)}; SHA-256 ${certificate.sha256}${names}`
  )
}

const requestOutcomes: Readonly<Record<HttpExchange['outcome'], string>> = {
  response: 'answered',
  'not-http': 'the answer is not HTTP',
  reset: 'reset',
  closed: 'closed without an answer',
  timeout: 'no answer',
  'too-large': 'the answer is larger than is read',
  aborted: 'stopped before an answer came',
  error: 'failed',
}

/** What was asked, and of whom: a proxy is asked for tunnels, and for plain HTTP by its whole address. */
function askedOf({ method, url, through, address }: HttpExchange): string {
  if (through === undefined) return `${method} ${url} at ${address}`
  if (method === 'CONNECT') return `asked the proxy ${through} for a tunnel to ${url}`
  return url.startsWith('http://')
    ? `${method} ${url} of the proxy ${through}`
    : `${method} ${url} in the tunnel of ${through}`
}

function requestStep(seen: HttpExchange): Step {
  return {
    did: askedOf(seen),
    came:
      (seen.bytesIn === undefined ? requestOutcomes[seen.outcome] : 'the answer was not finished') +
      (seen.status === undefined ? '' : ` ${seen.status}`),
    particulars: [
      ...(seen.showedCredentials === true ? ['credentials for Basic were shown'] : []),
      ...(seen.firstByteMs === undefined ? [] : [`first byte after ${durationOf(seen.firstByteMs)}`]),
      ...(seen.outcome === 'response' ? [`body: ${seen.body.kind}, ${octetsOf(seen.body.bytes)}`] : []),
      ...(seen.body.title === undefined ? [] : [`title "${seen.body.title}"`]),
      ...Object.entries(seen.body.members).map(([name, value]) => `${name}: ${value}`),
      ...Object.entries(seen.headers).map(([name, value]) => `header ${name}: ${value}`),
      ...(seen.upgrade === undefined ? [] : upgradeWords(seen.upgrade)),
      ...(seen.answer === undefined ? [] : answerWords(seen.answer)),
      ...(seen.signIn === undefined ? [] : signInWords(seen.signIn)),
      ...(seen.firstOctets === undefined ? [] : [`begins with ${seen.firstOctets}`]),
      ...(seen.bytesIn === undefined ? [] : [`${octetsOf(seen.bytesIn)} of an answer came`]),
      ...(seen.code === undefined ? [] : [seen.code]),
    ],
  }
}

const upgradeOutcomes: Readonly<Record<WebSocketUpgrade['outcome'], string>> = {
  accepted: 'WebSocket accepted',
  'not-switched': 'WebSocket not accepted',
  'not-websocket': '101 without WebSocket',
}

const heardWords: Readonly<Record<NonNullable<WebSocketUpgrade['heard']>, string>> = {
  pong: 'answered a ping with a pong',
  close: 'answered a ping with a close frame',
  frame: 'sent a frame and left a ping unanswered',
  violation: 'broke the protocol after the handshake',
  ended: 'ended the connection after the handshake',
  nothing: 'left a ping unanswered',
}

function upgradeWords(upgrade: WebSocketUpgrade): string[] {
  return [
    `${upgradeOutcomes[upgrade.outcome]}, offered ${upgrade.offered.length === 0 ? 'no subprotocol' : upgrade.offered.join(' ')}`,
    ...(upgrade.protocol === undefined ? [] : [`subprotocol ${upgrade.protocol}`]),
    ...(upgrade.heard === undefined
      ? []
      : [`${heardWords[upgrade.heard]}${upgrade.pongMs === undefined ? '' : ` after ${durationOf(upgrade.pongMs)}`}`]),
    ...(upgrade.closeCode === undefined ? [] : [`close code ${upgrade.closeCode}`]),
    ...(upgrade.why === undefined ? [] : [upgrade.why]),
    ...(upgrade.trackingId === undefined ? [] : [`Service Bus tracking id ${upgrade.trackingId}`]),
  ]
}

const fetchOutcomes: Readonly<Record<AiaFetch['outcome'], string>> = {
  certificate: 'a certificate came',
  'not-a-certificate': 'what came is no certificate',
  'wrong-issuer': 'a certificate came that did not sign this one',
  'http-status': 'an HTTP error came',
  unreachable: 'unreachable',
  timeout: 'no answer',
  'refused-address': 'not fetched: the address is not public',
  'tool-limit': 'this machine had no means left to ask',
  aborted: 'stopped before an answer came',
}

function fetchStep(seen: AiaFetch): Step {
  return {
    did: `fetched the issuer from ${seen.url}`,
    came: fetchOutcomes[seen.outcome] + (seen.status === undefined ? '' : ` (${seen.status})`),
    particulars: [
      ...(seen.through === undefined ? [] : [`asked of the proxy ${seen.through}`]),
      ...(seen.subject === undefined ? [] : [seen.subject]),
      ...(seen.detail === undefined ? [] : [seen.detail]),
    ],
  }
}

const revocationOutcomes: Readonly<Record<RevocationCheck['outcome'], string>> = {
  good: 'not revoked',
  revoked: 'revoked',
  'unknown-certificate': 'it knows no such certificate',
  stale: 'what came is out of date',
  'not-yet-valid': 'what came is not valid yet',
  'bad-signature': 'what came is not signed by who may speak for the issuer',
  'other-certificate': 'what came is not about this certificate',
  'not-an-answer': 'what came is no answer',
  'responder-refused': 'the responder refused to answer',
  'http-status': 'an HTTP error came',
  'too-large': 'the answer is larger than is read',
  unreachable: 'unreachable',
  timeout: 'no answer',
  'refused-address': 'not asked: the address is not public',
  'tool-limit': 'this machine had no means left to ask',
  aborted: 'stopped before an answer came',
}

function revocationStep(seen: RevocationCheck): Step {
  const { method, url, through, subject, revokedAt, reason, thisUpdate, nextUpdate } = seen
  const where =
    method === 'staple' ? 'in the handshake' : `${method === 'crl' ? 'in the list' : 'of the responder'} at ${url}`
  return {
    did: `looked for the state of "${subject}" ${where}`,
    came: revocationOutcomes[seen.outcome] + (seen.status === undefined ? '' : ` (${seen.status})`),
    particulars: [
      ...(through === undefined ? [] : [`asked of the proxy ${through}`]),
      `serial ${seen.serial}`,
      ...(revokedAt === undefined ? [] : [`revoked ${revokedAt}${reason === undefined ? '' : ` (${reason})`}`]),
      ...(thisUpdate === undefined ? [] : [`of ${thisUpdate}`]),
      ...(nextUpdate === undefined ? [] : [`next due ${nextUpdate}`]),
      ...(seen.bytes === undefined ? [] : [octetsOf(seen.bytes)]),
      ...(seen.title === undefined ? [] : [`title "${seen.title}"`]),
      ...(seen.detail === undefined ? [] : [seen.detail]),
    ],
  }
}

const limits: Readonly<Record<ToolLimit['limit'], string>> = {
  'no-probe-yet': 'there is no probe for it yet',
  'no-ipv4': 'this machine has no IPv4',
  'no-ipv6': 'this machine has no IPv6',
  'no-descriptors': 'this machine has no file descriptors left',
  'no-ports': 'this machine has no ports left',
  'no-right': 'this process has not the right to',
  budget: 'the time for the check was used up',
  'question-budget': 'the time for this question was used up',
  aborted: 'the check was stopped',
  fault: 'Postern itself failed here',
}

function limitStep(seen: ToolLimit): Step {
  return { did: 'not asked', came: limits[seen.limit], particulars: [seen.detail] }
}
