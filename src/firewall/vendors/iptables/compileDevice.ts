import type { ReadingHints } from '../../reader.ts'
import type { Hook, Rule, RuleSet, Stage } from '../../ruleset.ts'
import { hooks } from '../../ruleset.ts'
import type { Span } from '../../source.ts'
import { fewDoubts } from '../../text/doubtsOf.ts'
import type { Statements } from '../../text/statements.ts'
import { countStatements } from '../../text/statements.ts'
import type { Marks, PlacedWrite } from '../netfilter/marks.ts'
import { marksOf } from '../netfilter/marks.ts'
import { placesOf } from '../netfilter/placesOf.ts'
import { untrackedTag } from '../netfilter/trackedStates.ts'
import type { RuleSurroundings } from './compileRule.ts'
import { compileRule, targetOf } from './compileRule.ts'
import { optionsOf } from './options.ts'
import type { BuiltIn, ChainLines, Device, TableLines, Tables } from './tables.ts'
import { builtIns, isBuiltIn, tableNames } from './tables.ts'
import { markWriteOf } from './targets.ts'

/** When a table is asked, by hook: the order of netfilter's priorities. */
const tableOrder: Readonly<Record<Hook, readonly string[]>> = {
  prerouting: ['raw', 'mangle', 'nat'],
  input: ['mangle', 'filter', 'security', 'nat'],
  forward: ['mangle', 'filter', 'security'],
  output: ['raw', 'mangle', 'nat', 'filter', 'security'],
  postrouting: ['mangle', 'nat'],
}

const commandOf = { 4: 'iptables', 6: 'ip6tables' } as const

/** Makes the rule set of what a device has, both families together. */
export function compileDevice(device: Device, name: string, hints: ReadingHints): RuleSet {
  const chains: Record<string, readonly Rule[]> = {}
  const stages: Stage[] = []
  for (const family of [4, 6] as const) {
    const tables = device.families.get(family)
    if (tables === undefined) stages.push(...missingStages(family, chains))
    else {
      Object.assign(chains, compileFamily(device, family, tables))
      stages.push(...stagesOf(device, family, tables, chains))
    }
  }
  const ordered = stages.toSorted((a, b) => hooks.indexOf(a.hook) - hooks.indexOf(b.hook))
  return {
    vendor: 'iptables',
    name,
    stages: ordered,
    chains,
    places: placesOf(chains, hints),
    doubts: fewDoubts(device.doubts),
  }
}

function keyOf(family: 4 | 6, table: string, chain: string): string {
  return `${commandOf[family]} ${table} ${chain}`
}

/** Of a family whose file is missing nothing is known: it may let pass or stop. */
function missingStages(family: 4 | 6, chains: Record<string, readonly Rule[]>): readonly Stage[] {
  const name = `${commandOf[family]}, not given`
  const span: Span = { file: name, line: 1, text: '' }
  const what = `the rules of ${commandOf[family]}, which were not given`
  chains[name] = [
    {
      name: `${commandOf[family]}-save`,
      span,
      match: { family },
      action: { kind: 'unknown' },
      unknowns: [{ kind: 'other', what }],
      implied: true,
    },
  ]
  const otherwise = { action: 'allow', name: `no rule for IPv${family === 4 ? 6 : 4}` } as const
  return (['input', 'forward', 'output'] as const).map((hook) => ({
    name,
    hook,
    family,
    kind: 'filter',
    chain: name,
    otherwise,
    stateful: false,
    addresses: 'current',
  }))
}

function compileFamily(device: Device, family: 4 | 6, tables: Tables): Record<string, readonly Rule[]> {
  const parsed = [...tables.values()].flatMap((table) => {
    const reached = reachedFrom(table)
    return [...table.chains.values()].flatMap(({ name, rules }) => {
      const hooksOf = new Set([...(reached.get(name) ?? [])].map((builtIn) => builtIns[builtIn]))
      return rules.map(({ words }) => ({ options: optionsOf(words), hooks: hooksOf }))
    })
  })
  const writes = parsed.flatMap(({ options, hooks: from }): readonly PlacedWrite[] => {
    const target = targetOf(options)?.name
    if (target === 'MARK') return [{ write: markWriteOf(options), hooks: from }]
    // Restores the mark of the connection, whatever that is; a proxy's mark is the proxy's business.
    const restores = options.some(({ name }) => /^--(restore-mark|tproxy-mark|map-mark)$/.test(name))
    return restores || target === 'HMARK' ? [{ write: undefined, hooks: from }] : []
  })
  const marks = marksOf(writes)
  const hasNotrack = parsed.some(({ options }) => {
    const target = targetOf(options)?.name
    return target === 'NOTRACK' || (target === 'CT' && options.some(({ name }) => name === '--notrack'))
  })
  const compile = (statements: Statements): Record<string, readonly Rule[]> =>
    compileTables(family, tables, { marks, hasNotrack, statements })
  // What a rule writes is told by the comparisons that it turns: all of them have to be known before.
  if (writes.length > 0) compile(countStatements())
  return compile(device.statements)
}

