import type { Confidence } from '../model/cause.ts'
import type { HttpExchange } from '../model/observation.ts'
import { expectedDocument, leadsToItself } from './protocol.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { serviceProof } from './serviceProof.ts'
import { wantingClientCertificate } from './tls.ts'
import { duration, hostOf, listed, placeOf, serviceOf } from './wording.ts'

/** How far a conversation has proven the service, when nothing speaks against it. */
export interface Proof {
  readonly confidence: Confidence
  readonly says: string
  readonly decidedBy: readonly string[]
}

/** Says what an open flow proves, and what it does not: an open port is not yet the service behind it. */
export function proofOf(seen: Seen): Proof {
  const { flow, handshakes, exchanges, dns, datagrams } = seen
  const connects = flow.via === undefined ? seen.connects : seen.tunnels
  const place = placeOf(flow)
  const { service } = flow.target
  const proof = (
    confidence: Confidence,
    says: string,
    ...groups: readonly (readonly { readonly id: string }[])[]
  ): Proof => ({
    confidence,
    says: `${place}${flow.via === undefined ? '' : ` through the proxy ${flow.via}`} ${says}`,
    decidedBy: idsOf(...groups),
  })

  const told = serviceProof(seen)
  if (told !== undefined) {
    const tls = handshakes.worked[0]?.version
    return proof(
      isDoubtful(seen) && told.confidence === 'certain' ? 'likely' : told.confidence,
      `${told.says}${tls === undefined ? '' : `, over ${tls}`}${doubt(seen)}`,
      connects.worked,
      handshakes.worked,
      told.decidedBy,
    )
  }
  const socket = webSocketProof(seen)
  if (socket !== undefined) {
    return proof(
      socket.confidence,
      `${socket.says}${doubt(seen)}`,
      connects.worked,
      handshakes.worked,
      exchanges.worked,
    )
  }
  const [answer] = exchanges.worked
  if (answer !== undefined) {
    const status = answer.status === undefined ? 'over HTTP' : `HTTP ${answer.status}`
    const tls = handshakes.worked[0]?.version
    const over = tls === undefined ? '' : ` over ${tls}`
    const trouble = troubleOf(answer)
    return proof(
      trouble !== undefined || isDoubtful(seen) ? 'likely' : 'certain',
      `answers ${status}${over}${metadataOf(answer)}${trouble ?? ''}${doubt(seen)}`,
      connects.worked,
      handshakes.worked,
      exchanges.worked,
    )
  }
  const [spoken] = dns.worked
  if (spoken !== undefined) {
    return proof(
      'certain',
      `answers DNS over ${spoken.transport} for ${spoken.name === '' ? 'the root' : spoken.name}`,
      dns.worked,
    )
  }
  const time = timeProof(seen)
  if (time !== undefined) return proof('certain', time, datagrams.worked)
  if (datagrams.worked.length > 0) {
    return proof('certain', 'answers a valid datagram', datagrams.worked)
  }
  if (handshakes.worked.length > 0) {
    const whole = service === 'tls'
    const asks = handshakes.worked.some(({ clientCertificateRequested }) => clientCertificateRequested)
    const beyond = whole ? '' : `; that the service behind it is ${serviceOf(flow.target)} is not proven`
    return proof(
      whole && !isDoubtful(seen) ? 'certain' : 'likely',
      `speaks ${handshakes.worked[0]?.version ?? 'TLS'}${asks ? ' and asks for a client certificate' : ''}${doubt(seen)}${beyond}`,
      connects.worked,
      handshakes.worked,
    )
  }
  // That a proxy says so is its word: what it has reached is not seen from here.
  if (flow.via !== undefined) return proof('likely', 'is reached, as the proxy says', connects.worked)
  // Something else was asked and answered, of which a service that only accepts connections knows nothing.
  const isSeen = connects.worked.length > 0
  if (service === 'tcp') return proof(isSeen ? 'certain' : 'possible', 'accepts connections', connects.worked)
  return proof(
    'possible',
    `accepts connections; that the service behind it is ${serviceOf(flow.target)} is not proven`,
    connects.worked,
  )
}

/**
 * An answer that is no success where a document is published says of the service only that it is reached; of other
 * paths, which are asked for the answer alone, any status but a server's own error will do.
 */
