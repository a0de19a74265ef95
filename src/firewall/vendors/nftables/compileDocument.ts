import type { ReadingHints } from '../../reader.ts'
import type { Rule, RuleSet, Stage } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import { fewDoubts } from '../../text/doubtsOf.ts'
import type { Statements } from '../../text/statements.ts'
import { countStatements } from '../../text/statements.ts'
import type { Unknown } from '../../unknown.ts'
import type { Marks, PlacedWrite } from '../netfilter/marks.ts'
import { marksOf } from '../netfilter/marks.ts'
import { placesOf } from '../netfilter/placesOf.ts'
import { translatedTag, untrackedTag } from '../netfilter/trackedStates.ts'
import type { BaseChain } from './baseChains.ts'
import { baseChains, sameTime } from './baseChains.ts'
import type { RuleSurroundings } from './compileRule.ts'
import { compileRule } from './compileRule.ts'
import type { Document } from './document.ts'
import { markWriteOf } from './markCondition.ts'
import { chainKey } from './reach.ts'
import type { Scope } from './scope.ts'
import type { ChainNode, Statement, TableNode } from './syntax.ts'

/** Makes the rule set of what a kernel would hold after all commands. */
export function compileDocument(document: Document, name: string, hints: ReadingHints): RuleSet {
  const bases = baseChains(document)
  const writes = markWrites(document, bases)
  const marks = marksOf(writes)
  // What a rule writes is told by the comparisons that it turns: all of them have to be known before.
  if (writes.length > 0) compileChains(document, bases, marks, countStatements())
  const chains = compileChains(document, bases, marks, document.statements)
  const hasNotrack = statementsOf(document).some(({ kind }) => kind === 'notrack')
  const stages = bases.map((base) => stageOf(base, bases, chains, hasNotrack))
  return {
    vendor: 'nftables',
    name,
    stages,
    chains,
    places: placesOf(chains, hints),
    doubts: fewDoubts(document.doubts),
  }
}

function compileChains(
  document: Document,
  bases: readonly BaseChain[],
  marks: Marks,
  statements: Statements,
): Record<string, readonly Rule[]> {
  const chains: Record<string, readonly Rule[]> = {}
  const hasNotrack = statementsOf(document).some(({ kind }) => kind === 'notrack')
  const doubted = natDoubts(bases)
  const byChain = Map.groupBy(
    bases.flatMap((base) => [...base.reach].map((key) => ({ base, key }))),
    ({ key }) => key,
  )
  for (const table of document.tables.values()) {
    const filled = filledSets(table)
    for (const chain of table.chains.values()) {
      const key = chainKey(table, chain.name)
      const from = (byChain.get(key) ?? []).map(({ base }) => base)
      const scope: Scope = {
        table,
        filled,
        marks,
        hasNotrack,
        isScript: document.isScript,
        hooks: new Set(from.map(({ node }) => node.base?.hook ?? '')),
        untracked: untrackedFrom(from),
      }
      let parts = 0
      chains[key] = compileChain(table, chain, {
        scope,
        family: table.family === 'ip' ? 4 : table.family === 'ip6' ? 6 : undefined,
        isNat: from.length > 0 && from.every(({ kind }) => kind !== 'filter'),
        natDoubt: from.map((base) => doubted.get(base)).find((doubt) => doubt !== undefined),
        chainKey: (target) => (table.chains.has(target) ? chainKey(table, target) : undefined),
        addChain: (rules) => {
          parts += 1
          const made = `${key}, part ${parts}`
          chains[made] = rules
          return made
        },
        statements,
      })
    }
  }
  return chains
}

function compileChain(table: TableNode, chain: ChainNode, around: RuleSurroundings): readonly Rule[] {
  // Tables of ARP see no packet of IP, and what is dormant sees none at all.
  if (table.family === 'arp' || table.dormant === true) {
    around.statements.understood(chain.rules.length)
    return []
  }
  return chain.rules.flatMap((rule, at) => compileRule(rule, at + 1, around))
}

function untrackedFrom(from: readonly BaseChain[]): Scope['untracked'] {
  const early = from.filter(({ isUntracked }) => isUntracked).length
  return early === 0 ? 'no' : early === from.length ? 'yes' : 'some'
}

function statementsOf(document: Document): readonly Statement[] {
  return [...document.tables.values()].flatMap((table) =>
    table.dormant === true
      ? []
      : [...table.chains.values()].flatMap(({ rules }) => rules.flatMap(({ statements }) => statements)),
  )
}

