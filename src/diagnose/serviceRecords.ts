import type { NameLookup } from '../model/observation.ts'
import { canonicalName, sameName } from './names.ts'
import type { Match } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { listed } from './wording.ts'

const mend = 'on each domain controller: nltest /dsregdns; let the zone take secure dynamic updates'
const nextProbe = 'dcdiag /test:dns, and the same question to every DNS server of the domain'

/** The zone is served, and sets of records by which members find their domain controllers are not in it. */
export function missingServices(seen: Seen): Match | undefined {
  const { dns, context } = seen
  const services = dns.worked.filter(({ type, name }) => type === 'SRV' && siteOfRecords(name) === undefined)
  const missing = services.filter(isDenial)
  const present = services.filter(({ outcome }) => outcome === 'answer')
  const zone = dns.worked.find(({ type, outcome }) => type === 'SOA' && outcome === 'answer')
  if (missing.length === 0 || zone === undefined) return undefined
  // A zone without any service record may be no AD domain at all, unless the site says that it is.
  const isDomain = context.domain !== undefined && canonicalName(context.domain) === canonicalName(zone.name)
  if (present.length === 0 && !isDomain) return undefined
  const spoken = missing.every(({ authoritative }) => authoritative === true)
  const also = dangling(seen)
  return {
    confidence: spoken ? 'certain' : 'likely',
    says: `${zone.name} is served, and ${listed(missing.map(({ name }) => name))} ${missing.length > 1 ? 'are' : 'is'} not in it${also === undefined ? '' : `; ${also.says}`}`,
    fix: also === undefined ? mend : `${mend}; ${also.fix}`,
    alternatives: [],
    nextProbe,
    decidedBy: idsOf([zone], missing, present, also?.naming ?? [], also?.denials ?? []),
  }
}

/** The records are there, and hosts that they name have no address: clients that draw such a record wait in vain. */
export function danglingServices(seen: Seen): Match | undefined {
  const found = dangling(seen)
  if (found === undefined) return undefined
  const { naming, denials, says, fix } = found
  const spoken = denials.every(({ authoritative }) => authoritative === true)
  return {
    // Clients of the site fall back on the records of the whole domain.
    ...(naming.every(({ name }) => siteOfRecords(name) !== undefined) && { verdict: 'degraded' }),
    confidence: spoken ? 'certain' : 'likely',
    says,
    fix: `${fix}: ${mend}`,
    alternatives: spoken ? [] : ['resolver-filters'],
    nextProbe,
    decidedBy: idsOf(naming, denials),
  }
}

/**
 * A controller puts this machine in a site that nobody is registered for. One without a controller of its own is covered
 * by the nearest one, as long as the site coverage of Netlogon is on, so that records ought to be there all the same.
 */
export function missingSite({ dns }: Seen): Match | undefined {
  const zone = dns.worked.find(({ type, outcome }) => type === 'SOA' && outcome === 'answer')
  const missing = dns.worked.filter(
    (one) => one.type === 'SRV' && siteOfRecords(one.name) !== undefined && isDenial(one),
  )
  const [first] = missing
  if (zone === undefined || first === undefined) return undefined
  const sites = [...new Set(missing.map(({ name }) => siteOfRecords(name) ?? name))]
  const spoken = missing.every(({ authoritative }) => authoritative === true)
  return {
    verdict: 'degraded',
    confidence: spoken ? 'certain' : 'likely',
    says: `this machine is in the site ${listed(sites)}, and ${listed(missing.map(({ name }) => name))} ${missing.length > 1 ? 'are' : 'is'} not in ${zone.name}: clients there are sent to any domain controller of the domain, near or far`,
    fix: `on each domain controller that is to serve ${listed(sites)}: nltest /dsregdns, and see that AutoSiteCoverage is not turned off where the site has no controller of its own; let the zone take secure dynamic updates`,
    alternatives: [],
    nextProbe: `nltest /dsgetdc:${zone.name} /site:${sites[0]} /force on a client of the site`,
    decidedBy: idsOf([zone], missing),
  }
}

/** The site that a set of service records is for; undefined for those of the whole domain. */
export function siteOfRecords(name: string): string | undefined {
  return /^_[^.]+\._tcp\.([^.]+)\._sites\./i.exec(name)?.[1]
}

/** Service records with the hosts that they lead to and that have no address, in words. */
interface Dangling {
  readonly naming: readonly NameLookup[]
  readonly denials: readonly NameLookup[]
  readonly says: string
  readonly fix: string
}

function dangling({ dns, dnsOtherwise }: Seen): Dangling | undefined {
  const sets = [...dns.worked, ...dnsOtherwise].filter(({ type, outcome }) => type === 'SRV' && outcome === 'answer')
  const asked = dns.worked.filter(({ type }) => type === 'A' || type === 'AAAA')
  const denials = asked.filter((one) => isDenial(one) && !asked.some((other) => gives(other, one.name)))
  const hosts = [...new Set(denials.map(({ name }) => name))]
  const naming = sets.filter(({ answers }) => hosts.some((host) => answers.some((record) => leadsTo(record, host))))
  if (hosts.length === 0 || naming.length === 0) return undefined
  return {
    naming,
    denials,
    says: `${listed(naming.map(({ name }) => name))} ${naming.length > 1 ? 'lead' : 'leads'} to ${listed(hosts)}, which ${hosts.length > 1 ? 'have' : 'has'} no address there`,
    fix: `create the address ${hosts.length > 1 ? 'records' : 'record'} of ${listed(hosts)}, or delete the service records of a domain controller that is gone`,
  }
}

function isDenial({ outcome }: NameLookup): boolean {
  return outcome === 'name-error' || outcome === 'no-data'
}

/** Whether it gives the host an address, or leaves open whether there is one. */
function gives(one: NameLookup, host: string): boolean {
  return sameName(one.name, host) && !isDenial(one)
}

function leadsTo(record: string, host: string): boolean {
  return sameName(record.split(' ')[3], host)
}
