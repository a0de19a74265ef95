import { hostPort } from '../../model/hostPort.ts'
import type { ServiceExchange, UdpExchange } from '../../model/observation.ts'
import type { ServiceAnswer, ServiceAnswerOf, ServiceQuestion } from '../../model/serviceAnswer.ts'
import type { Step } from './step.ts'
import { octetsOf } from './step.ts'

/** What each question of a service is called, before what it is about. */
const questions: Readonly<Record<ServiceQuestion, string>> = {
  'kerberos-as-request': 'Kerberos AS-REQ',
  'kpasswd-request': 'kpasswd request',
  'rpc-bind': 'DCE/RPC bind',
  'endpoint-map': 'ept_map',
  'ldap-root-dse': 'LDAP search of the root DSE',
  'ldap-start-tls': 'LDAP StartTLS',
  'netlogon-ping': 'CLDAP Netlogon ping',
  'smb2-negotiate': 'SMB2 NEGOTIATE',
  'smb1-negotiate': 'SMB 1 NEGOTIATE',
  'framing-preamble': '.NET framing preamble',
  'amqp-header': 'AMQP header',
  'tds-pre-login': 'TDS pre-login',
}

/** The question of an exchange: `Kerberos AS-REQ for CORP.EXAMPLE`. */
export function askedWords({ asked, of }: Pick<ServiceExchange | UdpExchange, 'asked' | 'of'>): string | undefined {
  return asked && `${questions[asked]}${of === undefined ? '' : ` for ${of}`}`
}

const outcomes: Readonly<Record<ServiceExchange['outcome'], string>> = {
  answer: 'answered',
  'other-protocol': 'what came is no answer to it',
  reset: 'reset',
  closed: 'closed without an answer',
  timeout: 'no answer',
  aborted: 'stopped before an answer came',
  error: 'failed',
}

/** The same where an answer had begun. */
const begun: Partial<typeof outcomes> = {
  reset: 'reset in the middle of an answer',
  closed: 'closed in the middle of an answer',
  timeout: 'an answer began and did not end',
}

/** One question in a service's own protocol, and what came of it. */
export function serviceStep(seen: ServiceExchange): Step {
  const place = seen.through === undefined ? hostPort(seen.address, seen.port) : `the tunnel of ${seen.through}`
  return {
    did: `sent ${askedWords(seen)} to ${place}${seen.inTls === true ? ' inside TLS' : ''}`,
    came: (seen.bytesIn > 0 ? begun[seen.outcome] : undefined) ?? outcomes[seen.outcome],
    particulars: [
      ...(seen.answer === undefined ? [] : answerWords(seen.answer)),
      ...present(seen.detail),
      ...(seen.firstOctets === undefined ? [] : [`begins with ${seen.firstOctets}`]),
      ...present(seen.code),
      `${octetsOf(seen.bytesOut)} sent, ${octetsOf(seen.bytesIn)} received`,
    ],
  }
}

/** What a service said, fact by fact. */
export function answerWords(answer: ServiceAnswer): readonly string[] {
  switch (answer.kind) {
    case 'kerberos-error':
      return kerberosWords(answer)
    case 'kerberos-reply':
      return [`a ticket for a name that nobody has, of realm ${answer.realm}`]
    case 'rpc-bound':
      return [`${answer.interface} is served here`]
    case 'rpc-refused':
      return [`${answer.interface} is not to be bound: ${answer.reason}`]
    case 'rpc-fault':
      return [`fault ${hexadecimal(answer.status)}${named(answer.name)} for ${answer.interface}`]
    case 'endpoint':
      return [`${answer.interface} is served on port${answer.ports.length === 1 ? '' : 's'} ${answer.ports.join(', ')}`]
    case 'no-endpoint':
      return [`no port for ${answer.interface}: ${answer.status === 0 ? 'an empty list' : statusWords(answer)}`]
    case 'root-dse':
      return rootDseWords(answer)
    case 'ldap-result':
      return [`LDAP result ${answer.code}${named(answer.name)}`, ...present(answer.text)]
    case 'netlogon':
      return netlogonWords(answer)
    case 'no-netlogon':
      return [`knows nothing of the domain${answer.asked === undefined ? '' : ` ${answer.asked}`}`]
    case 'smb':
      return [
        `SMB ${answer.dialect}, signing ${answer.signing === 'none' ? 'off' : answer.signing}, server ${answer.serverGuid}`,
        ...(answer.skewMs === undefined ? [] : [clockWords(answer.skewMs)]),
        ...(answer.mechanisms.length === 0 ? [] : [`ways to sign in: ${answer.mechanisms.join(' ')}`]),
      ]
    case 'smb-refused':
      return [answer.why]
    case 'framing':
      return [framingWords(answer)]
    case 'amqp':
      return [`AMQP with SASL${answer.mechanisms.length === 0 ? '' : `: ${answer.mechanisms.join(' ')}`}`]
    case 'amqp-other':
      return [`AMQP, and not as it was asked for: it offers ${answer.offered}`]
    case 'tds':
      return [
        `SQL Server ${answer.version}${named(answer.product)}`,
        ...(answer.encryption === 'unknown' ? [] : [`encryption ${answer.encryption.replaceAll('-', ' ')}`]),
      ]
    case 'ws-management':
      return [
        wsManagementWords[answer.said],
        ...present([answer.vendor, answer.version].filter((word) => word !== undefined).join(' ')),
        ...present(answer.reason),
        ...(answer.schemes === undefined || answer.schemes.length === 0
          ? []
          : [`ways to sign in: ${answer.schemes.join(' ')}`]),
      ]
    default:
      return answer satisfies never
  }
}