function troubleOf(answer: HttpExchange): string | undefined {
  const { status = 0, headers } = answer
  const document = expectedDocument(answer)
  if (status >= 500) {
    const missing = document === undefined ? '' : `, and its ${documentWords[document]} is not to be had`
    return `: the path is open, the service itself reports an error${missing}`
  }
  if (document === undefined || status === 0 || (status >= 200 && status < 300 && isDocument(answer))) return undefined
  const where = headers['location']
  const instead = leadsToItself(answer)
    ? 'sends whoever asks to the same address again, in a circle'
    : status < 400 && where !== undefined
      ? `sends on to ${where}`
      : `does not give its ${documentWords[document]}`
  return `: the path is open, and the service ${instead}; that it works is not proven`
}

/** Whether the body is what the path publishes: JSON, or XML that says whose metadata it is. */
function isDocument(answer: HttpExchange): boolean {
  const { kind, members } = answer.body
  return kind === expectedDocument(answer) && (kind !== 'xml' || members['entityID'] !== undefined)
}

/** Of whom metadata is that came. */
function metadataOf(answer: HttpExchange): string {
  const { entityID: identifier } = answer.body.members
  return identifier === undefined || expectedDocument(answer) !== 'xml'
    ? ''
    : ` with the federation metadata of ${identifier}`
}

const documentWords = { json: 'OpenID document', xml: 'federation metadata' } as const

/** What the answer to an opening handshake proves of WebSocket, where nothing speaks against it. */
function webSocketProof(seen: Seen): Pick<Proof, 'confidence' | 'says'> | undefined {
  const answer = seen.exchanges.worked.find(({ upgrade }) => upgrade !== undefined)
  if (answer?.upgrade === undefined) return undefined
  const { outcome, heard, protocol, trackingId } = answer.upgrade
  const tls = seen.handshakes.worked[0]?.version
  const over = tls === undefined ? '' : ` over ${tls}`
  if (outcome === 'accepted') {
    const agreed = protocol === undefined ? '' : ` with the subprotocol ${protocol}`
    const silent = heard === undefined || heard === 'nothing'
    return {
      confidence: silent || isDoubtful(seen) ? 'likely' : 'certain',
      says: `opens a WebSocket${agreed}${over}${silent ? ', and left a ping unanswered' : ` and ${heardBehind[heard]}`}`,
    }
  }
  if (answer.status === 401 && trackingId !== undefined) {
    return {
      confidence: isDoubtful(seen) ? 'likely' : 'certain',
      says: `is reached${over}: Service Bus itself wants a token before it opens a WebSocket (401, tracking id ${trackingId})`,
    }
  }
  const wants = answer.status === 401 ? 'wants a sign-in' : 'reports an error of its own'
  return {
    confidence: 'possible',
    says: `answers ${answer.status}${over}: the service is reached and ${wants}; that a WebSocket gets through is not proven`,
  }
}

const heardBehind = {
  pong: 'answers a ping',
  close: 'closes it again in its own words',
  frame: 'sends frames',
  violation: 'breaks its protocol',
  ended: 'ends it again',
} as const

/** How a time server's answer is told, where nothing speaks against it. */
function timeProof({ datagrams }: Seen): string | undefined {
  const time = datagrams.worked.findLast((one) => one.time !== undefined)?.time
  switch (time?.kind) {
    case 'time': {
      const { offsetMs, stratum, reference } = time
      const follows = reference === '' ? '' : ` (${reference})`
      const off =
        offsetMs === undefined
          ? ''
          : `; its clock is ${duration(Math.abs(offsetMs))} ${offsetMs < 0 ? 'behind' : 'ahead of'} this machine's`
      return `tells the time over NTP, stratum ${stratum}${follows}${off}`
    }
    case 'kiss':
      return `speaks NTP and gives no time this once: ${time.code}${time.means === undefined ? '' : `, ${time.means}`}`
    case 'not-ours':
    case 'unreadable':
    case undefined:
      return undefined
    default:
      return time satisfies never
  }
}

/** A chain that can be neither called genuine nor foreign leaves interception open, and says so. */
function isDoubtful({ chain }: Seen): boolean {
  return chain?.kind === 'cannot-know'
}

