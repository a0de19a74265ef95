import type { Confidence } from '../model/cause.ts'
import type {
  KerberosError,
  Netlogon,
  RootDse,
  ServiceAnswer,
  ServiceAnswerOf,
  WsManagement,
} from '../model/serviceAnswer.ts'
import { interfacesByPort, isDynamicRange, isMapperAlone, namedPorts } from './endpointPorts.ts'
import type { Seen } from './seen.ts'
import { answersOf } from './serviceAnswers.ts'
import { duration, listed } from './wording.ts'

/** What the answers of a service prove, and which observations hold them. */
export interface ServiceProof {
  readonly confidence: Confidence
  /** To be read behind the place: `is a domain controller of corp.example`. */
  readonly says: string
  readonly decidedBy: readonly { readonly id: string }[]
}

/**
 * What a flow's service said of itself in its own protocol, where nothing speaks against it: that is what an open port
 * does not tell.
 */
export function serviceProof(seen: Seen): ServiceProof | undefined {
  if (isDynamicRange(seen.flow)) return rangeProof(seen)
  const answers = answersOf(seen)
  if (answers.length === 0) return managementProof(seen)
  if (seen.flow.target.service === 'epm') return mapperProof(seen)
  const [first] = answers
  const told = first && proofBy(first.answer, seen)
  return told && { ...told, decidedBy: answers }
}

/** HTTP is answered where WinRM belongs, in words of neither: whoever says them may stand before it. */
function managementProof({ flow, exchanges }: Seen): ServiceProof | undefined {
  const { service } = flow.target
  const [first] = exchanges.worked
  if ((service !== 'winrm' && service !== 'winrms') || first === undefined) return undefined
  // What reports an error of its own is told as any other server that does.
  if ((first.status ?? 0) >= 500) return undefined
  const status = first.status === undefined ? 'over HTTP' : `HTTP ${first.status}`
  return { ...reached(`answers ${status}; that WinRM is behind it is not proven`), decidedBy: exchanges.worked }
}

type Told = Pick<ServiceProof, 'confidence' | 'says'>

const certainly = (says: string): Told => ({ confidence: 'certain', says })
/** The service is reached, and its answer is not the one that shows that it works. */
const reached = (says: string): Told => ({ confidence: 'likely', says })

/** @returns undefined for an answer that proves nothing of the service that was asked for */
function proofBy(answer: ServiceAnswer, seen: Seen): Told | undefined {
  const { service } = seen.flow.target
  switch (answer.kind) {
    case 'kerberos-error':
      return service === 'kpasswd'
        ? certainly(passwordWords(answer))
        : certainly(kerberosWords(answer) + realmWords(answer, seen))
    case 'netlogon':
      return certainly(netlogonWords(answer))
    case 'no-netlogon':
      return reached(
        `answers CLDAP${answer.asked === undefined ? ', and names no domain' : `, and knows nothing of the domain ${answer.asked}`}`,
      )
    case 'root-dse':
      return certainly(rootWords(answer, service === 'gc' || service === 'gcs'))
    case 'ldap-result':
      return reached(
        `answers LDAP, and shows no root entry: result ${answer.code}${answer.name === undefined ? '' : ` (${answer.name})`}`,
      )
    case 'smb':
      return certainly(`speaks SMB ${answer.dialect}, ${signingWords[answer.signing]}`)
    case 'framing':
      return framingTold(answer)
    case 'amqp':
      return certainly(
        `speaks AMQP 1.0 with SASL${answer.mechanisms.length === 0 ? '' : ` (${listed(answer.mechanisms)})`}`,
      )
    case 'tds':
      return certainly(
        `is ${answer.product ?? 'SQL Server'} (${answer.version}), ${encryptionWords[answer.encryption]}`,
      )
    case 'ws-management':
      return wsManagementTold(answer)
    case 'rpc-bound':
      return certainly(`speaks DCE/RPC and binds ${answer.interface}`)
    case 'rpc-refused':
    case 'rpc-fault':
      return reached(`speaks DCE/RPC, and refuses ${answer.interface} (${reasonOf(answer)})`)
    case 'endpoint':
    case 'no-endpoint':
      return certainly('answers as RPC endpoint mapper')
    case 'kerberos-reply':
    case 'smb-refused':
    case 'amqp-other':
      return undefined
    default:
      return answer satisfies never
  }
}

