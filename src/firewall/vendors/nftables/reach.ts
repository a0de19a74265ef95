import { isExpression } from './parseRule.ts'
import type { Expression, TableNode } from './syntax.ts'

/** The name of a chain in the rule set: chains of two tables may be called alike. */
export function chainKey(table: TableNode, name: string): string {
  return `${table.family} ${table.name} ${name}`
}

/** Keys of the chains to which packets come from one, and its own. */
export function reachFrom(table: TableNode, start: string): ReadonlySet<string> {
  const found = new Set<string>()
  const open = [start]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const key = chainKey(table, name)
    if (found.has(key)) continue
    found.add(key)
    for (const { statements } of table.chains.get(name)?.rules ?? []) {
      for (const statement of statements) {
        if (statement.kind === 'verdict' && 'chain' in statement.verdict) open.push(statement.verdict.chain)
        if (statement.kind === 'vmap') for (const target of targetsOf(table, statement.data)) open.push(target)
      }
    }
  }
  return found
}

function targetsOf(table: TableNode, data: Expression): readonly string[] {
  const elements =
    data.kind === 'set' ? data.elements : data.kind === 'named' ? (table.sets.get(data.name)?.elements ?? []) : []
  return elements.flatMap(({ data: to }) => (to !== undefined && !isExpression(to) && 'chain' in to ? [to.chain] : []))
}
