import type { Span } from '../../source.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import type { BaseNode, ChainNode, Element, RuleNode, SetNode, TableFamily, TableNode } from './syntax.ts'

/** The rule set of a kernel, as commands build it up: what `nft list ruleset` would show after them. */
export interface Document {
  readonly tables: Map<string, TableNode>
  /** Bears on everything, and nobody knows how. */
  readonly doubts: Unknown[]
  readonly statements: Statements
  /** Made of commands or with definitions: not a listing of what the kernel had at one time. */
  isScript: boolean
}

export function emptyDocument(statements: Statements): Document {
  return { tables: new Map(), doubts: [], statements, isScript: false }
}

export function tableOf(document: Document, family: TableFamily, name: string, span: Span): TableNode {
  const key = `${family} ${name}`
  const known = document.tables.get(key)
  if (known !== undefined) return known
  const table: TableNode = { family, name, span, dormant: false, chains: new Map(), sets: new Map() }
  document.tables.set(key, table)
  return table
}

/** A chain of a table; what makes it a base chain is added where a later command says it. */
export function chainOf(
  table: TableNode,
  name: string,
  span: Span,
  more: { readonly base?: BaseNode; readonly policy?: ChainNode['policy'] } = {},
): ChainNode {
  const known = table.chains.get(name)
  const chain: ChainNode = {
    name,
    span: known?.span ?? span,
    rules: known?.rules ?? [],
    ...(known?.base !== undefined && { base: known.base }),
    ...(known?.policy !== undefined && { policy: known.policy }),
    ...(more.base !== undefined && { base: more.base }),
    ...(more.policy !== undefined && { policy: more.policy }),
  }
  table.chains.set(name, chain)
  return chain
}

export interface SetWords {
  readonly isMap: boolean
  readonly flags: readonly string[]
  readonly timeout: boolean
  readonly elements: readonly Element[]
}

export function setOf(table: TableNode, name: string, span: Span, words: SetWords): SetNode {
  const known = table.sets.get(name)
  const set: SetNode = {
    name,
    span: known?.span ?? span,
    isMap: words.isMap || known?.isMap === true,
    flags: [...new Set([...(known?.flags ?? []), ...words.flags])],
    timeout: words.timeout || known?.timeout === true,
    elements: known?.elements ?? [],
  }
  // Not spread into a call: a set of a million prefixes is more than a stack holds.
  for (const element of words.elements) set.elements.push(element)
  table.sets.set(name, set)
  return set
}

export function addRule(chain: ChainNode, rule: RuleNode, at: 'end' | 'start' | number): void {
  if (at === 'end') chain.rules.push(rule)
  else chain.rules.splice(at === 'start' ? 0 : at, 0, rule)
}