/** The realm in an error may be no more than the one that was asked about: of that nothing is said. */
function kerberosWords({ code, name, skewMs }: KerberosError): string {
  const clock = `its clock ${skewWords(skewMs)}`
  const error = name ?? `error ${code}`
  return code === nobody
    ? `answers Kerberos as it should (${error}: nobody has the name that was asked for); ${clock}`
    : `answers Kerberos (${error}); ${clock}`
}

/**
 * Which realm was asked about, where the site file does not say which one is right. A KDC of Active Directory names its
 * own in KDC_ERR_WRONG_REALM (RFC 6806 §7); others repeat what they hear.
 */
function realmWords({ code, realm }: KerberosError, { services, datagrams, context }: Seen): string {
  const asking = [...services.worked, ...datagrams.worked].find(({ asked }) => asked === 'kerberos-as-request')
  if (context.domain !== undefined || asking?.of === undefined) return ''
  const isOther = code === wrongRealm && realm !== asking.of
  const own = isOther ? `; its own realm is ${realm}, and not ${asking.of}, which was asked about` : ''
  // RFC 2606: nobody has a domain under this one, and every KDC answers all the same.
  if (!asking.of.endsWith('.INVALID')) return own
  const asked = isOther ? '' : `; asked about the realm ${asking.of}`
  return `${own}${asked}, since its domain is not known: ask by the full name of the host, or give domain: in the site file`
}

/** KDC_ERR_WRONG_REALM. */
const wrongRealm = 68

/** Of a ticket that nobody issued some say by a result what they think, and some by the error alone. */
function passwordWords({ code, name, resultCode, resultText, skewMs }: KerberosError): string {
  const said = resultCode === undefined ? (name ?? `error ${code}`) : (resultText ?? `result ${resultCode}`)
  return `answers password changes over Kerberos (${said}); its clock ${skewWords(skewMs)}`
}

/** KDC_ERR_C_PRINCIPAL_UNKNOWN (RFC 4120 §7.5.9): the answer that the question wants. */
const nobody = 6

/** Below two seconds the way there and whole seconds on it are all that is told. */
const sameClockMs = 2000

function skewWords(skewMs: number): string {
  if (Math.abs(skewMs) < sameClockMs) return "agrees with this machine's"
  return `is ${duration(Math.abs(skewMs))} ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's`
}

function netlogonWords({ host, domain, site, clientSite, state }: Netlogon): string {
  const where = site === '' ? '' : `, site ${site}`
  const ours =
    clientSite === ''
      ? ''
      : clientSite === site
        ? ", which is this machine's too"
        : `; this machine's site is ${clientSite}`
  const paused = state === 'paused' ? '; it takes no logons' : ''
  return `is ${host}, a domain controller of ${domain}${where}${ours}${paused}`
}

function rootWords(root: RootDse, isCatalog: boolean): string {
  const { activeDirectory, product, dnsHostName, domain, forest, site, globalCatalogReady } = root
  if (!activeDirectory) return `answers LDAP: ${product ?? 'a directory that is no Active Directory'}`
  const who = dnsHostName === undefined ? 'is' : `is ${dnsHostName},`
  const where = site === undefined ? '' : `, site ${site}`
  if (!isCatalog) return `${who} a domain controller of ${domain ?? 'Active Directory'}${where}`
  const ready = globalCatalogReady === undefined ? '' : globalCatalogReady ? ', ready' : ', not ready'
  return `${who} a global catalog of the forest ${forest ?? domain ?? 'that it does not name'}${where}${ready}`
}

const signingWords = {
  required: 'signing required',
  enabled: 'signing enabled, not required',
  none: 'without signing',
} as const

const encryptionWords = {
  off: 'encrypts logins only',
  on: 'with encryption',
  'not-supported': 'without encryption',
  required: 'wants encryption',
  unknown: 'tells nothing of encryption',
} as const

/** AD Web Services take nobody without negotiated security: who does may be another service of the same framing. */
function framingTold({ said, fault }: ServiceAnswerOf<'framing'>): Told {
  switch (said) {
    case 'upgrade':
      return certainly('answers as AD Web Services do, and agrees to negotiate security')
    case 'acknowledged':
      return reached(
        'speaks .NET message framing, and takes the preamble without the security that AD Web Services want',
      )
    case 'fault':
      return reached(`speaks .NET message framing, and refuses the preamble${named(fault)}`)
    default:
      return said satisfies never
  }
}