function doubt({ chain, shaken }: Seen): string {
  if (chain?.kind !== 'cannot-know') return ''
  const root = shaken?.chain.at(-1)
  const named = root === undefined ? '' : ` ("${root.subject}")`
  switch (chain.because) {
    case 'unlisted-public-root':
      return `; its chain ends in a root that Microsoft has not published${named}: a change there, or interception`
    case 'unpublished-fingerprint':
      return `; its root is named like one of Microsoft's${named}, whose fingerprint is not published`
    case 'no-certificate':
      return '; it showed no certificate'
    case 'short':
    case 'signature':
    case 'other-name':
    case 'private-root':
    case 'self-signed':
      return ''
    default:
      return chain.because satisfies never
  }
}

/**
 * The flow's own question failed only because the server wants a client certificate: reached, and TLS spoken.
 */
export function proofByClientCertificate(seen: Seen): Proof | undefined {
  const { stop, flow } = seen
  if (stop?.phase !== 'tls' && stop?.phase !== 'http') return undefined
  const wanting = wantingClientCertificate(stop.failed, seen.shaken)
  if (wanting.length === 0) return undefined
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} speaks ${seen.shaken?.version ?? 'TLS'} and wants a client certificate, which Postern does not send${doubt(seen)}`,
    decidedBy: idsOf(seen.connects.worked, seen.handshakes.worked, wanting),
  }
}

/** What is said of a flow that must be closed. */
export interface Closure extends Proof {
  readonly verdict: 'open' | 'blocked' | 'unknown'
}

/** A flow that must be closed: closed is well, open is what must not be, and silence is closed as far as can be seen. */
export function closureOf(seen: Seen): Closure {
  const { stop, flow, wavering, furthest, sameHostOpen } = seen
  const place = placeOf(flow)
  const closed = (confidence: Confidence, how: string, ids: readonly string[]): Closure => ({
    verdict: 'blocked',
    confidence,
    says: `${place} is closed, as it must be: ${how}`,
    decidedBy: ids,
  })
  if (furthest !== 'nothing' && furthest !== 'name' && furthest !== 'proxy') {
    const worked = [
      ...seen.tunnels.worked,
      ...seen.connects.worked,
      ...seen.handshakes.worked,
      ...seen.services.worked,
      ...seen.exchanges.worked,
      ...seen.dns.worked,
      ...seen.datagrams.worked,
    ]
    const cut = stop !== undefined && seen.connects.worked.length > 0
    return {
      verdict: 'open',
      confidence: cut || wavering !== undefined ? 'likely' : 'certain',
      says: `${place} ${cut ? 'accepts connections' : 'answers'} from ${flow.from}, and must be closed`,
      decidedBy: idsOf(worked),
    }
  }
  if (stop === undefined || stop.phase === 'name' || stop.phase === 'proxy') {
    const failed = stop?.failed ?? []
    const denied = failed.length > 0 && failed.every(({ outcome }) => outcome === 'name-error' || outcome === 'no-data')
    if (denied) return closed('possible', `${flow.target.name ?? hostOf(flow)} has no address here`, idsOf(failed))
    return {
      verdict: 'unknown',
      confidence: 'undetermined',
      says: `${place} must be closed, and could not be asked: ${seen.limits[0]?.detail ?? 'the name was not resolved'}`,
      decidedBy: idsOf(failed),
    }
  }
  const failed = stop.failed
  const outcomes = new Set<string>(failed.map(({ outcome }) => outcome))
  const ids = idsOf(failed)
  if (outcomes.size === 1 && outcomes.has('timeout')) {
    const alive = sameHostOpen.length > 0
    const others = alive ? `; ${listed(sameHostOpen.map(({ what }) => what))} on the same host answers` : ''
    return closed(alive ? 'likely' : 'possible', `nothing answers${others}`, [
      ...ids,
      ...sameHostOpen.map(({ id }) => id),
    ])
  }
  const unasked = ['tool-limit', 'no-local-network', 'error'].some((outcome) => outcomes.has(outcome))
  if (unasked) {
    return {
      verdict: 'unknown',
      confidence: 'undetermined',
      says: `${place} must be closed, and could not be asked from this machine (${listed([...outcomes])})`,
      decidedBy: ids,
    }
  }
  // That a port is shut is certain where it says so; a host that is off, or a router that is, says nothing of the port.
  const shut = [...outcomes].every((outcome) => outcome === 'refused' || outcome === 'admin-prohibited')
  return closed(shut ? 'certain' : 'possible', `the answer is ${listed([...outcomes])}`, ids)
}
