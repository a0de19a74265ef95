import type { Cursor } from './cursor.ts'
import type { Document } from './document.ts'
import { parseValue } from './parseExpression.ts'
import { skipRule } from './parseRule.ts'

/** `define NAME = value`: kept as it is read, so that each place that uses it makes its own of it. */
export function parseDefinition(cursor: Cursor, document: Document): void {
  const mark = cursor.mark()
  cursor.next()
  const name = cursor.next().text
  document.isScript = true
  if (!cursor.take('=')) {
    skipRule(cursor)
    document.statements.unread(cursor.span(mark), 'a definition without a value')
    return
  }
  const value = parseValue(cursor)
  if (cursor.peek().kind !== 'newline' && !cursor.is(';') && !cursor.is('}')) {
    cursor.definitions.set(name, { kind: 'unread', text: `$${name}` })
    skipRule(cursor)
    document.statements.unread(cursor.span(mark), 'the value of the definition is not known')
    return
  }
  if (cursor.definitions.set(name, value)) document.statements.understood()
  else document.statements.unread(cursor.span(mark), 'a definition that is too long or too deep to be written out')
}
