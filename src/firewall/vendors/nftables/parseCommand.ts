import type { Cursor } from './cursor.ts'
import type { Document } from './document.ts'
import { addRule, chainOf, setOf, tableOf } from './document.ts'
import { parseRule, skipRule } from './parseRule.ts'
import { elementsOf, parseChain, parseChainWord, parseSetBody, parseTable, takeFamily } from './parseTable.ts'
import type { TableNode } from './syntax.ts'

/** Objects that commands speak of; a rule is meant where none is named: `add inet t c accept`. */
const objects = new Set(
  'table chain rule set map element flowtable counter quota limit ct secmark synproxy ruleset'.split(' '),
)

/** Verbs after which the rule set is as it was. */
const looks = new Set('list reset export monitor describe import'.split(' '))

/** Reads one command at the top of a script and does what it says to the document. */
export function parseCommand(cursor: Cursor, document: Document): void {
  const mark = cursor.mark()
  const verb = cursor.next().text
  const object = objects.has(cursor.peek().text) ? cursor.next().text : 'rule'
  const done =
    looks.has(verb) ||
    (verb === 'add' || verb === 'create'
      ? add(cursor, document, object, mark)
      : verb === 'insert'
        ? rule(cursor, document, 'start')
        : verb === 'flush' || verb === 'delete' || verb === 'destroy'
          ? remove(cursor, document, verb, object)
          : false)
  const isRule = object === 'rule' && done && (verb === 'add' || verb === 'insert' || verb === 'create')
  if (done !== true) {
    skipRule(cursor)
    const span = cursor.span(mark)
    document.statements.unread(span, `nft's "${verb} ${object}" is not followed here`)
    document.doubts.push({ kind: 'unread', what: `what line ${span.line} of ${span.file} changes` })
    return
  }
  // A rule is counted where it is compiled, a table and a chain where they are read.
  if (!isRule && !(object === 'table' && verb !== 'flush' && verb !== 'delete')) document.statements.understood()
  skipRule(cursor)
}

function take(cursor: Cursor, document: Document): TableNode {
  const mark = cursor.mark()
  const family = takeFamily(cursor)
  const name = cursor.next().text
  return tableOf(document, family, name, cursor.span(mark))
}

function add(cursor: Cursor, document: Document, object: string, mark: number): boolean {
  switch (object) {
    case 'table':
      parseTable(cursor, document)
      return true
    case 'chain': {
      const table = take(cursor, document)
      const chain = chainOf(table, cursor.next().text, cursor.span(mark))
      parseChain(cursor, document, table, chain)
      return true
    }
    case 'rule':
      return rule(cursor, document, 'end')
    case 'set':
    case 'map': {
      const table = take(cursor, document)
      const name = cursor.next().text
      const words = parseSetBody(cursor, document, object === 'map')
      setOf(table, name, cursor.span(mark), words)
      return true
    }
    case 'element': {
      const table = take(cursor, document)
      const name = cursor.next().text
      const elements = elementsOf(cursor, document, mark)
      const isMap = elements.some(({ data }) => data !== undefined)
      setOf(table, name, cursor.span(mark), { isMap, flags: [], timeout: false, elements })
      return true
    }
    case 'ruleset':
      return false
    default:
      while (!cursor.atEnd() && cursor.peek().kind !== 'newline' && !cursor.is('{') && !cursor.is(';')) cursor.next()
      return true
  }
}

/** `TABLE CHAIN [index N | position N | handle N] statements`. */
function rule(cursor: Cursor, document: Document, place: 'start' | 'end'): boolean {
  const table = take(cursor, document)
  const mark = cursor.mark()
  const chain = chainOf(table, cursor.next().text, cursor.span(mark))
  let at: 'start' | 'end' | number = place
  if (cursor.is('index') && /^\d+$/.test(cursor.peek(1).text)) {
    cursor.next()
    at = Number(cursor.next().text) + (place === 'end' ? 1 : 0)
    if (at > chain.rules.length) return false
  } else if (cursor.is('position') || cursor.is('handle')) {
    // Handles are the kernel's: a script does not tell which rule has which.
    return false
  }
  if (parseChainWord(cursor, document, table, chain.name)) return true
  addRule(chain, parseRule(cursor), at)
  return true
}

function remove(cursor: Cursor, document: Document, verb: string, object: string): boolean {
  if (object === 'ruleset') {
    const family = cursor.peek().kind === 'word' ? takeFamily(cursor) : undefined
    for (const [key, table] of document.tables)
      if (family === undefined || table.family === family) document.tables.delete(key)
    return true
  }
  const mark = cursor.mark()
  const family = takeFamily(cursor)
  const name = cursor.next().text
  const table = document.tables.get(`${family} ${name}`)
  // What is not there cannot be taken away: `delete` before `add` makes a script repeatable.
  if (object === 'table') {
    if (table === undefined) return name !== 'handle'
    if (verb === 'flush') for (const chain of table.chains.values()) chain.rules.length = 0
    else document.tables.delete(`${family} ${name}`)
    return true
  }
  const of = cursor.next().text
  if (table === undefined) return true
  switch (object) {
    case 'chain':
      if (verb !== 'flush') table.chains.delete(of)
      else {
        const chain = table.chains.get(of)
        if (chain !== undefined) chain.rules.length = 0
      }
      return of !== 'handle'
    case 'set':
    case 'map': {
      const set = table.sets.get(of)
      if (verb !== 'flush') table.sets.delete(of)
      else if (set !== undefined) set.elements.length = 0
      return of !== 'handle'
    }
    case 'rule':
    case 'element':
      cursor.back(mark)
      return false
    default:
      return true
  }
}
