import type { Cursor } from './cursor.ts'
import type { Document, SetWords } from './document.ts'
import { chainOf, setOf, tableOf } from './document.ts'
import { parseDefinition } from './parseDefinition.ts'
import { parseSet } from './parseExpression.ts'
import { parseRule, skipBraces, skipRule } from './parseRule.ts'
import type { BaseNode, ChainNode, Element, TableFamily, TableNode } from './syntax.ts'
import { tableFamilies } from './syntax.ts'

/** Objects that rules use and that let nothing pass or stop by themselves. */
const passive = new Set(['counter', 'quota', 'limit', 'flowtable', 'secmark', 'synproxy', 'ct'])

/** The family that a command names, `ip` where it names none. */
export function takeFamily(cursor: Cursor): TableFamily {
  const family = tableFamilies.find((one) => cursor.is(one))
  if (family === undefined) return 'ip'
  cursor.next()
  return family
}

/** Reads `[family] name { … }`, the word `table` being taken. */
export function parseTable(cursor: Cursor, document: Document): void {
  const mark = cursor.mark()
  const family = takeFamily(cursor)
  const name = cursor.next().text
  const table = tableOf(document, family, name, cursor.span(mark))
  document.statements.understood()
  if (!cursor.take('{')) return
  while (!cursor.take('}')) {
    if (cursor.atEnd()) {
      document.statements.unread(cursor.span(mark), 'the file ends within the table')
      document.doubts.push({ kind: 'unread', what: 'what the end of the file would say, which is missing' })
      return
    }
    parseEntry(cursor, document, table)
  }
}

function parseEntry(cursor: Cursor, document: Document, table: TableNode): void {
  const mark = cursor.mark()
  const token = cursor.next()
  const name = cursor.peek()
  if (token.kind === 'newline' || token.text === ';' || token.kind === 'handle') return
  if (token.text === 'include' && name.kind === 'string') {
    cursor.back(mark)
    skipInclude(cursor, document)
    return
  }
  if (token.text === 'chain') {
    cursor.next()
    parseChain(cursor, document, table, chainOf(table, name.text, cursor.span(mark)))
  } else if (token.text === 'set' || token.text === 'map') {
    cursor.next()
    const words = parseSetBody(cursor, document, token.text === 'map')
    setOf(table, name.text, cursor.span(mark), words)
    document.statements.understood()
  } else if (token.text === 'flags') {
    while (!endsLine(cursor)) if (cursor.next().text === 'dormant') table.dormant = true
    document.statements.understood()
  } else if (token.text === 'comment') {
    cursor.next()
    document.statements.understood()
  } else if (token.text === 'define' || token.text === 'redefine') {
    cursor.back(mark)
    parseDefinition(cursor, document)
  } else if (passive.has(token.text)) {
    while (!endsLine(cursor) && !cursor.is('{')) cursor.next()
    if (cursor.is('{')) skipBraces(cursor)
    document.statements.understood()
  } else {
    skipRule(cursor)
    const span = cursor.span(mark)
    document.statements.unread(span, `"${token.text}" in a table is not known`)
    document.doubts.push({ kind: 'unread', what: `what line ${span.line} of ${span.file} says` })
  }
}

/** Only files that are included at the top are followed: what one says within a table could be anything. */
function skipInclude(cursor: Cursor, document: Document): void {
  const mark = cursor.mark()
  cursor.next()
  const pattern = cursor.next().text
  document.statements.unread(cursor.span(mark), 'a file that is included within a table is not followed')
  document.doubts.push({ kind: 'unread', what: `what the file ${pattern} says, which is included within a table` })
}

function endsLine(cursor: Cursor): boolean {
  return cursor.atEnd() || cursor.peek().kind === 'newline' || cursor.is(';') || cursor.is('}')
}

/** `{ type … ; policy …; rules }`. */
export function parseChain(cursor: Cursor, document: Document, table: TableNode, chain: ChainNode): void {
  const mark = cursor.mark()
  document.statements.understood()
  if (!cursor.take('{')) return
  while (!cursor.take('}')) {
    if (cursor.atEnd()) {
      document.statements.unread(cursor.span(mark), 'the file ends within the chain')
      document.doubts.push({ kind: 'unread', what: 'what the end of the file would say, which is missing' })
      return
    }
    const { kind } = cursor.peek()
    if (kind === 'newline' || cursor.is(';') || kind === 'handle') cursor.next()
    else if (cursor.is('include') && cursor.peek(1).kind === 'string') skipInclude(cursor, document)
    else if (!parseChainWord(cursor, document, table, chain.name)) {
      const rule = parseRule(cursor)
      chain.rules.push(rule)
    }
  }
}

