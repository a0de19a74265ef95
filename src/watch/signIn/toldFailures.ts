import type { CodeCategory } from '../../catalog/codes.ts'
import { codesFor } from '../../catalog/codesFor.ts'
import { causeRows } from '../../diagnose/index.ts'
import type { TokenReason } from '../../identity/index.ts'
import { tokenReasons } from '../../identity/index.ts'
import type { CauseCode, Owner } from '../../model/cause.ts'
import type { NameLookup, TcpConnect, TlsHandshake } from '../../model/observation.ts'
import type { Told } from '../news.ts'

/** What is said of a failure; owner, verdict and remedy are those of the cause where nothing better is known. */
export function toldOf(cause: CauseCode, says: string, more: Partial<Omit<Told, 'cause' | 'says'>> = {}): Told {
  const { verdict, owner, fix } = causeRows[cause]
  // The remedies of these speak of a check, or of an exception that nobody is to make.
  const remedy = ['undetermined', 'conditional-access', 'tool-limit'].includes(cause) ? {} : { fix }
  const sure = cause === 'undetermined' ? 'undetermined' : 'likely'
  const bad = verdict === 'unknown' ? 'wrong' : verdict
  return { verdict: bad, cause, confidence: sure, owner, says, necessity: 'required', ...remedy, ...more }
}

const lookupCauses: Readonly<Partial<Record<NameLookup['outcome'], CauseCode>>> = {
  'no-data': 'name-missing',
  'name-error': 'name-missing',
  'server-failure': 'forwarding-fails',
  'refused-by-policy': 'resolver-filters',
  timeout: 'resolver-unreachable',
  refused: 'resolver-unreachable',
  unreachable: 'resolver-unreachable',
  'tool-limit': 'tool-limit',
}

export function lookupTold(name: string, outcome: NameLookup['outcome']): Told {
  const cause = lookupCauses[outcome] ?? 'undetermined'
  return toldOf(cause, `the name ${name} is not resolved: ${outcome}`)
}

const connectCauses: Readonly<Partial<Record<TcpConnect['outcome'], CauseCode>>> = {
  refused: 'refused',
  timeout: 'filtered-silently',
  'host-unreachable': 'no-route',
  'net-unreachable': 'no-route',
  'admin-prohibited': 'admin-prohibited',
  'no-local-network': 'no-local-network',
  'tool-limit': 'tool-limit',
}

export function connectTold(place: string, outcome: TcpConnect['outcome']): Told {
  return toldOf(connectCauses[outcome] ?? 'undetermined', `no connection to ${place}: ${outcome}`)
}

const handshakeCauses: Readonly<Partial<Record<TlsHandshake['outcome'], CauseCode>>> = {
  alert: 'tls-parameters',
  'not-tls': 'not-the-service',
  timeout: 'silent-service',
}

/** A single handshake leaves open who ended it: what is said is only as sure as that. */
export function handshakeTold(place: string, outcome: TlsHandshake['outcome']): Told {
  const cause = handshakeCauses[outcome] ?? 'undetermined'
  const sure = cause === 'undetermined' ? {} : { confidence: 'possible' as const }
  return toldOf(cause, `no TLS with ${place}: ${outcome}`, sure)
}

export const statusTold = (what: string, status: number): Told =>
  status >= 500
    ? toldOf('cloud-side', `${what} is answered with ${status}`, { verdict: 'wrong' })
    : toldOf('undetermined', `${what} is answered with ${status}`, { owner: 'cloud' })

interface CategoryRow {
  readonly cause: CauseCode
  readonly owner: Owner
}

/** What a code of a category is called here, and whose turn it is. */
const byCategory: Readonly<Partial<Record<CodeCategory, CategoryRow>>> = {
  redirect: { cause: 'reply-url-mismatch', owner: 'app' },
  consent: { cause: 'consent-missing', owner: 'cloud' },
  app: { cause: 'wrong-registration', owner: 'app' },
  client: { cause: 'wrong-registration', owner: 'app' },
  tenant: { cause: 'wrong-registration', owner: 'app' },
  cloud: { cause: 'wrong-registration', owner: 'app' },
  mfa: { cause: 'conditional-access', owner: 'cloud' },
  ca: { cause: 'conditional-access', owner: 'cloud' },
  device: { cause: 'conditional-access', owner: 'cloud' },
  'tenant-restriction': { cause: 'undetermined', owner: 'proxy' },
  time: { cause: 'clock-skew', owner: 'host' },
  service: { cause: 'cloud-side', owner: 'cloud' },
  federation: { cause: 'undetermined', owner: 'directory' },
  pta: { cause: 'undetermined', owner: 'directory' },
  sso: { cause: 'undetermined', owner: 'directory' },
  user: { cause: 'undetermined', owner: 'directory' },
  authz: { cause: 'undetermined', owner: 'cloud' },
}

/** No way around a policy is ever proposed: a test account that a policy does not hold for proves nothing for people. */
const policyFix =
  'Read the sign-in log of the tenant for that id: it names the policy. Meet it, or sign in with an app by certificate; the policy itself is right as it is'

/**
 * An error of Entra ID, by the table of codes: its meaning in our words, whose turn it is, and what to do.
 *
 * @param code digits of an AADSTS code; absent: none was in the answer
 * @param error the word of OAuth 2.0, of a closed list
 * @param correlation the id that Postern sent along, by which the sign-in log has it
 */
export function entraTold(what: string, { code, error, correlation }: EntraFailure): Told {
  const number = code === undefined ? undefined : `AADSTS${code}`
  const row = number === undefined ? undefined : codesFor(number).find((one) => one.code.startsWith('AADSTS'))
  const { cause, owner } = (row && byCategory[row.category]) ?? ({ cause: 'undetermined', owner: 'cloud' } as const)
  const meaning = row === undefined ? '' : `: ${row.meaning}`
  const says = `${what} is refused with ${number ?? error ?? 'no word that is known'}${meaning} (correlation id ${correlation})`
  const isPolicy = cause === 'conditional-access'
  const fix = isPolicy ? policyFix : row?.whatToDo
  return toldOf(cause, says, {
    owner,
    confidence: cause === 'undetermined' ? 'undetermined' : row?.confidence === undefined ? 'certain' : 'likely',
    ...(fix !== undefined && { fix }),
  })
}

export interface EntraFailure {
  readonly code?: string
  readonly error?: string
  readonly correlation: string
}

interface TokenRow {
  readonly cause: CauseCode
  readonly fix: string
}

const tokenRows: Readonly<Partial<Record<TokenReason | 'nonce-mismatch', TokenRow>>> = {
  'audience-mismatch': {
    cause: 'wrong-registration',
    fix: 'Correct scope: of the sign-in, or name what the token is for with audience:',
  },
  'tenant-not-allowed': { cause: 'wrong-registration', fix: 'Correct tenant: of the site file' },
  'not-yet-valid': { cause: 'clock-skew', fix: 'Give this machine a time source' },
}

/** A token was issued that the rules of the gate do not accept. */
export function tokenTold(what: string, reason: string): Told {
  const row = tokenRows[reason as TokenReason]
  const meaning = tokenReasons[reason as TokenReason] ?? reason
  return toldOf(row?.cause ?? 'undetermined', `${what} is not one to accept: ${reason} (${meaning})`, {
    verdict: 'wrong',
    owner: row === undefined ? 'cloud' : causeRows[row.cause].owner,
    ...(row !== undefined && { fix: row.fix }),
  })
}
