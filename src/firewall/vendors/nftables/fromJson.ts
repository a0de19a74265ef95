import type { JsonValue } from '../../text/jsonTree.ts'
import type { Document } from './document.ts'
import { addRule, chainOf, setOf, tableOf } from './document.ts'
import { elementFrom, statementFrom, wordsOf } from './fromJsonRule.ts'
import { parsePriorityText } from './priority.ts'
import type { BaseNode, TableFamily, TableNode } from './syntax.ts'
import { tableFamilies } from './syntax.ts'

/** What lets nothing pass or stop by itself. */
const passive = new Set([
  'metainfo',
  'counter',
  'quota',
  'limit',
  'flowtable',
  'secmark',
  'synproxy',
  'ct helper',
  'ct timeout',
  'ct expectation',
])

/** Reads `nft -j list ruleset`, or commands as `nft -j -f` takes them (libnftables-json(5)). */
export function readNftJson(root: JsonValue, document: Document): void {
  for (const item of (root.member('nftables') ?? root).elements()) {
    const [verb = ''] = item.names()
    const inner = item.member(verb)
    if (inner === undefined) {
      document.statements.unread(item.span(), 'it is no object of nft')
    } else if (verb === 'add' || verb === 'create' || verb === 'insert') {
      const [name = ''] = inner.names()
      const object = inner.member(name)
      document.isScript = true
      if (object !== undefined) readObject(document, name, object, item, verb === 'insert' ? 'start' : 'end')
    } else if (verb === 'flush' || verb === 'delete' || verb === 'destroy') {
      document.isScript = true
      remove(document, verb, inner, item)
    } else readObject(document, verb, inner, item, 'end')
  }
}

function unknownObject(document: Document, item: JsonValue, what: string): void {
  document.statements.unread(item.span(), `${what} is not known`)
  document.doubts.push({ kind: 'unread', what: `what ${item.span().path ?? ''} says` })
}

function tableAt(document: Document, object: JsonValue, item: JsonValue, key = 'table'): TableNode | undefined {
  const written = object.member('family')?.text() ?? 'ip'
  const family = tableFamilies.find((one) => one === written)
  const name = object.member(key)?.text()
  if (family === undefined || name === undefined) return undefined
  return tableOf(document, family satisfies TableFamily, name, item.span())
}

function readObject(
  document: Document,
  kind: string,
  object: JsonValue,
  item: JsonValue,
  place: 'start' | 'end',
): void {
  if (passive.has(kind)) {
    document.statements.understood()
    return
  }
  const table = tableAt(document, object, item, kind === 'table' ? 'name' : 'table')
  const name = object.member('name')?.text()
  if (table === undefined) {
    unknownObject(document, item, kind)
    return
  }
  switch (kind) {
    case 'table':
      for (const flag of wordsOf(object.member('flags'))) {
        if (flag === 'dormant') table.dormant = true
        else if (flag !== 'owner' && flag !== 'persist' && table.dormant === false) table.dormant = 'unknown'
      }
      document.statements.understood()
      return
    case 'chain':
      if (name !== undefined) readChain(table, name, object, item)
      document.statements.understood()
      return
    case 'rule':
      readRule(document, table, object, item, place)
      return
    case 'set':
    case 'map':
      if (name !== undefined) {
        setOf(table, name, item.span(), {
          isMap: kind === 'map',
          flags: wordsOf(object.member('flags')),
          timeout: object.member('timeout') !== undefined,
          elements: (object.member('elem')?.elements() ?? []).map((value) => elementFrom(value, kind === 'map')),
        })
      }
      document.statements.understood()
      return
    case 'element':
      if (name !== undefined) {
        const isMap = table.sets.get(name)?.isMap === true
        const elements = (object.member('elem')?.elements() ?? []).map((value) => elementFrom(value, isMap))
        setOf(table, name, item.span(), { isMap, flags: [], timeout: false, elements })
      }
      document.statements.understood()
      return
    default:
      unknownObject(document, item, `the object "${kind}"`)
  }
}

function readChain(table: TableNode, name: string, object: JsonValue, item: JsonValue): void {
  const hook = object.member('hook')?.text()
  const policy = object.member('policy')?.text()
  const priority = object.member('prio')
  const base: BaseNode | undefined =
    hook === undefined
      ? undefined
      : {
          type: object.member('type')?.text() ?? 'filter',
          hook,
          priority: priority?.number() ?? parsePriorityText(priority?.text() ?? '0', table.family) ?? '?',
          devices: wordsOf(object.member('dev')),
        }
  chainOf(table, name, item.span(), {
    ...(base !== undefined && { base }),
    ...(policy !== undefined && { policy: { action: policy, span: item.span() } }),
  })
}

function readRule(
  document: Document,
  table: TableNode,
  object: JsonValue,
  item: JsonValue,
  place: 'start' | 'end',
): void {
  const chain = object.member('chain')?.text()
  const comment = object.member('comment')?.text()
  const handle = object.member('handle')?.number()
  if (chain === undefined) {
    unknownObject(document, item, 'a rule without a chain')
    return
  }
  const expr = object.member('expr')
  addRule(
    chainOf(table, chain, item.span()),
    {
      span: item.span(),
      statements:
        expr?.kind === 'array'
          ? expr.elements().map((value) => statementFrom(value))
          : [{ kind: 'unread', text: 'a rule without "expr"' }],
      ...(comment !== undefined && { comment }),
      ...(handle !== undefined && { handle }),
    },
    place,
  )
}

function remove(document: Document, verb: string, inner: JsonValue, item: JsonValue): void {
  const [kind = ''] = inner.names()
  const object = inner.member(kind)
  if (kind === 'ruleset') {
    document.tables.clear()
    document.statements.understood()
    return
  }
  const family = object?.member('family')?.text() ?? 'ip'
  const key = `${family} ${object?.member(kind === 'table' ? 'name' : 'table')?.text() ?? ''}`
  const table = document.tables.get(key)
  const name = object?.member('name')?.text() ?? ''
  if (kind === 'table' && verb !== 'flush') document.tables.delete(key)
  else if (kind === 'table') for (const chain of table?.chains.values() ?? []) chain.rules.length = 0
  else if (kind === 'chain' && verb !== 'flush') table?.chains.delete(name)
  else if (kind === 'chain') {
    const chain = table?.chains.get(name)
    if (chain !== undefined) chain.rules.length = 0
  } else if ((kind === 'set' || kind === 'map') && verb !== 'flush') table?.sets.delete(name)
  else if (kind === 'set' || kind === 'map') {
    const set = table?.sets.get(name)
    if (set !== undefined) set.elements.length = 0
  } else if (!passive.has(kind)) {
    unknownObject(document, item, `"${verb} ${kind}"`)
    return
  }
  document.statements.understood()
}