function compileTables(
  family: 4 | 6,
  tables: Tables,
  { marks, hasNotrack, statements }: { marks: Marks; hasNotrack: boolean; statements: Statements },
): Record<string, readonly Rule[]> {
  const chains: Record<string, readonly Rule[]> = {}
  for (const table of tables.values()) {
    const reached = reachedFrom(table)
    for (const chain of table.chains.values()) {
      const key = keyOf(family, table.name, chain.name)
      const scope = {
        family,
        marks,
        hasNotrack,
        isUntracked: table.name === 'raw',
        hooks: new Set([...(reached.get(chain.name) ?? [])].map((builtIn) => builtIns[builtIn])),
      }
      let parts = 0
      const around: RuleSurroundings = {
        scope,
        isNat: table.name === 'nat',
        chainKey: (target) => (table.chains.has(target) ? keyOf(family, table.name, target) : undefined),
        addChain: (rules) => {
          parts += 1
          const made = `${key}, part ${parts}`
          chains[made] = rules
          return made
        },
        statements,
      }
      chains[key] = chain.rules.flatMap((rule, at) => compileRule(rule, at + 1, around))
    }
  }
  return chains
}

/** Built-in chains from which packets come to each chain. */
function reachedFrom(table: TableLines): ReadonlyMap<string, ReadonlySet<BuiltIn>> {
  const found = new Map<string, Set<BuiltIn>>()
  const targets = new Map(
    [...table.chains.values()].map(({ name, rules }) => [
      name,
      rules.flatMap(({ words }) => targetOf(optionsOf(words))?.name ?? []),
    ]),
  )
  for (const start of table.chains.keys()) {
    if (!isBuiltIn(start)) continue
    const open: string[] = [start]
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const from = found.get(name) ?? new Set()
      if (from.has(start)) continue
      found.set(name, from.add(start))
      for (const target of targets.get(name) ?? []) if (table.chains.has(target)) open.push(target)
    }
  }
  return found
}

function stagesOf(
  device: Device,
  family: 4 | 6,
  tables: Tables,
  chains: Record<string, readonly Rule[]>,
): readonly Stage[] {
  for (const { name, chains: of } of tables.values()) {
    if (tableNames.some((known) => known === name)) continue
    const [first] = of.values()
    device.doubts.push({ kind: 'unread', what: `the table ${name}, which is none of iptables` })
    if (first !== undefined) device.statements.unread(first.span, `the table "${name}" is not known`)
  }
  return hooks.flatMap((hook) =>
    tableOrder[hook].flatMap((tableName): readonly Stage[] => {
      const builtIn = (Object.keys(builtIns) as BuiltIn[]).find((one) => builtIns[one] === hook)
      const chain = builtIn === undefined ? undefined : tables.get(tableName)?.chains.get(builtIn)
      return chain === undefined ? [] : [stageOf(device, family, tableName, hook, chain, chains)]
    }),
  )
}

function stageOf(
  device: Device,
  family: 4 | 6,
  table: string,
  hook: Hook,
  { name, policy, span }: ChainLines,
  chains: Record<string, readonly Rule[]>,
): Stage {
  const key = keyOf(family, table, name)
  const isNat = table === 'nat'
  const written = policy?.action ?? 'ACCEPT'
  const action = written === 'ACCEPT' ? 'allow' : written === 'DROP' ? 'drop' : 'unknown'
  if (action === 'unknown') device.statements.unread(policy?.span ?? span, `the policy "${written}" is not known`)
  const first: Rule[] = []
  if (isNat) {
    first.push({
      name: 'not tracked',
      span,
      match: { tagged: { tag: untrackedTag.request } },
      action: { kind: 'no-translation' },
      unknowns: [],
      implied: true,
    })
  }
  if (action !== 'allow') {
    const other = family === 4 ? 6 : 4
    first.push({
      name: `${commandOf[family]} sees no IPv${other}`,
      span,
      match: { family: other },
      action: { kind: 'allow' },
      unknowns: [],
      implied: true,
    })
  }
  if (first.length > 0) chains[key] = [...first, ...(chains[key] ?? [])]
  const isDestination = hook === 'prerouting' || hook === 'output'
  return {
    name: `${commandOf[family]} ${table} ${name}`,
    hook,
    family,
    kind: !isNat ? 'filter' : isDestination ? 'destination-nat' : 'source-nat',
    chain: key,
    otherwise: { action, name: `policy ${written}`, ...(policy !== undefined && { span: policy.span }) },
    stateful: false,
    addresses: 'current',
  }
}
