import { isOwn } from '../../diagnose/observations.ts'
import { commonName, listed } from '../../diagnose/wording.ts'
import type { TrustStore } from '../../model/certificateFacts.ts'
import type { RevocationCheck, TlsHandshake } from '../../model/observation.ts'
import type { FlowReport } from '../../model/report.ts'
import { dialledOf, groupBy, portOf, throughOf } from './flowWords.ts'
import { stepOf } from './observationWords.ts'

/** One thing that servers do, in a word and what is said of it; all of it is text from outside and not yet plain. */
export interface PostureFact {
  readonly name: string
  readonly about: 'handshake' | 'certificate'
  readonly words: readonly string[]
  /** Worth a second look: nothing that fails today. */
  readonly odd: boolean
}

/** A server that was asked, and what is its own even among those that are alike. */
export interface PostureServer {
  readonly port: string
  readonly place: string
  readonly ends: string
}

/** Servers that do the same, and what that is. */
export interface PostureGroup {
  readonly servers: readonly PostureServer[]
  readonly facts: readonly PostureFact[]
}

/**
 * What `check --posture` found out of servers: those that do the same stand together, so that thirty are read as fast as
 * one, and what is odd stands first. Nothing where it was not asked.
 */
export function postureGroups(flows: readonly FlowReport[]): readonly PostureGroup[] {
  const asked = flows.filter(({ learnt }) => learnt['rootOfMicrosoft'] !== undefined)
  // Several flows go to one server, which is asked once.
  const servers = [...groupBy(asked, (flow) => `${portOf(flow.target)} ${placeOf(flow)}`).values()].flatMap(
    ([first]) => (first === undefined ? [] : [first]),
  )
  const told = servers.map((flow) => ({ flow, facts: factsOf(flow) }))
  const groups = [...groupBy(told, ({ facts }) => JSON.stringify(facts)).values()].map((alike): PostureGroup => {
    const [hello, ...others] = alike[0]?.facts ?? []
    const servers = alike.map(({ flow }) => flow)
    const sized = hello === undefined ? [] : [{ ...hello, words: helloWords(servers, hello.words) }]
    return { servers: servers.map(serverOf), facts: [...sized, ...others] }
  })
  return groups.toSorted((one, other) => odds(other) - odds(one))
}

const odds = ({ facts }: PostureGroup): number => facts.filter(({ odd }) => odd).length

/** By the name that was dialled: which pattern it stands for is no matter of the server. */
function placeOf({ target: { pattern: _, ...target }, via }: FlowReport): string {
  return dialledOf(target) + (via === undefined ? '' : throughOf({ via }))
}

function serverOf(flow: FlowReport): PostureServer {
  const days = flow.learnt['certificateDaysLeft']
  const ends =
    typeof days !== 'number'
      ? ''
      : days < 0
        ? `certificate ended ${-days} ${days === -1 ? 'day' : 'days'} ago`
        : `${days} ${days === 1 ? 'day' : 'days'} left`
  return { port: portOf(flow.target), place: placeOf(flow), ends }
}

function factsOf(flow: FlowReport): readonly PostureFact[] {
  const { learnt, evidence } = flow
  const own = evidence.find(
    (seen): seen is TlsHandshake => seen.kind === 'tls-handshake' && isOwn(seen) && seen.outcome === 'established',
  )
  const taken = textsOf(learnt['tlsVersionsTaken'])
  const wantsCertificate = own?.clientCertificateRequested === true
  const long = learnt['longHello']
  const unanswered = long !== undefined && long !== 'answered'
  return [
    // The octets hang on the length of the name: they are told for all who do the same together.
    fact('ClientHello', 'handshake', long === undefined ? [] : [unanswered ? 'unanswered' : 'answered'], unanswered),
    fact('versions', 'handshake', versionWords(learnt), taken.some(isOld)),
    ...factIfTold('other name', 'handshake', learnt['otherNames']),
    fact(
      'client cert',
      'handshake',
      [wantsCertificate ? 'asked for in the handshake' : 'not asked for in the handshake'],
      wantsCertificate,
    ),
    ...factIfTold('key', 'certificate', learnt['certificateKey']),
    ...factIfTold('signature', 'certificate', learnt['certificateSignature']),
    fact('root', 'certificate', rootWords(flow)),
    fact('trusted by', 'certificate', [
      own === undefined || own.anchoredIn.length === 0
        ? 'none of the lists of roots here'
        : listed(own.anchoredIn.map((store) => stores[store])),
    ]),
    ...revocationFact(flow, own),
  ]
}

const fact = (name: string, about: PostureFact['about'], words: readonly string[], odd = false): PostureFact => ({
  name,
  about,
  words,
  odd,
})

