import type { Rule, RuleSet } from '../ruleset.ts'

/** A chain that has no use. */
export interface DeadChain {
  readonly chain: string
  /** No stage comes to it; or packets are sent to it and it has no rules. */
  readonly kind: 'never-asked' | 'empty'
  /** Its rules; of an empty one, those that jump to it. */
  readonly rules: readonly Rule[]
}

/** Finds chains that no stage leads to, and chains without a rule that are jumped to. Time is linear. */
export function deadChains({ stages, chains }: RuleSet): readonly DeadChain[] {
  const reached = new Set<string>()
  const jumps = new Map<string, Rule[]>()
  const open = stages.map(({ chain }) => chain)
  for (let chain = open.pop(); chain !== undefined; chain = open.pop()) {
    if (reached.has(chain)) continue
    reached.add(chain)
    for (const rule of rulesOf(chains, chain)) {
      const { action } = rule
      if (action.kind !== 'jump' && action.kind !== 'goto') continue
      open.push(action.chain)
      const before = jumps.get(action.chain)
      if (before === undefined) jumps.set(action.chain, [rule])
      else before.push(rule)
    }
  }
  // A reader may write one statement as rules of several chains, and chains and jumps that no statement has.
  const used = new Set([...reached].flatMap((chain) => rulesOf(chains, chain).map(keyOf)))
  return Object.entries(chains).flatMap(([chain, rules]): DeadChain[] => {
    if (!reached.has(chain)) {
      const written = rules.filter((rule) => rule.implied !== true && !used.has(keyOf(rule)))
      return written.length === 0 ? [] : [{ chain, kind: 'never-asked', rules: written }]
    }
    const found = jumps.get(chain)?.filter(({ implied }) => implied !== true) ?? []
    const from = found.length === 0 ? undefined : found
    return rules.length === 0 && from !== undefined ? [{ chain, kind: 'empty', rules: from }] : []
  })
}

function keyOf({ span: { file, line, path = '' } }: Rule): string {
  return `${line} ${path} ${file}`
}

function rulesOf(chains: RuleSet['chains'], name: string): readonly Rule[] {
  return Object.hasOwn(chains, name) ? (chains[name] ?? []) : []
}
