import type { TcpConnect } from '../model/observation.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { toldBy } from './told.ts'
import { allowRule, captureAt, hostOf, placeOf } from './wording.ts'

/** The ports of the global catalog, by what the controller says over CLDAP and LDAP of itself. */
export const catalogPortRules: readonly Rule[] = [{ cause: 'not-a-gc', match: notACatalog }]

/** Port 9389, by whether the controller says that it runs AD Web Services (MS-ADTS §6.3.1.2, DS_WS). */
export const webServicesRules: readonly Rule[] = [
  { cause: 'refused', match: (seen) => webServices(seen, 'refused') },
  { cause: 'filtered-silently', match: (seen) => webServices(seen, 'timeout') },
]

function notACatalog(seen: Seen): Match | undefined {
  const { flow, context } = seen
  const shut = shutPort(seen, 'refused') ?? shutPort(seen, 'timeout')
  if (shut === undefined || (flow.target.service !== 'gc' && flow.target.service !== 'gcs')) return undefined
  const flags = toldBy(seen, 'netlogon')
  const without = flags.filter(({ answer }) => !answer.flags.includes('gc'))
  const unready = toldBy(seen, 'root-dse').filter(({ answer }) => answer.globalCatalogReady === false)
  const sure = without.length > 0
  if (without.length < flags.length || (!sure && unready.length === 0)) return undefined
  const how = shut.some(({ outcome }) => outcome === 'refused') ? 'is refused' : 'is silent'
  const word = sure
    ? 'no global catalog (flag GC of its answer over CLDAP is not set)'
    : 'no ready one (isGlobalCatalogReady FALSE)'
  const forest = context.forest ?? context.domain
  return {
    confidence: sure ? 'certain' : 'likely',
    says: `${placeOf(flow)} ${how}, and ${hostOf(flow)} itself says that it is ${word}`,
    fix: `name a global catalog instead of ${hostOf(flow)} (nltest /dsgetdc:${forest ?? 'FOREST'} /gc), or make it one (NTDS Settings, Global Catalog)`,
    alternatives: sure ? [] : ['dc-not-ready'],
    nextProbe: `nltest /dsgetdc:${forest ?? 'FOREST'} /gc`,
    decidedBy: idsOf(
      shut,
      (sure ? without : unready).map((one) => one.seen),
    ),
  }
}

function webServices(seen: Seen, outcome: 'refused' | 'timeout'): Match | undefined {
  const { flow, address } = seen
  const shut = flow.target.service === 'adws' ? shutPort(seen, outcome) : undefined
  const [told] = shut === undefined ? [] : toldBy(seen, 'netlogon')
  if (shut === undefined || told === undefined) return undefined
  const how = outcome === 'refused' ? 'is refused' : 'stays silent'
  const decidedBy = idsOf(shut, [told.seen])
  if (!told.answer.flags.includes('ws')) {
    return {
      confidence: 'likely',
      says: `${placeOf(flow)} ${how}, and ${hostOf(flow)} itself says that it runs no AD Web Services (flag WS of its answer over CLDAP is not set)`,
      fix: `start AD Web Services on ${hostOf(flow)} (Start-Service ADWS), or ask a domain controller that has them; if they run, ${allowRule(flow, { from: seen.from, address })}`,
      alternatives: outcome === 'refused' ? ['refused-by-host', 'refused-by-firewall'] : ['silent-service', 'no-route'],
      nextProbe: `nltest /dsgetdc: /ws names a domain controller that runs AD Web Services`,
      decidedBy,
      owner: 'host',
    }
  }
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} ${how}, and ${hostOf(flow)} itself says that it runs AD Web Services (flag WS over CLDAP): a firewall, on the way or its own, is likelier than the service`,
    fix: `${allowRule(flow, { from: seen.from, address })}, on the way and in the firewall of ${hostOf(flow)}`,
    alternatives: outcome === 'refused' ? ['refused-by-firewall', 'refused-by-host'] : ['silent-service', 'no-route'],
    nextProbe: captureAt(address, flow.target),
    decidedBy,
    owner: 'firewall',
  }
}

/** Connections of a flow that never stood, each ended in the same way. */
function shutPort({ stop }: Seen, how: 'refused' | 'timeout'): readonly TcpConnect[] | undefined {
  if (stop?.phase !== 'connect') return undefined
  return stop.failed.every(({ outcome }) => outcome === how) ? stop.failed : undefined
}
