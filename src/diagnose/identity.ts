import { wrongDomain } from './identityDomain.ts'
import { staleRecord, twoMachines } from './identityHost.ts'
import {
  globalCatalogNotReady,
  locatorKnowsNothing,
  netlogonPaused,
  notSynchronised,
  wrongSite,
} from './identityState.ts'
import type { Rule } from './rule.ts'
import { needing } from './rule.ts'

/**
 * Who answers, by its own word. Judged before certificates: a controller of another domain has a certificate of another
 * domain, and the one is the reason for the other.
 */
export const whoAnswersRules: readonly Rule[] = [
  { cause: 'wrong-domain', match: wrongDomain },
  { cause: 'wrong-target-dnat', match: twoMachines },
  { cause: 'stale-record', match: staleRecord },
]

/** The right controller, that does not serve yet, or does not know where this machine stands. */
export const stateRules: readonly Rule[] = [
  ...needing('service-exchange', [
    { cause: 'dc-not-ready', match: notSynchronised },
    { cause: 'dc-not-ready', match: globalCatalogNotReady },
  ]),
  ...needing('udp-exchange', [
    { cause: 'dc-not-ready', match: netlogonPaused },
    { cause: 'dc-not-ready', match: locatorKnowsNothing },
    { cause: 'wrong-site', match: wrongSite },
  ]),
]
