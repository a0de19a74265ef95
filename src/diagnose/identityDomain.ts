import type { ServiceExchange, UdpExchange } from '../model/observation.ts'
import { goesToController } from './controllers.ts'
import { canonicalName, isWithin, sameName } from './names.ts'
import type { Match } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { toldBy } from './told.ts'
import { hostOf, listed, placeOf } from './wording.ts'

/** One statement of the host about the domain that it serves. */
interface Statement {
  readonly seen: ServiceExchange | UdpExchange
  readonly own: boolean
  /** Where it says so, as a sentence names it. */
  readonly by: string
  /** Absent: it says only that it is not the one that was asked for. */
  readonly domain?: string
  readonly forest?: string
  /** It says so of the domain that was asked for, and not only that it has nothing to say. */
  readonly refuses?: true
}

/**
 * A controller of another domain, by its own word, where the site has one of its own. The domain of the site, the root
 * of its forest and the domain that the planned name lies in are all right.
 */
export function wrongDomain(seen: Seen): Match | undefined {
  const { flow, context, lookups } = seen
  const wanted = context.domain ?? context.forest
  if (wanted === undefined || !goesToController(flow)) return undefined
  const statements = statementsOf(seen, wanted)
  const foreign = statements.filter((one) => !isRight(one, seen))
  if (!foreign.some(({ own }) => own)) return undefined
  const right = statements.filter((one) => isRight(one, seen))
  // It knows the domain where it is asked another way: that it does not know it here is no matter of domains.
  const named = foreign.filter(({ domain }) => domain !== undefined)
  if (right.length > 0 && named.length === 0) return undefined
  const domains = [...new Set(named.flatMap(({ domain }) => (domain === undefined ? [] : [canonicalName(domain)])))]
  const isSister = named.some(({ forest }) => sameName(forest, context.forest ?? wanted))
  // An empty answer alone may also be that of the right controller, whose Netlogon does not run.
  const isUnnamed = named.length === 0 && !foreign.some(({ refuses }) => refuses === true)
  const unsure = right.length > 0 || isUnnamed || (isSister && flow.target.name === undefined)
  const ways = listed(foreign.map(({ by }) => by))
  const other = right.length > 0 ? `; its ${listed(right.map(({ by }) => by))} says ${wanted}` : ''
  const record = flow.target.name ?? hostOf(flow)
  const where = seen.address ?? hostOf(flow)
  return {
    confidence: unsure ? 'likely' : 'certain',
    says:
      domains.length > 0
        ? `${placeOf(flow)} is answered by a domain controller of ${listed(domains)}, not of ${wanted}, by its own ${ways}${other}`
        : `${placeOf(flow)} is answered by a directory that knows nothing of ${wanted}: ${ways}`,
    fix:
      lookups.worked.length > 0
        ? `correct the DNS record of ${record}, or the forwarder that answers for it: it leads to ${where}`
        : `correct the address of ${hostOf(flow)}, or the domain, in the site file, or the translation (NAT) of ${where}${isSister ? `; if it is meant to be of ${listed(domains)}, give it its full name in the site file` : ''}`,
    alternatives: isUnnamed ? ['dc-not-ready'] : unsure ? ['wrong-target-dnat'] : [],
    nextProbe: `postern check ldap://${where} shows the naming context, dnsHostName and forest of what answers`,
    decidedBy: idsOf(
      foreign.map((one) => one.seen),
      right.map((one) => one.seen),
    ),
  }
}

/**
 * What the host says of its domain. The realm of a Kerberos error is no such word unless the error is about the realm:
 * Samba's KDC repeats whatever it was asked for.
 */
function statementsOf(seen: Seen, wanted: string): readonly Statement[] {
  const directory = toldBy(seen, 'root-dse').flatMap(
    ({ seen: at, own, answer: { activeDirectory, domain, forest } }) =>
      activeDirectory && domain !== undefined
        ? [{ seen: at, own, by: 'rootDSE', domain, ...(forest !== undefined && { forest }) }]
        : [],
  )
  const locator = toldBy(seen, 'netlogon').map(({ seen: at, own, answer: { domain, forest } }) => ({
    seen: at,
    own,
    by: 'answer over CLDAP',
    domain,
    forest,
  }))
  const kerberos = toldBy(seen, 'kerberos-error').flatMap(
    ({ seen: at, own, answer: { code, realm } }): readonly Statement[] => {
      if (at.asked === 'kpasswd-request') {
        // Where nothing could be asked for, what answers cannot be told from an echo.
        return realm.includes('.') ? [{ seen: at, own, by: 'Kerberos password service', domain: realm }] : []
      }
      if (code !== wrongRealm || !sameName(at.of, wanted)) return []
      const isNamed = realm.includes('.') && !sameName(realm, wanted)
      return [
        { seen: at, own, by: 'Kerberos error 68 (WRONG_REALM)', refuses: true, ...(isNamed && { domain: realm }) },
      ]
    },
  )
  const denials = toldBy(seen, 'no-netlogon').flatMap(({ seen: at, own, answer: { asked } }) =>
    sameName(asked, wanted) ? [{ seen: at, own, by: 'empty answer over CLDAP' }] : [],
  )
  return [...directory, ...locator, ...kerberos, ...denials]
}

/** KDC_ERR_WRONG_REALM (RFC 4120 §7.5.9). */
const wrongRealm = 68

function isRight({ domain }: Statement, { flow, context }: Seen): boolean {
  const { name } = flow.target
  if (domain === undefined) {
    // Asked for the site's domain; a host whose name lies in another one need not know it.
    const asked = canonicalName(context.domain ?? context.forest ?? '')
    return name?.includes('.') === true && !isWithin(name, asked)
  }
  const zone = canonicalName(domain)
  return (
    sameName(zone, context.domain) || sameName(zone, context.forest) || (name !== undefined && isWithin(name, zone))
  )
}