/** What a chain says of itself, if it is that and no rule. */
export function parseChainWord(cursor: Cursor, document: Document, table: TableNode, name: string): boolean {
  const mark = cursor.mark()
  if (cursor.is('type') && cursor.is('hook', 2)) {
    const base = parseBase(cursor)
    chainOf(table, name, cursor.span(mark), { base })
    return true
  }
  if (cursor.is('policy')) {
    cursor.next()
    const defined = cursor.take('$') ? cursor.definitions.get(cursor.peek().text) : undefined
    const written = cursor.next().text
    const action = defined?.kind === 'word' ? defined.text : written
    chainOf(table, name, cursor.span(mark), { policy: { action, span: cursor.span(mark) } })
    document.statements.understood()
    return true
  }
  if (cursor.is('comment') && cursor.peek(1).kind === 'string') {
    cursor.next()
    cursor.next()
    document.statements.understood()
    return true
  }
  if ((cursor.is('devices') || cursor.is('flags')) && (cursor.is('=', 1) || cursor.is('offload', 1))) {
    cursor.next()
    if (cursor.take('=')) parseSet(cursor)
    else cursor.next()
    document.statements.understood()
    return true
  }
  return false
}

/** `type filter hook ingress device eth0 priority filter + 10`. */
function parseBase(cursor: Cursor): BaseNode {
  cursor.next()
  const type = cursor.next().text
  cursor.next()
  const hook = cursor.next().text
  const devices: string[] = []
  let priority: number | string = 0
  while (!endsLine(cursor)) {
    if (cursor.take('device')) devices.push(cursor.next().text)
    else if (cursor.take('devices')) {
      cursor.take('=')
      const set = parseSet(cursor)
      if (set.kind === 'set') for (const { key } of set.elements) if (key.kind === 'word') devices.push(key.text)
    } else if (cursor.take('priority')) priority = parsePriority(cursor)
    else cursor.next()
  }
  return { type, hook, priority, devices }
}

/** `-150`, `filter`, `filter + 10`, `filter - 5`, `filter-5`, `$PRIORITY`; as a text where it is none of these. */
function parsePriority(cursor: Cursor): number | string {
  let text = ''
  while (!endsLine(cursor) && !cursor.is('policy') && !cursor.is('device')) {
    if (cursor.take('$')) {
      const defined = cursor.definitions.get(cursor.next().text)
      text += defined?.kind === 'word' ? defined.text : '?'
    } else text += cursor.next().text
  }
  return text
}

/** `{ type …; flags …; timeout …; elements = { … } }`. */
export function parseSetBody(cursor: Cursor, document: Document, isMap: boolean): SetWords {
  const flags: string[] = []
  let elements: readonly Element[] = []
  let timeout = false
  if (!cursor.take('{')) return { isMap, flags, timeout, elements }
  while (!cursor.atEnd() && !cursor.take('}')) {
    if (cursor.take('flags')) while (!endsLine(cursor)) flags.push(cursor.next().text)
    else if (cursor.take('timeout')) timeout = true
    else if (cursor.is('elements') && cursor.is('=', 1)) {
      const mark = cursor.mark()
      cursor.next()
      cursor.next()
      elements = elementsOf(cursor, document, mark)
    } else if (cursor.is('{')) skipBraces(cursor)
    else cursor.next()
  }
  return { isMap, flags, timeout, elements }
}

/** Elements in braces; what cannot be read of them could be anything. */
export function elementsOf(cursor: Cursor, document: Document, mark: number): readonly Element[] {
  const set = cursor.is('{') ? parseSet(cursor) : undefined
  if (set?.kind === 'set') return set.elements
  if (cursor.is('$')) {
    cursor.next()
    const name = cursor.next().text
    const defined = cursor.definitions.get(name)
    if (defined?.kind === 'set') return defined.elements
    if (defined !== undefined) return [{ key: defined }]
  }
  document.statements.unread(cursor.span(mark), 'elements that could not be read')
  return [{ key: { kind: 'unread', text: cursor.text(mark) } }]
}
