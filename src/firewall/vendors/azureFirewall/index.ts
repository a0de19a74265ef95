/** Azure Firewall: policies with what they inherit, and classic rules. */
import type { Reader } from '../../reader.ts'
import type { Rule, RuleSet } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { Statements } from '../../text/statements.ts'
import { countStatements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import { resourceIndex } from '../azure/azureResource.ts'
import { listBudget, readAzureResources } from '../azure/azureResources.ts'
import { ownPlaces } from '../ownPlaces.ts'
import { readApplicationRule } from './applicationRules.ts'
import type { PlacedRule, PlacedRules } from './collections.ts'
import { rulesOfClassic, rulesOfPolicy } from './collections.ts'
import type { FirewallConfiguration } from './firewallConfigurations.ts'
import { firewallConfigurations } from './firewallConfigurations.ts'
import type { ReadRule } from './networkRules.ts'
import { readNatRule, readNetworkRule } from './networkRules.ts'
import type { RuleContext } from './ruleFields.ts'
import { ruleContext } from './ruleFields.ts'
import type { FirewallRules } from './ruleSetOf.ts'
import { ruleSetOf } from './ruleSetOf.ts'
import type { Settings } from './settings.ts'
import { settingsOf } from './settings.ts'

/**
 * Reads Azure Firewalls and their policies in every form that {@link readAzureResources} finds: templates, REST lists,
 * `az network firewall policy rule-collection-group list`, Terraform. Each firewall makes a rule set, and each policy
 * that none of them uses.
 *
 * What is named and not in the files is `reference`: the parent policy, groups of rules, IP groups (`hints.places`
 * gives the addresses of one by its name).
 */
export const read: Reader = (files, given) => {
  const hints = ownPlaces(given)
  const counted = countStatements()
  const found = readAzureResources(files)
  const doubts = found.unread.map(({ span, why }): Unknown => {
    counted.unread(span, why)
    return { kind: 'unread', what: `a part of ${span.file} that was not understood (line ${span.line})` }
  })
  const index = resourceIndex(found.resources)
  const context = ruleContext(found.resources, index, hints, listBudget(files))
  // A parent's rules stand in the rule set of each child, and are counted once.
  const statements = countedOnce(counted)
  counted.understood(found.resources.length)
  const ruleSets = firewallConfigurations(found.resources, index).map((configuration) =>
    readConfiguration(configuration, context, statements, doubts),
  )
  return { ruleSets, coverage: counted.coverage() }
}

/** Counts a rule by where it stands. */
interface Once {
  count(span: Span, faults: readonly string[]): void
}

function countedOnce(statements: Statements): Once {
  const seen = new Set<string>()
  return {
    count(span, faults) {
      const place = `${span.file}:${span.line}:${span.path ?? ''}`
      if (seen.has(place)) return
      seen.add(place)
      if (faults.length === 0) statements.understood()
      else statements.unread(span, faults.join('; '))
    },
  }
}

function readConfiguration(
  configuration: FirewallConfiguration,
  context: RuleContext,
  statements: Once,
  doubts: readonly Unknown[],
): RuleSet {
  const settings = settingsOf(configuration)
  const { name, resource, policies, classic, missing } = configuration
  const own = [...doubts, ...resource.unknowns]
  const rules: { nat: Rule[]; network: Rule[]; application: Rule[] } = { nat: [], network: [], application: [] }
  const add = ({ rules: placed, faults }: PlacedRules, isParent: boolean): void => {
    for (const { span, why } of faults) {
      statements.count(span, [why])
      own.push({ kind: 'unread', what: `rules that were not understood (line ${span.line}): ${why}` })
    }
    for (const one of placed) {
      const read = readRule(one, context, settings)
      statements.count(one.value.span(), read.faults)
      // DNAT belongs to one firewall's addresses: a policy does not inherit it.
      if (one.kind !== 'nat' || !isParent) for (const rule of read.rules) rules[one.kind].push(rule)
    }
  }
  const addGaps = (policy: string, unknowns: readonly Unknown[]): void => {
    const gaps = unknowns.map((because) => gapRule(policy, resource.span(), because))
    rules.network.push(...gaps)
    rules.application.push(...gaps)
  }
  addGaps(name, missing)
  add(rulesOfClassic(classic), false)
  for (const [at, policy] of policies.entries()) {
    addGaps(policy.name, policy.missing)
    add(rulesOfPolicy(policy), at < policies.length - 1)
  }
  return ruleSetOf(name, resource.span(), rules satisfies FirewallRules, settings, own)
}

function readRule(placed: PlacedRule, context: RuleContext, settings: Settings): ReadRule {
  switch (placed.kind) {
    case 'nat':
      return readNatRule(placed, context)
    case 'network':
      return readNetworkRule(placed, context, settings)
    case 'application':
      return readApplicationRule(placed, context)
    default:
      return placed.kind satisfies never
  }
}

function gapRule(policy: string, span: Span, because: Unknown): Rule {
  return {
    name: `rules of ${policy} that are not known`,
    span,
    match: {},
    action: { kind: 'unknown' },
    unknowns: [because],
  }
}

export { write } from './write.ts'
