import type { ConfigurationFile, UnreadStatement } from '../../source.ts'
import type { JsonValue } from '../../text/jsonTree.ts'
import { readJson } from '../../text/jsonTree.ts'
import type { Entry } from './entry.ts'
import { fieldName, kindOf } from './entry.ts'
import { entryOfRuleText, isRuleText } from './ruleText.ts'

/** What one file holds. */
export interface FoundEntries {
  readonly entries: readonly Entry[]
  readonly unread: readonly UnreadStatement[]
}

/** Members that PowerShell adds to every object and that say nothing of the firewall. */
const noise = /^(cim|ps(computername|path|parentpath|childname|drive|provider|showcomputername)|runspaceid)/i

/**
 * Finds the objects of a JSON text wherever they stand: one list, lists under any names, filters inside of rules,
 * strings of the registry. What an object is, its own fields tell.
 */
export function entriesOfJson(file: ConfigurationFile): FoundEntries {
  const read = readJson(file)
  if ('fault' in read) return { entries: [], unread: [read.fault] }
  const entries: Entry[] = []
  const unread: UnreadStatement[] = []
  walk(read.ok, entries, unread)
  return { entries, unread }
}

function walk(value: JsonValue, entries: Entry[], unread: UnreadStatement[]): void {
  switch (value.kind) {
    case 'array':
      for (const element of value.elements()) walk(element, entries, unread)
      return
    case 'object':
      walkObject(value, entries, unread)
      return
    case 'null':
      return
    case 'string': {
      const text = value.text() ?? ''
      if (isRuleText(text)) entries.push(entryOfRuleText(text, value.span()))
      else unread.push({ span: value.span(), why: 'a text alone is no rule, filter or profile' })
      return
    }
    case 'number':
    case 'boolean':
      unread.push({ span: value.span(), why: 'a value alone is no rule, filter or profile' })
      return
    default:
      value.kind satisfies never
  }
}

function walkObject(value: JsonValue, entries: Entry[], unread: UnreadStatement[]): void {
  const fields = new Map<string, readonly string[]>()
  const nested: JsonValue[] = []
  let ruleTexts = 0
  for (const name of value.names()) {
    if (noise.test(name)) continue
    const member = value.member(name)
    if (member === undefined) continue
    const text = member.text()
    if (text !== undefined && isRuleText(text)) {
      entries.push(entryOfRuleText(text, member.span(), name))
      ruleTexts += 1
      continue
    }
    const values = scalarsOf(member)
    if (values === undefined) nested.push(member)
    else if (values.length > 0) fields.set(fieldName(name), values)
  }
  const kind = kindOf(fields)
  if (kind === undefined) {
    for (const inner of nested) walk(inner, entries, unread)
    if (nested.length === 0 && ruleTexts === 0 && fields.size > 0) {
      unread.push({ span: value.span(), why: 'the object is no rule, filter, profile or network of Windows' })
    }
    return
  }
  if (kind === 'rule') for (const inner of nested) mergeFilters(inner, fields)
  entries.push({ fields, span: value.span() })
}

/** Filters that a script put inside of their rule become its fields; the rule's own come first. */
function mergeFilters(value: JsonValue, fields: Map<string, readonly string[]>): void {
  const objects = value.kind === 'array' ? value.elements() : [value]
  // Several filters of one kind in a rule are not something that Windows has: none of them is taken for it.
  if (objects.length !== 1) return
  const [object] = objects
  for (const name of object?.names() ?? []) {
    const member = object?.member(name)
    if (member === undefined || noise.test(name)) continue
    const values = scalarsOf(member)
    const key = fieldName(name)
    if (values === undefined) mergeFilters(member, fields)
    else if (values.length > 0 && !fields.has(key)) fields.set(key, values)
  }
}

/** The texts of a scalar or of a list of scalars; empty for null; undefined for anything that has objects. */
function scalarsOf(value: JsonValue): readonly string[] | undefined {
  if (value.kind === 'null') return []
  if (value.kind === 'object') return undefined
  if (value.kind !== 'array') return [String(value.scalar)]
  const elements = value.elements()
  if (elements.some(({ kind }) => kind === 'object' || kind === 'array')) return undefined
  return elements.flatMap(({ kind, scalar }) => (kind === 'null' ? [] : [String(scalar)]))
}
