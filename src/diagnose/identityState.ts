import { sameName } from './names.ts'
import type { Match } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import type { Told } from './told.ts'
import { toldBy } from './told.ts'
import { hostOf, placeOf } from './wording.ts'

/** The domain controller says that its directory is not in step with the others yet. */
export function notSynchronised(seen: Seen): Match | undefined {
  const { flow } = seen
  if (flow.target.service !== 'ldap' && flow.target.service !== 'ldaps') return undefined
  const unready = ownRootDse(seen).filter(({ answer }) => answer.synchronized === false)
  if (unready.length === 0) return undefined
  return {
    ...ready(seen, unready),
    says: `${placeOf(flow)} answers, and says that it is not synchronised yet (isSynchronized FALSE): clients do not use it`,
    fix: `let the first replication of ${hostOf(flow)} finish, and look at what holds it up: repadmin /showrepl, dcdiag`,
  }
}

/** The global catalog answers, and has not got all the domains of the forest yet. */
export function globalCatalogNotReady(seen: Seen): Match | undefined {
  const { flow } = seen
  if (flow.target.service !== 'gc' && flow.target.service !== 'gcs') return undefined
  const unready = ownRootDse(seen).filter(({ answer }) => answer.globalCatalogReady === false)
  if (unready.length === 0) return undefined
  return {
    ...ready(seen, unready),
    says: `${placeOf(flow)} answers, and says that its global catalog is not ready (isGlobalCatalogReady FALSE)`,
    fix: `let ${hostOf(flow)} replicate every domain of the forest, or name another global catalog until then`,
  }
}

/** Netlogon takes no logons, as it does while SYSVOL is not shared. */
export function netlogonPaused(seen: Seen): Match | undefined {
  const { flow } = seen
  const paused = toldBy(seen, 'netlogon').filter(({ own, answer }) => own && answer.state === 'paused')
  if (paused.length === 0) return undefined
  return {
    ...ready(seen, paused),
    says: `${placeOf(flow)} answers, and says that Netlogon is paused: clients go to another domain controller`,
    fix: `see on ${hostOf(flow)} whether SYSVOL is shared and its replication (DFSR) has finished, then nltest /sc_query and net continue netlogon`,
  }
}

/**
 * The right controller by its rootDSE, and its locator does not know the domain: Netlogon answers these pings, and does
 * not while it is stopped.
 */
export function locatorKnowsNothing(seen: Seen): Match | undefined {
  const { flow, context } = seen
  const denials = toldBy(seen, 'no-netlogon').filter(
    ({ own, answer }) => own && answer.asked !== undefined && sameName(answer.asked, context.domain),
  )
  const right = toldBy(seen, 'root-dse').filter(({ answer }) => sameName(answer.domain, context.domain))
  if (denials.length === 0 || right.length === 0) return undefined
  return {
    ...ready(seen, [...denials, ...right]),
    confidence: 'possible',
    says: `${placeOf(flow)} knows nothing of ${context.domain}, though ${hostOf(flow)} serves it by its own rootDSE: Netlogon, which answers clients that look for a controller, may be stopped`,
    fix: `start Netlogon on ${hostOf(flow)}, and see whether SYSVOL is shared`,
    alternatives: ['wrong-domain'],
  }
}

function ready({ flow }: Seen, told: readonly Pick<Told<'root-dse' | 'no-netlogon'>, 'seen'>[]) {
  return {
    confidence: 'certain',
    alternatives: [],
    nextProbe: `dcdiag /s:${flow.target.name ?? hostOf(flow)} and repadmin /showrepl ${flow.target.name ?? hostOf(flow)}`,
    decidedBy: idsOf(told.map(({ seen }) => seen)),
  } as const satisfies Partial<Match>
}

function ownRootDse(seen: Seen): readonly Told<'root-dse'>[] {
  return toldBy(seen, 'root-dse').filter(({ own, answer }) => own && answer.activeDirectory)
}

/**
 * The directory has no subnet for the address that it sees this machine at. That it names another site than its own is
 * none: the controllers of a site serve whoever is led to them.
 */
export function wrongSite(seen: Seen): Match | undefined {
  const { flow } = seen
  const homeless = toldBy(seen, 'netlogon').filter(
    ({ own, answer: { site, clientSite } }) => own && site !== '' && clientSite === '',
  )
  const [first] = homeless
  if (first === undefined) return undefined
  const { forest, site } = first.answer
  const [planned = seen.from] = flow.fromAddresses
  const machine = planned === flow.from ? flow.from : `${flow.from} (${planned})`
  return {
    confidence: 'certain',
    says: `${hostOf(flow)}, which stands in the site ${site}, puts ${machine} in no site: its address lies in no subnet of ${forest}, so it may be sent to any domain controller, near or far`,
    fix: `create a subnet object for the network of ${machine}, as the controller sees it behind any NAT, and give it to its site (Active Directory Sites and Services)`,
    alternatives: [],
    nextProbe: 'nltest /dsgetsite on this machine, and event 5807 with netlogon.log (NO_CLIENT_SITE) on the controller',
    decidedBy: idsOf(homeless.map((one) => one.seen)),
  }
}
