import type { ServiceExchange, UdpExchange } from '../../model/observation.ts'
import type { ServiceAnswer, ServiceQuestion } from '../../model/serviceAnswer.ts'
import { durationOf } from './flowWords.ts'

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
  'framing-preamble': '.NET framing preamble',
  'amqp-header': 'AMQP header',
  'tds-pre-login': 'TDS pre-login',
}

/** The question of an exchange: `Kerberos AS-REQ for CORP.EXAMPLE`. */
export function askedWords({ asked, of }: Pick<ServiceExchange | UdpExchange, 'asked' | 'of'>): string | undefined {
  return asked && `${questions[asked]}${of === undefined ? '' : ` for ${of}`}`
}

/** What a service said, fact by fact. */
export function answerWords(answer: ServiceAnswer): readonly string[] {
  switch (answer.kind) {
    case 'kerberos-error':
      return [
        `KRB-ERROR ${answer.code}${named(answer.name)}`,
        `realm ${answer.realm}`,
        clockWords(answer.skewMs),
        ...(answer.resultCode === undefined ? [] : [`kpasswd result ${answer.resultCode}${named(answer.resultText)}`]),
      ]
    case 'kerberos-reply':
      return [`a ticket for a name that nobody has, of realm ${answer.realm}`]
    case 'rpc-bound':
      return [`${answer.interface} is bound`]
    case 'rpc-refused':
      return [`${answer.interface} is not bound: ${answer.reason}`]
    case 'rpc-fault':
      return [`fault 0x${answer.status.toString(16)}${named(answer.name)} for ${answer.interface}`]
    case 'endpoint':
      return [`${answer.interface} is served on ${answer.ports.join(', ')}`]
    case 'no-endpoint':
      return [`no port for ${answer.interface}: status 0x${answer.status.toString(16)}${named(answer.name)}`]
    case 'root-dse':
      return rootDseWords(answer)
    case 'ldap-result':
      return [`LDAP result ${answer.code}${named(answer.name)}`, ...present(answer.text)]
    case 'netlogon':
      return [
        `${answer.host}, domain ${answer.domain} (${answer.netbiosDomain}), forest ${answer.forest}`,
        `site ${answer.site}, this machine in ${answer.clientSite || 'none'}`,
        `flags ${answer.flags.join(' ')}`,
        ...(answer.state === 'paused' ? ['takes no logons: paused'] : []),
      ]
    case 'no-netlogon':
      return [`knows nothing of the domain${answer.asked === undefined ? '' : ` ${answer.asked}`}`]
    case 'smb':
      return [
        `SMB ${answer.dialect}, signing ${answer.signing}, server ${answer.serverGuid}`,
        ...(answer.skewMs === undefined ? [] : [clockWords(answer.skewMs)]),
        ...(answer.mechanisms.length === 0 ? [] : [`mechanisms ${answer.mechanisms.join(' ')}`]),
      ]
    case 'smb-refused':
      return [answer.why]
    case 'framing':
      return [
        answer.said === 'fault'
          ? `fault${named(answer.fault)}`
          : answer.said === 'upgrade'
            ? 'agrees to the upgrade'
            : 'acknowledges the preamble',
      ]
    case 'amqp':
      return [`AMQP with SASL: ${answer.mechanisms.join(' ')}`]
    case 'amqp-other':
      return [`offers ${answer.offered}`]
    case 'tds':
      return [
        `SQL Server ${answer.version}${named(answer.product)}`,
        `encryption ${answer.encryption.replaceAll('-', ' ')}`,
      ]
    case 'ws-management':
      return [
        wsManagementWords[answer.said],
        ...present([answer.vendor, answer.version].filter((word) => word !== undefined).join(' ')),
        ...present(answer.reason),
        ...(answer.schemes === undefined ? [] : [`offers ${answer.schemes.join(' ')}`]),
      ]
    default:
      return answer satisfies never
  }
}

const wsManagementWords: Readonly<Record<Extract<ServiceAnswer, { kind: 'ws-management' }>['said'], string>> = {
  identified: 'WS-Management',
  'sign-in': 'Windows asks for a sign-in at /wsman',
  'not-registered': 'Windows answers, and WS-Management is not behind it',
  fault: 'WS-Management refuses the question',
}

function rootDseWords(answer: Extract<ServiceAnswer, { kind: 'root-dse' }>): readonly string[] {
  const { domain, forest, site, skewMs, synchronized, globalCatalogReady, saslMechanisms } = answer
  return [
    answer.activeDirectory ? 'an Active Directory domain controller' : 'a directory that is no Active Directory',
    ...present(answer.dnsHostName),
    ...(domain === undefined ? [] : [`domain ${domain}`]),
    ...(forest === undefined ? [] : [`forest ${forest}`]),
    ...(site === undefined ? [] : [`site ${site}`]),
    ...(skewMs === undefined ? [] : [clockWords(skewMs)]),
    ...(synchronized === undefined ? [] : [synchronized ? 'synchronised' : 'not synchronised']),
    ...(globalCatalogReady === undefined ? [] : [`global catalog ${globalCatalogReady ? 'ready' : 'not ready'}`]),
    ...(saslMechanisms.length === 0 ? [] : [`SASL ${saslMechanisms.join(' ')}`]),
  ]
}

function clockWords(skewMs: number): string {
  return `its clock is ${durationOf(Math.abs(skewMs))} ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's`
}

function named(name: string | undefined): string {
  return name === undefined || name === '' ? '' : ` (${name})`
}

function present(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : [text]
}