const wsManagementWords: Readonly<Record<ServiceAnswerOf<'ws-management'>['said'], string>> = {
  identified: 'WS-Management says what it is',
  'sign-in': 'Windows asks for a sign-in at /wsman',
  'not-registered': 'Windows answers, and WS-Management is not behind it',
  fault: 'WS-Management refuses the question',
}

/** KDC_ERR_C_PRINCIPAL_UNKNOWN (RFC 4120 §7.5.9). */
const nobody = 6

/**
 * With what servers refuse a ticket that they cannot read (RFC 4120 §7.5.9): KRB_AP_ERR_BAD_INTEGRITY, NOT_US, MODIFIED,
 * BADKEYVER and NOKEY.
 */
const ticketRefusals: ReadonlySet<number> = new Set([31, 35, 41, 44, 45])

/** An error is what is wanted here, which its name alone does not tell. */
function kerberosWords({
  code,
  name,
  realm,
  skewMs,
  resultCode,
  resultText,
}: ServiceAnswerOf<'kerberos-error'>): string[] {
  const isWanted = resultCode !== undefined || code === nobody || ticketRefusals.has(code)
  const wanted = code === nobody ? 'nobody has the name that was asked for' : 'the ticket that it was shown is none'
  return [
    `KRB-ERROR ${code}${named(name)}${isWanted ? `, as it should be: ${wanted}` : ''}`,
    `realm ${realm}`,
    clockWords(skewMs),
    ...(resultCode === undefined ? [] : [`kpasswd result ${resultCode}${named(resultText)}`]),
  ]
}

function netlogonWords(answer: ServiceAnswerOf<'netlogon'>): string[] {
  const { state, host, domain, netbiosDomain, forest, site, clientSite, flags } = answer
  return [
    ...(state === 'paused' ? ['takes no logons: its Netlogon service is paused'] : []),
    `${host}, domain ${domain}${named(netbiosDomain)}, forest ${forest}`,
    clientSite === ''
      ? `site ${site}, this machine in none: no subnet of a site has its address`
      : `site ${site}, this machine in ${clientSite === site ? 'the same' : clientSite}`,
    ...(flags.length === 0 ? [] : [`flags ${flags.join(' ')}`]),
  ]
}

function framingWords({ said, fault }: ServiceAnswerOf<'framing'>): string {
  switch (said) {
    case 'upgrade':
      return 'agrees to negotiate security'
    case 'acknowledged':
      return 'takes the preamble without security'
    case 'fault':
      return `refuses${named(fault)}`
    default:
      return said satisfies never
  }
}

function rootDseWords(answer: ServiceAnswerOf<'root-dse'>): readonly string[] {
  const { domain, forest, site, skewMs, synchronized, globalCatalogReady, saslMechanisms, product } = answer
  return [
    answer.activeDirectory
      ? 'an Active Directory domain controller'
      : `a directory, no Active Directory${named(product)}`,
    ...present(answer.dnsHostName),
    ...(domain === undefined ? [] : [`domain ${domain}`]),
    ...(forest === undefined ? [] : [`forest ${forest}`]),
    ...(site === undefined ? [] : [`site ${site}`]),
    ...(skewMs === undefined ? [] : [clockWords(skewMs)]),
    ...(synchronized === undefined ? [] : [synchronized ? 'synchronised' : 'not synchronised since it was started']),
    ...(globalCatalogReady === undefined ? [] : [`global catalog ${globalCatalogReady ? 'ready' : 'not ready'}`]),
    ...(saslMechanisms.length === 0 ? [] : [`ways to sign in: ${saslMechanisms.join(' ')}`]),
  ]
}

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Below a second nobody can tell: a directory gives the time to the second, and the way there takes its own. */
function clockWords(skewMs: number): string {
  const off = Math.abs(skewMs)
  if (off < secondMs) return "its clock is in step with this machine's"
  return `its clock is ${offWords(off)} ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's`
}

/** As precise as somebody needs who is to set a clock: `2.4 s`, `95 s`, `12 min`, `3 h 20 min`, `12 days`. */
function offWords(ms: number): string {
  if (ms < 10 * secondMs) return `${Number((ms / secondMs).toFixed(1))} s`
  if (ms < 2 * minuteMs) return `${Math.round(ms / secondMs)} s`
  if (ms < 2 * hourMs) return `${Math.round(ms / minuteMs)} min`
  if (ms >= 2 * dayMs) return `${Math.round(ms / dayMs)} days`
  const minutes = Math.round(ms / minuteMs)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function statusWords({ status, name }: ServiceAnswerOf<'no-endpoint'>): string {
  return `status ${hexadecimal(status)}${named(name)}`
}

const hexadecimal = (status: number): string => `0x${status.toString(16).padStart(8, '0')}`

function named(name: string | undefined): string {
  return name === undefined || name === '' ? '' : ` (${name})`
}

function present(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : [text]
}
