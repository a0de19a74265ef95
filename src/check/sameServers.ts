import { canonicalName, isWithin, sameName } from '../diagnose/names.ts'
import type { Finding } from '../model/finding.ts'
import { isGuid } from '../model/guid.ts'
import type { Observation } from '../model/observation.ts'
import type { FlowReport } from '../model/report.ts'
import type { ServiceAnswer } from '../model/serviceAnswer.ts'
import { octetsOfGuid } from '../wire/guid.ts'
import { findingRows } from './findingRows.ts'

/** A machine, by what it says of itself. */
interface Identity {
  /** Equal where the machines are one. */
  readonly key: string
  readonly words: string
  /** What it calls itself; absent where it is known by a number. */
  readonly host?: string
}

/**
 * Hosts of the site at different addresses behind which one and the same domain controller answers: what was planned as
 * two is one, and fails as one. A machine that the site file gives several addresses is one on purpose.
 */
export function sameServers(flows: readonly FlowReport[]): readonly Finding[] {
  const found = new Map<string, { readonly words: string; readonly flows: FlowReport[] }>()
  for (const flow of flows) {
    if (flow.toRole !== 'domain-controller' || flow.to === flow.toRole || flow.via !== undefined) continue
    for (const { key, words } of flow.evidence.flatMap((seen) => identitiesIn(seen, flow))) {
      const known = found.get(key)
      if (known === undefined) found.set(key, { words, flows: [flow] })
      else known.flows.push(flow)
    }
  }
  const told = new Set<string>()
  return [...found.values()].flatMap(({ words, flows: met }) => {
    const byHost = new Map(met.map((flow) => [flow.to, flow] as const))
    const addresses = new Set([...byHost.values()].map(({ target }) => target.address))
    const hosts = [...byHost.keys()].toSorted()
    if (hosts.length < 2 || addresses.size < hosts.length || told.has(hosts.join())) return []
    // One of them is asked by a name that is not its own, and has been told so with what is to be done.
    if (met.some(({ cause }) => cause === 'stale-record' || cause === 'wrong-target-dnat')) return []
    told.add(hosts.join())
    const { severity, why, fix } = findingRows['same-server']
    const places = [...byHost].map(([host, { target }]) => `${host} (${target.address ?? target.name ?? '?'})`)
    return [
      {
        code: 'same-server',
        severity,
        what: `${places.join(' and ')} are one domain controller: ${words}`,
        where: { target: hosts.join(', ') },
        why,
        next: fix,
        flows: [...new Set(met.map(({ flow }) => flow))],
      },
    ]
  })
}

function identitiesIn(seen: Observation, { target }: FlowReport): readonly Identity[] {
  if (seen.kind !== 'service-exchange' && seen.kind !== 'udp-exchange') return []
  if (seen.role === 'context' || seen.address !== target.address || seen.answer === undefined) return []
  // A host that the site file calls by the name of a domain is any of its controllers.
  return identityOf(seen.answer).filter(
    ({ host }) =>
      host === undefined || !isWithin(host, canonicalName(target.name ?? '')) || sameName(host, target.name),
  )
}

function identityOf(answer: ServiceAnswer): readonly Identity[] {
  const host =
    answer.kind === 'root-dse' && answer.activeDirectory
      ? answer.dnsHostName
      : answer.kind === 'netlogon'
        ? answer.host
        : undefined
  if (host !== undefined && host !== '') {
    const name = canonicalName(host)
    return [{ key: `name ${name}`, words: `both call themselves ${name}`, host: name }]
  }
  if (answer.kind !== 'smb' || isMadeOfName(answer.serverGuid)) return []
  return [{ key: `guid ${answer.serverGuid}`, words: `both have the SMB server GUID ${answer.serverGuid}` }]
}

/**
 * Whether a GUID is none: nothing but zeros, or, as Samba makes it, a NetBIOS name in ASCII, which machines of different
 * domains may share.
 */
function isMadeOfName(guid: string): boolean {
  if (!isGuid(guid)) return false
  const octets = octetsOfGuid(guid)
  const length = octets.indexOf(0)
  const name = length < 0 ? octets : octets.subarray(0, length)
  return (
    name.every((octet) => octet > 0x20 && octet < 0x7f) && octets.subarray(name.length).every((octet) => octet === 0)
  )
}

/**
 * Records of global catalogs that lead to a controller which says that it is none: a client that draws one of them asks
 * in vain.
 */
export function recordsOfNoCatalog(flows: readonly FlowReport[]): readonly Finding[] {
  const none = flows.flatMap((flow) =>
    flow.evidence.flatMap((seen) =>
      seen.kind === 'udp-exchange' && seen.role !== 'context' && seen.answer?.kind === 'netlogon'
        ? [{ flow, host: seen.answer.host, isCatalog: seen.answer.flags.includes('gc') }]
        : [],
    ),
  )
  const told = new Set<string>()
  return flows.flatMap((flow) =>
    flow.evidence.flatMap((seen) => {
      if (seen.kind !== 'name-lookup' || seen.type !== 'SRV' || seen.outcome !== 'answer') return []
      if (!canonicalName(seen.name).startsWith('_gc.')) return []
      return none.flatMap(({ flow: asked, host, isCatalog }) => {
        const key = `${canonicalName(seen.name)} ${canonicalName(host)}`
        if (isCatalog || told.has(key) || !seen.answers.some((record) => sameName(record.split(' ')[3], host)))
          return []
        told.add(key)
        return [
          {
            code: 'srv-incomplete',
            severity: 'medium' as const,
            what: `${seen.name} names ${canonicalName(host)}, which says of itself that it is no global catalog`,
            where: { flow: flow.flow, target: seen.name },
            why: 'a client that draws this record asks a port at which no global catalog is',
            next: `make ${canonicalName(host)} a global catalog, or let it take its record back: restart Netlogon there, or nltest /dsderegdns`,
            flows: [...new Set([flow.flow, asked.flow])],
          },
        ]
      })
    }),
  )
}