/** Every write to the mark of packets, with where it stands; what is not read may be one. */
function markWrites(document: Document, bases: readonly BaseChain[]): readonly PlacedWrite[] {
  const writes: PlacedWrite[] = []
  for (const table of document.tables.values()) {
    if (table.dormant === true) continue
    for (const chain of table.chains.values()) {
      const key = chainKey(table, chain.name)
      const found = chain.rules.flatMap(({ statements }) => statements.flatMap(writeOf))
      if (found.length === 0) continue
      const hooks = new Set(bases.filter(({ reach }) => reach.has(key)).map(({ hook }) => hook))
      for (const { write } of found) writes.push({ write, hooks })
    }
  }
  return writes
}

function writeOf(statement: Statement): readonly Pick<PlacedWrite, 'write'>[] {
  if (statement.kind === 'unread') return [{ write: undefined }]
  if (statement.kind !== 'assign' || statement.field.kind !== 'field') return []
  return statement.field.name === 'meta mark' ? [{ write: markWriteOf(statement.value) }] : []
}

/** Sets that rules of the table add to while it runs. */
function filledSets(table: TableNode): ReadonlySet<string> {
  const names = [...table.chains.values()].flatMap(({ rules }) =>
    rules.flatMap(({ statements }) =>
      statements.flatMap((one) => ('fills' in one && one.fills !== undefined ? [one.fills] : [])),
    ),
  )
  return new Set(names)
}

/** Chains of one kind at one hook with one priority: nothing says which comes first, and the first that translates wins. */
function natDoubts(bases: readonly BaseChain[]): ReadonlyMap<BaseChain, Unknown> {
  const because: Unknown = { kind: 'other', what: 'which of several chains with one hook and one priority comes first' }
  return new Map(
    bases.flatMap((base) =>
      base.kind !== 'filter' && bases.some((other) => other !== base && sameTime(base, other))
        ? [[base, because] as const]
        : [],
    ),
  )
}

function implied(
  name: string,
  span: Span,
  match: Rule['match'],
  action: Rule['action'],
  unknowns: readonly Unknown[] = [],
): Rule {
  return { name, span, match, action, unknowns, implied: true }
}

/** The stage that a base chain is, with what the kernel does around its rules put into words of rules. */
function stageOf(
  base: BaseChain,
  all: readonly BaseChain[],
  chains: Record<string, readonly Rule[]>,
  hasNotrack: boolean,
): Stage {
  const { table, node, key, hook, kind } = base
  const name = `${node.base?.type ?? 'filter'} ${node.base?.hook ?? hook} of ${table.family} ${table.name}`
  const action = base.policy
  const { span } = node
  const first: Rule[] = []
  if (kind !== 'filter') {
    // A connection is translated once: what an earlier chain has done stays.
    const tag = kind === 'destination-nat' ? translatedTag.destination : translatedTag.source
    const isLater = all.some((other) => other !== base && other.kind === kind && other.hook === hook)
    if (isLater)
      first.push(implied('translated by another chain', span, { tagged: { tag } }, { kind: 'no-translation' }))
    if (hasNotrack) {
      first.push(implied('not tracked', span, { tagged: { tag: untrackedTag.request } }, { kind: 'no-translation' }))
    }
  }
  const others = table.family === 'ip' ? 6 : table.family === 'ip6' ? 4 : undefined
  if (others !== undefined && action !== 'allow') {
    first.push(implied(`${table.family} sees no IPv${others}`, span, { family: others }, { kind: 'allow' }))
  }
  if (first.length > 0) chains[key] = [...first, ...(chains[key] ?? [])]
  const otherwise: Stage['otherwise'] = {
    action,
    name: `policy ${node.policy?.action ?? 'accept'}`,
    ...(node.policy !== undefined && { span: node.policy.span }),
  }
  const family = table.family === 'ip' ? (4 as const) : table.family === 'ip6' ? (6 as const) : undefined
  const common = {
    name,
    hook,
    kind,
    ...(family !== undefined && { family }),
    stateful: false,
    addresses: 'current',
  } as const
  if (base.only === undefined) return { ...common, chain: key, otherwise }
  // Only frames of some devices, or of bridges, come to the chain.
  const { match, unknowns } = base.only
  const wrapper = `${key}, where it applies`
  const ends: Rule = {
    ...implied(
      otherwise.name,
      otherwise.span ?? span,
      match,
      { kind: action === 'unknown' ? 'unknown' : action },
      unknowns,
    ),
  }
  chains[wrapper] = [
    implied(`chain ${node.name}`, span, match, { kind: 'jump', chain: key }, unknowns),
    ...(action === 'allow' ? [] : [ends]),
  ]
  return { ...common, chain: wrapper, otherwise: { action: 'allow', name: `not for ${table.family} ${table.name}` } }
}
