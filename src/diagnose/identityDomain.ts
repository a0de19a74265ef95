import type { ServiceExchange, TlsHandshake, UdpExchange } from '../model/observation.ts'
import { goesToController } from './controllers.ts'
import { canonicalName, isWithin, sameName } from './names.ts'
import { wordOf } from './resolverAnswers.ts'
import type { Match } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { toldBy } from './told.ts'
import { hostOf, listed, placeOf } from './wording.ts'

/** One statement of the host about the domain that it serves. */
interface Statement {
  readonly seen: ServiceExchange | UdpExchange | TlsHandshake
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
  const member = membershipOf(seen)
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
  return [...member, ...kerberos, ...denials, ...certificateOf(seen, member)]
}

/** A statement that names a domain. */
type Member = Statement & { readonly domain: string }

/** Of which domain the directory of the host says that it is. */
function membershipOf(seen: Seen): readonly Member[] {
  const directory = toldBy(seen, 'root-dse').flatMap(
    ({ seen: at, own, answer: { activeDirectory, domain, forest } }): readonly Member[] =>
      activeDirectory && domain !== undefined
        ? [{ seen: at, own, by: 'rootDSE', domain, ...(forest !== undefined && { forest }) }]
        : [],
  )
  const locator = toldBy(seen, 'netlogon').map(
    ({ seen: at, own, answer: { domain, forest } }): Member => ({
      seen: at,
      own,
      by: 'answer over CLDAP',
      domain,
      forest,
    }),
  )
  return [...directory, ...locator]
}

/** A certificate that lacks the name, and names a host of the domain that the directory beside it serves. */
function certificateOf({ shaken }: Seen, member: readonly Member[]): readonly Statement[] {
  const [leaf] = shaken?.chain ?? []
  if (shaken?.nameMatches !== false || leaf === undefined) return []
  const bears = ({ domain }: Member): boolean =>
    leaf.subjectAltNames.some((name) => name.startsWith('dns:') && isWithin(name.slice(4), canonicalName(domain)))
  const [first] = member.filter(bears)
  return first === undefined ? [] : [{ seen: shaken, own: true, by: 'certificate', domain: first.domain }]
}

/**
 * A DNS service that does not know the domain of the site, on a controller of a domain that has nothing to do with it:
 * that it answers shows that DNS works, and who it is why the zone is missing. Where both are of one tree, the one is to
 * know the other.
 */
export function zoneOfAnotherDomain(seen: Seen): Match | undefined {
  const { flow, context, dns } = seen
  const wanted = context.domain ?? context.forest
  if (wanted === undefined || flow.to === flow.toRole) return undefined
  const asked = dns.worked.filter(({ type, name }) => type === 'SOA' && sameName(name, wanted))
  const [first] = asked
  if (first === undefined || asked.some(({ outcome }) => outcome === 'answer')) return undefined
  const member = membershipOf(seen)
  const zones = member.flatMap(({ domain, forest }) => [domain, ...(forest === undefined ? [] : [forest])])
  if (zones.length === 0 || zones.some((zone) => areOfOneTree(zone, wanted))) return undefined
  const domains = listed([...new Set(member.map(({ domain }) => canonicalName(domain)))])
  const word = first.outcome === 'no-data' ? 'has no such zone' : wordOf(first)
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} answers, and ${word} for ${wanted}: ${hostOf(flow)} is a domain controller of ${domains} by its own ${listed(member.map(({ by }) => by))}`,
    fix: `correct the domain (${wanted}), or the address of ${hostOf(flow)}, in the site file; if ${hostOf(flow)} is to answer for ${wanted} as well, forward that zone there`,
    alternatives: first.outcome === 'server-failure' ? ['name-missing', 'resolver-unreachable'] : ['name-missing'],
    nextProbe: `ask a domain controller of ${wanted} for the same zone`,
    decidedBy: idsOf(
      asked,
      member.map((one) => one.seen),
    ),
  }
}

function areOfOneTree(zone: string, other: string): boolean {
  return isWithin(zone, canonicalName(other)) || isWithin(other, canonicalName(zone))
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
