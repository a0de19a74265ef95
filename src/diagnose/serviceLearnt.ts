import type { KerberosError, ServiceAnswer } from '../model/serviceAnswer.ts'
import type { Verdict } from '../model/verdict.ts'
import { interfacesByPort, namedPorts } from './endpointPorts.ts'
import type { Seen } from './seen.ts'
import { answersOf } from './serviceAnswers.ts'

type Learnt = Verdict['learnt']

const nothing: Learnt = Object.freeze({})

/** Facts that services gave away in their own protocols. */
export function serviceLearnt(seen: Seen): Learnt {
  const answers = answersOf(seen)
  if (answers.length === 0) return nothing
  const ports = portsLearnt(seen)
  const parts = [...answers.map(({ answer }) => factsOf(answer)), ports, startTlsLearnt(seen), realmLearnt(seen)]
  return Object.assign({}, ...parts.filter((part) => part !== nothing))
}

/**
 * The realm that a KDC was asked about where nobody knew the right one: nobody has it (RFC 2606). The service that changes
 * passwords answers with its own, whichever it was asked about.
 */
function realmLearnt({ services, datagrams }: Seen): Learnt {
  for (const { asked, of, answer } of [...services.worked, ...datagrams.worked]) {
    if (asked === 'kerberos-as-request') return of?.endsWith('.INVALID') === true ? { realmAsked: of } : nothing
    // Without a dot it is no domain that a site could be held against.
    if (asked === 'kpasswd-request' && answer?.kind === 'kerberos-error' && answer.realm.includes('.')) {
      return { realm: answer.realm }
    }
  }
  return nothing
}

/** What is not known is left out, and so is an empty list. */
function known(facts: Readonly<Record<string, Learnt[string] | undefined>>): Learnt {
  const present = Object.entries(facts).filter(
    (entry): entry is [string, Learnt[string]] =>
      entry[1] !== undefined && entry[1] !== '' && !(Array.isArray(entry[1]) && entry[1].length === 0),
  )
  return Object.fromEntries(present)
}

/** The error by its name: that of the result where its code was given as that of the error, as Samba does (RFC 3244 §2). */
function kerberosErrorName({ code, name, resultCode, resultText }: KerberosError): string {
  return name ?? (code === resultCode ? resultText : undefined) ?? String(code)
}

/** KDC_ERR_WRONG_REALM (RFC 6806 §7): the one error whose realm is the server's own, and no echo. */
const wrongRealm = 68

function factsOf(answer: ServiceAnswer): Learnt {
  switch (answer.kind) {
    case 'kerberos-error':
      return known({
        kerberosError: kerberosErrorName(answer),
        realm: answer.code === wrongRealm ? answer.realm : undefined,
        kpasswdResult: answer.resultText ?? answer.resultCode,
        serverClockMs: answer.skewMs,
      })
    case 'kerberos-reply':
      return known({ realm: answer.realm })
    case 'root-dse':
      return known({
        activeDirectory: answer.activeDirectory,
        directoryProduct: answer.product,
        dnsHostName: answer.dnsHostName,
        domain: answer.domain,
        forest: answer.forest,
        site: answer.site,
        serverClockMs: answer.skewMs,
        synchronized: answer.synchronized,
        globalCatalogReady: answer.globalCatalogReady,
        domainFunctionality: answer.domainFunctionality,
        forestFunctionality: answer.forestFunctionality,
        controllerFunctionality: answer.controllerFunctionality,
        saslMechanisms: answer.saslMechanisms,
      })
    case 'ldap-result':
      return known({ ldapResult: answer.name ?? String(answer.code) })
    case 'netlogon':
      return known({
        dnsHostName: answer.host,
        domain: answer.domain,
        forest: answer.forest,
        netbiosDomain: answer.netbiosDomain,
        site: answer.site,
        clientSite: answer.clientSite,
        controllerState: answer.state,
        controllerFlags: answer.flags,
      })
    case 'smb':
      return known({
        smbDialect: answer.dialect,
        smbSigning: answer.signing,
        smbMechanisms: answer.mechanisms,
        serverGuid: answer.serverGuid,
        serverClockMs: answer.skewMs,
      })
    case 'framing':
      return known({ adws: answer.said, adwsFault: answer.fault })
    case 'amqp':
      return known({ amqpMechanisms: answer.mechanisms })
    case 'amqp-other':
      return known({ amqpOffers: answer.offered })
    case 'tds':
      return known({ sqlVersion: answer.version, sqlProduct: answer.product, sqlEncryption: answer.encryption })
    case 'ws-management':
      return known({
        winrm: answer.said,
        winrmVendor: answer.vendor,
        winrmVersion: answer.version,
        winrmSchemes: answer.schemes,
      })
    case 'rpc-fault':
      return known({ rpcFault: answer.name ?? `0x${answer.status.toString(16)}` })
    case 'rpc-refused':
      return known({ rpcRefused: answer.reason })
    case 'no-netlogon':
    case 'smb-refused':
    case 'rpc-bound':
    case 'endpoint':
    case 'no-endpoint':
      return nothing
    default:
      return answer satisfies never
  }
}

/** The ports that an endpoint mapper names, as `49153 drsuapi lsarpc`, and those of them at which an interface was bound. */
function portsLearnt({ services, endpoints }: Seen): Learnt {
  const byPort = [...interfacesByPort(namedPorts(services.worked))].toSorted(([a], [b]) => a - b)
  const bound = new Set(endpoints.binds.filter(({ answer }) => answer?.kind === 'rpc-bound').map(({ port }) => port))
  if (byPort.length === 0) return nothing
  return known({
    rpcPorts: byPort.map(([port, names]) => `${port} ${names.join(' ')}`),
    rpcPortsBound: [...bound].toSorted((a, b) => a - b).map(String),
  })
}

const success = 0

/** Whether a directory goes on under TLS where it is asked to: `agreed`, the name of its refusal, or `unanswered`. */
function startTlsLearnt({ kinds }: Seen): Learnt {
  const asked = kinds['service-exchange'].find((one) => one.asked === 'ldap-start-tls' && one.role === 'posture')
  if (asked === undefined || asked.outcome === 'aborted') return nothing
  const { answer } = asked
  if (answer?.kind !== 'ldap-result') return { startTls: 'unanswered' }
  return { startTls: answer.code === success ? 'agreed' : (answer.name ?? `result ${answer.code}`) }
}
