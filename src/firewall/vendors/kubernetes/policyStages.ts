import type { Addresses, AddressRange } from '../../addresses.ts'
import { addressesOf, unknownAddresses } from '../../addresses.ts'
import type { Rule, Stage } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'
import { attachmentsOf } from '../attachments.ts'

/** What one policy says in one direction. */
export interface PolicySide {
  /** `identity/connector`, unique among policies. */
  readonly title: string
  readonly span: Span
  readonly selected: Addresses
  readonly allows: readonly Rule[]
  readonly denies: readonly Rule[]
  /** What no policy allows is dropped for the pods it selects. */
  readonly isDefaultDeny: boolean
}

export interface Side {
  readonly isEgress: boolean
  readonly policies: readonly PolicySide[]
  /** Rules that hold for pods at these addresses whatever policies say, asked before the others. */
  readonly before: (pods: readonly AddressRange[]) => readonly Rule[]
  /** Asked where no policy allowed. */
  readonly after: readonly Rule[]
}

/**
 * Stages of policies in one direction. The policies of a pod are one list of allows, behind one list of denials; a pod
 * that no policy of the direction selects is open. Each set of policies that some pods have is a stage of its own;
 * where nobody knows whether a policy selects a pod, its stage is one that may be asked.
 */
export function policyStages({ isEgress, policies, before, after }: Side): {
  readonly stages: readonly Stage[]
  readonly chains: Readonly<Record<string, readonly Rule[]>>
} {
  const way = isEgress ? 'egress' : 'ingress'
  const chains: Record<string, readonly Rule[]> = {}
  const stages: Stage[] = []
  for (const { title, allows, denies } of policies) {
    chains[`${title} ${way}`] = allows
    if (denies.length > 0) chains[`${title} ${way} deny`] = denies
  }
  const add = (name: string, rules: readonly Rule[], attachedTo: Addresses, otherwise: Stage['otherwise']): void => {
    const chain = `${name}, ${way} (${stages.length + 1})`
    chains[chain] = rules
    const hook = isEgress ? 'output' : 'input'
    stages.push({
      name: `${name}, ${way}`,
      hook,
      kind: 'filter',
      chain,
      otherwise,
      stateful: true,
      addresses: 'current',
      attachedTo,
    })
  }
  const jump = (policy: PolicySide, suffix: string, unknowns: readonly Unknown[]): Rule => ({
    name: policy.title,
    span: policy.span,
    match: {},
    action: { kind: 'jump', chain: `${policy.title} ${way}${suffix}` },
    unknowns,
    implied: true,
  })
  const doubtOf = (policy: PolicySide): Unknown => {
    const [part] = policy.selected.possible
    return { kind: part?.because.kind ?? 'place', what: part?.because.what ?? `which pods ${policy.title} selects` }
  }
  const items = policies.map((item) => ({ item, addresses: item.selected }))
  for (const { ranges, sure, possible } of attachmentsOf(items)) {
    const denies = [
      ...sure.filter((policy) => policy.denies.length > 0).map((policy) => jump(policy, ' deny', [])),
      ...possible
        .filter((policy) => policy.denies.length > 0)
        .map((policy) => jump(policy, ' deny', [doubtOf(policy)])),
    ]
    const always = before(ranges)
    if (denies.length > 0) {
      add('denials', denies, addressesOf(ranges), { action: 'allow', name: 'no denial' })
    }
    const allows = sure.map((policy) => jump(policy, '', []))
    const closed = { action: 'drop', name: 'no policy allows it' } as const
    if (sure.some(({ isDefaultDeny }) => isDefaultDeny)) {
      const others = possible.map((policy) => jump(policy, '', [doubtOf(policy)]))
      add(titlesOf(sure), [...always, ...allows, ...others, ...after], addressesOf(ranges), closed)
      continue
    }
    for (const policy of possible.filter(({ isDefaultDeny }) => isDefaultDeny)) {
      const nobodyKnows = unknownAddresses(doubtOf(policy), ranges)
      add(policy.title, [...always, ...allows, jump(policy, '', []), ...after], nobodyKnows, closed)
    }
  }
  return { stages, chains }
}

function titlesOf(policies: readonly PolicySide[]): string {
  const named = policies.slice(0, 3).map(({ title }) => title)
  return policies.length > 3 ? `${named.join(', ')} and ${policies.length - 3} more` : named.join(', ')
}
