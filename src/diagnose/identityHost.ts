import { goesToController } from './controllers.ts'
import { canonicalName, isMapped, sameName } from './names.ts'
import type { Match } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import type { Told } from './told.ts'
import { toldBy } from './told.ts'
import { hostOf, listed } from './wording.ts'

/** What a controller calls itself, and where it says so. */
interface Named {
  readonly seen: Told<'root-dse' | 'netlogon'>['seen']
  readonly own: boolean
  readonly by: string
  readonly host: string
}

/**
 * A domain controller that is asked by its name, and calls itself by another one: its address belongs to another machine
 * today. Judged after {@link twoMachines}, which takes the hosts that call themselves both.
 */
export function staleRecord(seen: Seen): Match | undefined {
  const { flow, lookups, address } = seen
  const wanted = nameOfOne(seen)
  if (wanted === undefined) return undefined
  const said = namesSaid(seen)
  const others = said.filter(({ host }) => !isSameHost(host, wanted))
  const [first] = others
  if (first === undefined || !others.some(({ own }) => own)) return undefined
  // An alias that DNS itself shows leads there on purpose.
  if (lookups.worked.some(({ aliases }) => aliases.some((alias) => isSameHost(first.host, alias)))) return undefined
  // So does one that several controllers share behind one address, and one that the certificate there is for.
  if (new Set(others.map(({ host }) => firstLabel(host))).size > 1 || isCertified(seen, wanted)) return undefined
  const looked = lookups.worked.filter(({ answers }) => answers.includes(address ?? ''))
  const byRecord = looked.length > 0
  return {
    confidence: byRecord ? 'certain' : 'likely',
    says: `${wanted} leads to ${address ?? 'this address'}, and the domain controller there calls itself ${first.host} (${listed(others.map(({ by }) => by))})`,
    fix: byRecord
      ? `delete the old address record of ${wanted}, let it register again (ipconfig /registerdns), and turn on scavenging; if it is meant as an alias of ${first.host}, make it one (CNAME)`
      : `correct the name or the address of ${hostOf(flow)} in the site file; if both are right, the translation (NAT) of ${address ?? hostOf(flow)}`,
    alternatives: byRecord ? [] : ['wrong-target-dnat'],
    nextProbe: byRecord
      ? `read the time stamp of the record of ${wanted} in the DNS console, and compare it with the address of ${first.host}`
      : `compare ${address ?? 'the address'} with what DNS says of ${wanted} and of ${first.host}`,
    decidedBy: idsOf(
      looked,
      others.map((one) => one.seen),
    ),
  }
}

/** Services at one address that call themselves by different names: one of the ports leads elsewhere. */
export function twoMachines(seen: Seen): Match | undefined {
  const { flow, address } = seen
  const wanted = nameOfOne(seen)
  if (wanted === undefined) return undefined
  const said = namesSaid(seen)
  const own = said.filter((one) => one.own && !isSameHost(one.host, wanted))
  const right = said.filter(({ host }) => isSameHost(host, wanted))
  const [first] = own
  if (first === undefined || right.length === 0) return undefined
  return {
    confidence: 'likely',
    says: `${first.by} at ${address ?? hostOf(flow)} calls itself ${first.host}, and ${listed(right.map(({ by }) => by))} at the same address ${wanted}: two machines behind one address`,
    fix: `correct the translation of ${address ?? hostOf(flow)} for port ${flow.target.port ?? ''}: it leads to another machine than ${wanted}`,
    alternatives: ['stale-record'],
    nextProbe: `read the destination NAT rules and the load balancer for ${address ?? hostOf(flow)}`,
    decidedBy: idsOf(
      own.map((one) => one.seen),
      right.map((one) => one.seen),
    ),
  }
}

/**
 * The name that a flow dials, where it is that of one machine: not the domain's own, nor one of the locator's, nor one
 * that several addresses share, nor one that the site file leads elsewhere.
 */
function nameOfOne({ flow, lookups, context }: Seen): string | undefined {
  const { name, port } = flow.target
  if (name === undefined || !goesToController(flow) || isMapped(name, context.names, port ?? undefined))
    return undefined
  if ([context.domain, context.forest].some((zone) => sameName(zone, name))) return undefined
  if (canonicalName(name).split('.').includes('_msdcs')) return undefined
  return lookups.worked.some(({ answers }) => answers.length > 1) ? undefined : name
}

function namesSaid(seen: Seen): readonly Named[] {
  const directory = toldBy(seen, 'root-dse').flatMap(({ seen: at, own, answer: { activeDirectory, dnsHostName } }) =>
    activeDirectory && dnsHostName !== undefined && dnsHostName !== ''
      ? [{ seen: at, own, by: `rootDSE on ${at.port}`, host: dnsHostName }]
      : [],
  )
  const locator = toldBy(seen, 'netlogon').flatMap(({ seen: at, own, answer: { host } }) =>
    host === '' ? [] : [{ seen: at, own, by: `CLDAP on ${at.port}`, host }],
  )
  return [...directory, ...locator]
}

/** Whether a handshake at the address showed a certificate for the name that this machine trusts. */
function isCertified({ kinds, address }: Seen, name: string): boolean {
  return kinds['tls-handshake'].some(
    (one) =>
      one.address === address &&
      one.nameMatches === true &&
      one.anchoredIn.length > 0 &&
      sameName(one.serverName, name),
  )
}

/** A machine may be called under two suffixes; what tells machines of one site apart is the first label. */
function isSameHost(one: string, other: string): boolean {
  return firstLabel(one) === firstLabel(other)
}

function firstLabel(name: string): string | undefined {
  return canonicalName(name).split('.')[0]
}
