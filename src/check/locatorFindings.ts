import { canonicalName, sameName } from '../diagnose/names.ts'
import type { Finding } from '../model/finding.ts'
import type { NameLookup } from '../model/observation.ts'
import type { FlowReport } from '../model/report.ts'
import { findingRows } from './findingRows.ts'

/**
 * What the name servers of the site say together about the domain: controllers that clients are led to and that the plan
 * does not know, and zones of one primary of which a server has an older copy.
 */
export function locatorFindings(flows: readonly FlowReport[]): readonly Finding[] {
  return [...unplanned(flows), ...behind(flows)]
}

interface Said {
  readonly flow: FlowReport
  readonly seen: NameLookup
}

/** Answers of the name servers that were asked for the domain. */
function saidIn(flows: readonly FlowReport[], type: NameLookup['type']): readonly Said[] {
  return flows.flatMap((flow) =>
    flow.evidence.flatMap((seen) =>
      seen.kind === 'name-lookup' &&
      seen.type === type &&
      seen.outcome === 'answer' &&
      seen.resolverRole === 'target' &&
      seen.role !== 'context'
        ? [{ flow, seen }]
        : [],
    ),
  )
}

/** More names than this help nobody in one line. */
const mostNames = 5

/** A report of chosen flows alone may have none to a controller's own services: it does not know the controllers. */
function unplanned(flows: readonly FlowReport[]): readonly Finding[] {
  const planned = flows.filter(({ to, toRole }) => toRole === 'domain-controller' && to !== toRole)
  if (!planned.some(({ target }) => target.service === 'ldap' || target.service === 'kerberos')) return []
  const hosts = new Set(planned.map(({ to }) => to))
  const names = new Set([
    ...planned.map(({ target, to }) => canonicalName(target.name ?? to)),
    ...flows.filter(({ to }) => hosts.has(to)).flatMap(ownName),
  ])
  const addresses = new Set(planned.map(({ target }) => target.address))
  const addressed = [...saidIn(flows, 'A'), ...saidIn(flows, 'AAAA')]
  // One that has no address, or was not asked for it, cannot be told from a host that the site file has by its address.
  const isUnplanned = (host: string): boolean => {
    const at = addressed.flatMap(({ seen }) => (sameName(seen.name, host) ? seen.answers : []))
    return !names.has(host) && at.length > 0 && !at.some((one) => addresses.has(one))
  }
  // Global catalogs are the whole forest's, and those of other domains need not be this site's.
  const sets = saidIn(flows, 'SRV').filter(({ seen }) => !canonicalName(seen.name).startsWith('_gc.'))
  const leading = new Map<string, Set<string>>()
  for (const { flow, seen } of sets) {
    for (const record of seen.answers) {
      const host = canonicalName(record.split(' ')[3] ?? '')
      if (isUnplanned(host)) leading.set(host, (leading.get(host) ?? new Set()).add(flow.flow))
    }
  }
  const others = [...leading.keys()].toSorted()
  if (others.length === 0) return []
  const rest = others.length - mostNames
  const told = `${others.slice(0, mostNames).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  const { severity, why, fix } = findingRows['controller-not-planned']
  return [
    {
      code: 'controller-not-planned',
      severity,
      what: `the service records of the domain lead to ${told} as well, and the site file has no such domain controller`,
      where: { target: told },
      why,
      next: fix,
      flows: [...new Set([...leading.values()].flatMap((ids) => [...ids]))],
    },
  ]
}

/** What the machine of a host calls itself: the site file may have it by an alias or an address. */
function ownName({ learnt }: FlowReport): readonly string[] {
  return typeof learnt['dnsHostName'] === 'string' ? [canonicalName(learnt['dnsHostName'])] : []
}

interface Copy extends Said {
  readonly primary: string
  readonly serial: number
}

/**
 * Servers that name one primary for a zone have its copies, of which the older one is behind. Controllers that keep the
 * zone in the directory name themselves, and count by themselves: their serials are not compared.
 */
function behind(flows: readonly FlowReport[]): readonly Finding[] {
  const copies = saidIn(flows, 'SOA').flatMap(({ flow, seen }): readonly Copy[] => {
    const [primary, , serial] = seen.answers[0]?.trim().split(/\s+/) ?? []
    if (primary === undefined || serial === undefined || !/^\d{1,10}$/.test(serial)) return []
    return seen.authoritative === true ? [{ flow, seen, primary: canonicalName(primary), serial: Number(serial) }] : []
  })
  const zones = Map.groupBy(copies, ({ seen, primary }) => `${canonicalName(seen.name)} ${primary}`)
  return [...zones.values()].flatMap((each) => {
    const newest = each.reduce((one, other) => (isNewer(other.serial, one.serial) ? other : one))
    const older = each.filter(
      ({ serial, seen }) => isNewer(newest.serial, serial) && seen.resolver !== newest.seen.resolver,
    )
    const servers = new Map(older.map((one) => [one.seen.resolver, one] as const))
    if (servers.size === 0) return []
    const { severity, why, fix } = findingRows['zone-behind']
    const told = [...servers].map(([server, { serial }]) => `${server} has ${serial}`)
    return [
      {
        code: 'zone-behind',
        severity,
        what: `the zone ${newest.seen.name} of ${newest.primary} is older at some servers: ${newest.seen.resolver} has serial ${newest.serial}, ${told.join(', ')}`,
        where: { flow: newest.flow.flow, target: newest.seen.name },
        why,
        next: fix,
        flows: [...new Set([newest, ...older].map(({ flow }) => flow.flow))],
      },
    ]
  })
}

/** Serials go round: of two, the one is newer that is less than half of the circle ahead (RFC 1982 §3.2). */
function isNewer(one: number, other: number): boolean {
  const ahead = (one - other + 2 ** 32) % 2 ** 32
  return ahead > 0 && ahead < 2 ** 31
}
