import type { Span } from '../../source.ts'
import type { Unknown } from '../../unknown.ts'
import type { AzureValue } from '../azure/azureValue.ts'
import { listOf } from '../azure/azureValue.ts'
import type { CollectionSource, Policy } from './firewallConfigurations.ts'
import { collectionsIn } from './firewallConfigurations.ts'

export type RuleKind = 'nat' | 'network' | 'application'

/** A rule at its place in the order in which the firewall asks those of its kind. */
export interface PlacedRule {
  readonly kind: RuleKind
  /** `group/collection/rule`; of classic rules `collection/rule`. */
  readonly name: string
  readonly value: AzureValue
  /** `allow`, `deny`, `dnat`, or what else stands there, in lower case. */
  readonly action: string
  readonly unknowns: readonly Unknown[]
}

/** Rules of all kinds in order, and what could not be read as any. */
export interface PlacedRules {
  readonly rules: readonly PlacedRule[]
  /** `isPlaceless`: nobody knows what rules it holds. */
  readonly faults: readonly { readonly span: Span; readonly why: string }[]
}

interface Collection {
  readonly kind: RuleKind | undefined
  readonly title: string
  readonly value: AzureValue
  readonly priority: number | undefined
  readonly groupPriority: number | undefined
  readonly unknowns: readonly Unknown[]
}

/**
 * The rules of a policy: by the priority of the group, then of the collection, then as they are listed (Microsoft
 * Learn: *Azure Firewall rule processing logic*).
 */
export function rulesOfPolicy({ groups }: Policy): PlacedRules {
  const faults: { span: Span; why: string }[] = []
  const collections = groups.flatMap((group): readonly Collection[] => {
    const groupPriority = group.value.member('priority')?.number()
    const unknowns = [...group.unknowns, ...priorityDoubt(group.value, groupPriority)]
    const lists = [
      { kind: undefined, list: collectionsIn(group.value) },
      { kind: 'nat' as const, list: group.value.member('natRuleCollection') },
      { kind: 'network' as const, list: group.value.member('networkRuleCollection') },
      { kind: 'application' as const, list: group.value.member('applicationRuleCollection') },
    ]
    return lists.flatMap(({ kind, list }) =>
      listOf(list).map((value) => {
        const priority = value.member('priority')?.number()
        return {
          kind,
          title: `${group.name}/${value.member('name')?.text() ?? 'collection without a name'}`,
          value,
          priority,
          groupPriority,
          unknowns: [...unknowns, ...priorityDoubt(value, priority)],
        }
      }),
    )
  })
  return placed(collections, faults)
}

/** The rules of a firewall without a policy: by the priority of their collection. */
export function rulesOfClassic(sources: readonly CollectionSource[]): PlacedRules {
  const collections = sources.map(({ kind, value, unknowns }): Collection => {
    const priority = value.member('priority')?.number()
    return {
      kind,
      title: value.member('name')?.text() ?? 'collection without a name',
      value,
      priority,
      groupPriority: 0,
      unknowns: [...unknowns, ...priorityDoubt(value, priority)],
    }
  })
  return placed(collections, [])
}

function priorityDoubt(value: AzureValue, priority: number | undefined): readonly Unknown[] {
  if (priority !== undefined) return []
  const field = value.member('priority')
  return [{ kind: 'other', what: field?.because ?? 'the place of a collection whose priority is not known' }]
}

function placed(collections: readonly Collection[], faults: { span: Span; why: string }[]): PlacedRules {
  // A place that is not known may be the first.
  const order = (a: Collection, b: Collection): number =>
    (a.groupPriority ?? 0) - (b.groupPriority ?? 0) || (a.priority ?? 0) - (b.priority ?? 0)
  const ordered = collections.toSorted(order)
  const ties = tied(ordered)
  const rules = ordered.flatMap((collection) => rulesIn(collection, ties.get(collection) ?? [], faults))
  return { rules, faults }
}

/** Collections of one place and different actions: Azure refuses the second, and nobody knows which is the first. */
function tied(ordered: readonly Collection[]): ReadonlyMap<Collection, readonly Unknown[]> {
  const places = new Map<string, Collection[]>()
  for (const collection of ordered) {
    const { groupPriority, priority, title } = collection
    const group = title.includes('/') ? title.slice(0, title.indexOf('/')) : ''
    if (groupPriority === undefined || priority === undefined) continue
    const place = `${groupPriority} ${priority} ${group === '' ? (collection.kind ?? '') : ''}`
    places.set(place, [...(places.get(place) ?? []), collection])
  }
  const ties = new Map<Collection, readonly Unknown[]>()
  for (const same of places.values()) {
    const actions = new Set(same.map(({ value }) => actionOf(value)))
    if (same.length < 2 || actions.size < 2) continue
    const what = `which of the collections of priority ${same[0]?.priority} is asked first: ${same.map(({ title }) => title).join(', ')}`
    for (const one of same) ties.set(one, [{ kind: 'other', what }])
  }
  return ties
}

function actionOf(value: AzureValue): string {
  const action = value.member('action')
  return (action?.text() ?? action?.member('type')?.text() ?? '').toLowerCase()
}

function rulesIn(
  { kind, title, value, unknowns }: Collection,
  ties: readonly Unknown[],
  faults: { span: Span; why: string }[],
): readonly PlacedRule[] {
  if (value.kind !== 'object') {
    const isCut = /^(System|Microsoft)\./.test(value.text() ?? '')
    const why =
      value.because ?? (isCut ? 'it was cut off: ConvertTo-Json was run without -Depth' : 'it is no rule collection')
    faults.push({ span: value.span(), why })
    return []
  }
  const type = value.member('ruleCollectionType')?.text()?.toLowerCase() ?? ''
  return listOf(value.member('rules') ?? value.member('rule')).flatMap((rule): readonly PlacedRule[] => {
    const own = kind ?? kindOf(rule, type)
    if (rule.kind !== 'object' || own === undefined) {
      faults.push({ span: rule.span(), why: rule.because ?? 'it is no NAT, network or application rule' })
      return []
    }
    const name = `${title}/${rule.member('name')?.text() ?? 'rule without a name'}`
    return [{ kind: own, name, value: rule, action: actionOf(value), unknowns: [...unknowns, ...ties] }]
  })
}

function kindOf(rule: AzureValue, collectionType: string): RuleKind | undefined {
  const type = rule.member('ruleType')?.text()?.toLowerCase() ?? ''
  if (type.startsWith('network')) return 'network'
  if (type.startsWith('application')) return 'application'
  if (type.startsWith('nat')) return 'nat'
  if (collectionType.includes('nat') || rule.member('translatedAddress') !== undefined) return 'nat'
  if (rule.member('targetFqdns') !== undefined || rule.member('fqdnTags') !== undefined) return 'application'
  return rule.member('ipProtocols') === undefined ? undefined : 'network'
}