function factIfTold(
  name: string,
  about: PostureFact['about'],
  value: FlowReport['learnt'][string] | undefined,
): readonly PostureFact[] {
  return typeof value === 'string' ? [fact(name, about, [value])] : []
}

const stores: Readonly<Record<TrustStore, string>> = {
  node: 'the list of Node.js',
  machine: 'the store of this machine',
  site: 'the site file',
}

const isOld = (version: string): boolean => version === 'TLSv1' || version === 'TLSv1.1'

/** What came of each version by itself. An end without a word may be that of a limit on connections, and refuses none. */
function versionWords(learnt: FlowReport['learnt']): readonly string[] {
  const told = (fact: string, words: (versions: string) => string): readonly string[] => {
    const versions = textsOf(learnt[fact])
    return versions.length === 0 ? [] : [words(`TLS ${listed(versions.map(numberOf))}`)]
  }
  const words = [
    ...told('tlsVersionsTaken', (versions) => `${versions} taken`),
    ...told('tlsVersionsRefused', (versions) => `${versions} refused`),
    ...told('tlsVersionsUnanswered', (versions) => `no answer to ${versions} by itself`),
  ]
  return words.length === 0 ? ['none tried by itself'] : words
}

/** OpenSSL's `TLSv1` is TLS 1.0. */
const numberOf = (version: string): string => (version === 'TLSv1' ? '1.0' : version.replace(/^TLSv/, ''))

function rootWords({ learnt }: FlowReport): readonly string[] {
  const root = learnt['certificateRoot'] ?? 'not sent'
  const known = learnt['rootOfMicrosoft'] === true
  return [`${String(root)}, ${known ? "one of Microsoft's list" : "not of Microsoft's list"}`]
}

/**
 * How long the hellos were, and whether the long one passed.
 *
 * @param passed what came of the long one, at all of these servers alike; empty where none was sent
 */
function helloWords(flows: readonly FlowReport[], passed: readonly string[]): readonly string[] {
  const octets = (key: 'helloOctets' | 'longHelloOctets'): string | undefined => {
    const each = flows.flatMap(({ learnt }) => (typeof learnt[key] === 'number' ? [learnt[key]] : []))
    if (each.length === 0) return undefined
    const [least, most] = [Math.min(...each), Math.max(...each)]
    return `${least === most ? least : `${least} to ${most}`} octets`
  }
  const [small, long] = [octets('helloOctets'), octets('longHelloOctets')]
  return [
    ...(small === undefined ? [] : [`${small} answered`]),
    ...(passed.length === 0 ? ['no long one was sent'] : []),
    ...passed.map((how) => `${long ?? 'the long one'} (post-quantum share) ${how}`),
  ]
}

/** What was said of each certificate of the chain, and where it was asked. */
function revocationFact({ evidence, via }: FlowReport, own: TlsHandshake | undefined): readonly PostureFact[] {
  const checks = evidence.filter((seen): seen is RevocationCheck => seen.kind === 'revocation-check' && isOwn(seen))
  const leaf = own?.chain[0]
  const told = [...groupBy(checks, ({ subject, serial }) => `${serial} ${subject}`).values()].map((ways) => {
    const [{ subject, serial } = { subject: '', serial: '' }] = ways
    const whose = serial === leaf?.serial ? 'the certificate' : `"${commonName(subject)}"`
    const answers = [...groupBy(ways, (way) => stepOf(way).came)].map(
      ([came, same]) => `${came} (${listed(askedOf(same, via))})`,
    )
    return `${whose}: ${listed(answers)}`
  })
  const stapled = checks.some(({ method }) => method === 'staple') || own?.stapledOcsp === true
  return [
    fact(
      'revocation',
      'certificate',
      [...(told.length === 0 ? ['nobody was asked'] : told), ...(stapled ? [] : ['no answer stapled'])],
      checks.some(({ outcome }) => outcome !== 'good'),
    ),
  ]
}

const methods: Readonly<Record<RevocationCheck['method'], string>> = {
  crl: 'list',
  ocsp: 'responder',
  staple: 'stapled answer',
}

/** Each host that was asked and for what, and by which way where that is not the flow's own. */
function askedOf(checks: readonly RevocationCheck[], via: string | undefined): readonly string[] {
  const places = groupBy(checks, ({ url, through }) => {
    if (url === undefined) return ''
    return ` of ${hostOf(url)}${through === undefined || through === via ? '' : ` through ${through}`}`
  })
  return [...places].map(([where, same]) => listed(same.map(({ method }) => methods[method])) + where)
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host || url : url
}

function textsOf(value: FlowReport['learnt'][string] | undefined): readonly string[] {
  return typeof value === 'object' ? value : []
}