function wsManagementTold({ said, vendor, version, schemes, reason }: WsManagement): Told | undefined {
  switch (said) {
    case 'identified': {
      const who = [vendor, version].filter((word) => word !== undefined && word !== '').join(', ')
      return certainly(`answers as WinRM${who === '' ? '' : ` (${who})`}`)
    }
    case 'sign-in':
      return certainly(
        `answers as WinRM does, and wants a sign-in${schemes === undefined || schemes.length === 0 ? '' : ` (${listed(schemes)})`}`,
      )
    case 'fault':
      return reached(`speaks WS-Management, and refuses the question${named(reason)}`)
    case 'not-registered':
      return undefined
    default:
      return said satisfies never
  }
}

/** What the endpoint mapper said of itself: that it tells nothing is its policy, and no trouble of the network. */
function mapperProof(seen: Seen): ServiceProof | undefined {
  const answers = answersOf(seen)
  const kinds = new Set(answers.map(({ answer }) => answer.kind))
  const ports = portWords(interfacesByPort(namedPorts(seen.services.worked)))
  const proof = (told: Told): ServiceProof => ({ ...told, decidedBy: answers })
  if (ports !== '') {
    const told = `is an RPC endpoint mapper and names ports: ${ports}`
    const range = isMapperAlone(seen.flow) ? rangeProof(seen) : undefined
    if (range === undefined) return proof(certainly(told))
    return { ...range, says: `${told}; the range ${range.says}` }
  }
  const refusal = answers.find(({ answer }) => answer.kind !== 'rpc-bound' && answer.kind !== 'endpoint')?.answer
  if (refusal !== undefined && (kinds.has('rpc-bound') || refusal.kind !== 'no-endpoint')) {
    const why =
      refusal.kind === 'rpc-fault' || refusal.kind === 'rpc-refused' ? reasonOf(refusal) : emptyReason(refusal)
    return proof(
      certainly(
        `is reached and speaks DCE/RPC, and gives no ports to who does not sign in (${why}): policy, not network`,
      ),
    )
  }
  const silent = seen.unanswered.length > 0
  return proof(
    silent
      ? reached('is reached and binds the endpoint mapper, and leaves the question for ports without an answer')
      : certainly('is reached and binds the endpoint mapper'),
  )
}

/** The ports that are needed of the range, each by what is bound there. */
function rangeProof({ endpoints, services }: Seen): ServiceProof | undefined {
  const { binds } = endpoints
  const bound = binds.filter(({ answer }) => answer?.kind === 'rpc-bound')
  const refused = binds.filter(({ answer }) => answer?.kind === 'rpc-refused' || answer?.kind === 'rpc-fault')
  const heard = [...bound, ...refused]
  if (heard.length === 0) return undefined
  const at = (list: typeof heard): ReadonlyMap<number, readonly string[]> =>
    interfacesByPort(list.map(({ of = 'an interface', port }) => ({ interface: of, ports: [port] })))
  const named = [
    bound.length > 0 ? `bound are ${portWords(at(bound))}` : '',
    refused.length > 0 ? `${portWords(at(refused))} lets nobody bind without signing in` : '',
  ]
  return {
    confidence: bound.length > 0 && refused.length === 0 ? 'certain' : 'likely',
    says: `is open at the ports that are served: ${named.filter((part) => part !== '').join('; ')}`,
    decidedBy: [...services.worked.filter(({ answer }) => answer?.kind === 'endpoint'), ...heard],
  }
}

/** `drsuapi and lsarpc on 49153, netlogon on 49152`. */
export function portWords(byPort: ReadonlyMap<number, readonly string[]>): string {
  const ascending = [...byPort].toSorted(([a], [b]) => a - b)
  return ascending.map(([port, names]) => `${listed(names)} on ${port}`).join(', ')
}

/** Why an interface is refused, as the server says it. */
export function reasonOf(answer: Extract<ServiceAnswer, { kind: 'rpc-refused' | 'rpc-fault' }>): string {
  return answer.kind === 'rpc-refused'
    ? answer.reason.replaceAll('_', ' ')
    : (answer.name ?? `status 0x${answer.status.toString(16)}`)
}

/** Why no port is named, as the server says it. */
export function emptyReason(answer: ServiceAnswer): string {
  if (answer.kind !== 'no-endpoint') return 'no reason given'
  return answer.name ?? (answer.status === 0 ? 'an empty list' : `status 0x${answer.status.toString(16)}`)
}

function named(why: string | undefined): string {
  return why === undefined || why === '' ? '' : ` (${why})`
}
