import type { Span } from '../../source.ts'
import type { Statements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import type { Word } from './words.ts'

/** A rule as it is written behind its chain. */
export interface RuleLine {
  readonly span: Span
  readonly words: readonly Word[]
}

export interface ChainLines {
  readonly name: string
  readonly span: Span
  /** Of built-in chains alone. */
  policy?: { readonly action: string; readonly span: Span }
  rules: RuleLine[]
}

export interface TableLines {
  readonly name: string
  readonly chains: Map<string, ChainLines>
}

/** The tables of one family: what `iptables-save` or `ip6tables-save` shows. */
export type Tables = Map<string, TableLines>

/** What a device has. */
export interface Device {
  readonly families: Map<4 | 6, Tables>
  readonly doubts: Unknown[]
  readonly statements: Statements
}

export const tableNames = ['raw', 'mangle', 'nat', 'filter', 'security'] as const

/** Chains that packets come to by themselves, with the hook. */
export const builtIns = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
} as const
export type BuiltIn = keyof typeof builtIns

export function isBuiltIn(name: string): name is BuiltIn {
  return Object.hasOwn(builtIns, name)
}

export function tableIn(device: Device, family: 4 | 6, name: string): TableLines {
  const tables: Tables = device.families.get(family) ?? new Map()
  device.families.set(family, tables)
  const table = tables.get(name) ?? { name, chains: new Map() }
  tables.set(name, table)
  return table
}

export function chainIn(table: TableLines, name: string, span: Span): ChainLines {
  const chain = table.chains.get(name) ?? { name, span, rules: [] }
  table.chains.set(name, chain)
  return chain
}
