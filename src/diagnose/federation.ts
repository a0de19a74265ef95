import type { HttpExchange } from '../model/observation.ts'
import { areUnrelated } from './names.ts'
import { expectedDocument } from './protocol.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { hostOf, listed, placeOf } from './wording.ts'

/** Judged where federation metadata came: of whom it is. */
export const federationRules: readonly Rule[] = [{ cause: 'not-the-service', match: otherFarm }]

/**
 * A federation service that publishes another's metadata: a proxy that was set up for another farm, or a record or a
 * translation that leads there. The identifier (entityID) says little, for a farm may keep it when its name changes; where
 * people are to sign in always has the name of the farm itself. Names of one organisation are let pass: a node may be asked
 * by its own name.
 */
function otherFarm(seen: Seen): Match | undefined {
  const { exchanges, flow } = seen
  const { name } = flow.target
  if (name === undefined) return undefined
  const foreign = exchanges.worked.flatMap((exchange) => {
    const host = signInHostOf(exchange)
    return host === undefined || !areUnrelated(host, name) ? [] : [{ exchange, host }]
  })
  const [first] = foreign
  if (first === undefined) return undefined
  const { entityID: identifier } = first.exchange.body.members
  return {
    confidence: 'likely',
    says: `${placeOf(flow)} answers for ${name} with the metadata of ${listed([...new Set(foreign.map(({ host }) => host))])}${identifier === undefined ? '' : ` (entityID ${identifier})`}`,
    fix: `let ${hostOf(flow)} hand on to the farm of ${name} (Get-WebApplicationProxyConfiguration, Install-WebApplicationProxy -FederationServiceName ${name}), or correct the record or the translation (NAT) that leads to it`,
    alternatives: ['wrong-target-dnat'],
    nextProbe: `fetch ${first.exchange.url} from a node of the farm itself and compare`,
    decidedBy: idsOf(foreign.map(({ exchange }) => exchange)),
  }
}

/** The host at which federation metadata has people sign in. */
function signInHostOf(exchange: HttpExchange): string | undefined {
  const { kind, members } = exchange.body
  const { SingleSignOnService: location } = members
  if (kind !== 'xml' || location === undefined || expectedDocument(exchange) !== 'xml') return undefined
  return URL.canParse(location) ? new URL(location).hostname : undefined
}
