import type { ConfigurationFile, Span, UnreadStatement } from '../../source.ts'
import { placesIn } from '../../text/placesIn.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import type { Schema } from './setSchema.ts'
import { setSchema, silentBelow } from './setSchema.ts'

/** What came of reading `set` commands. */
export interface SetRead {
  readonly root: XmlTree
  readonly statements: number
  readonly unread: readonly (UnreadStatement & { readonly isRule: boolean })[]
}

/** An element that is still being made. */
class MadeElement implements XmlTree {
  readonly name: string
  readonly entry: string | undefined
  children: MadeElement[] = []
  words = ''
  readonly place: () => Span
  readonly byId = new Map<string, MadeElement>()

  constructor(name: string, entry: string | undefined, place: () => Span) {
    this.name = name
    this.entry = entry
    this.place = place
  }

  attribute(name: string): string | undefined {
    return name === 'name' ? this.entry : undefined
  }

  elements(name?: string): readonly XmlTree[] {
    return name === undefined ? this.children : this.children.filter((child) => child.name === name)
  }

  child(...[first = '', ...rest]: readonly string[]): XmlTree | undefined {
    const found = this.byId.get(`${first}\n`) ?? this.children.find((child) => child.name === first)
    return rest.length === 0 ? found : found?.child(...rest)
  }

  text(): string {
    return this.words
  }

  span(): Span {
    return this.place()
  }

  /** The child of a name, or the entry of a name, made where it is not there. */
  reach(name: string, entry: string | undefined, place: () => Span): MadeElement {
    const id = `${name}\n${entry ?? ''}`
    const known = this.byId.get(id)
    if (known !== undefined) return known
    const made = new MadeElement(name, entry, place)
    this.byId.set(id, made)
    this.children.push(made)
    return made
  }

  add(made: MadeElement): void {
    this.children.push(made)
  }
}

const wordsAbove = new Set([
  'shared',
  'device-group',
  'template',
  'template-stack',
  'readonly',
  'panorama',
  'mgt-config',
])

/** Reads `set`, `delete`, `move` and `rename` commands, one a line, into the tree that the XML of the device would have. */
export function readSetCommands(file: ConfigurationFile): SetRead {
  const places = placesIn(file)
  const root = new MadeElement('config', undefined, () => places.span(0, 0))
  const unread: (UnreadStatement & { isRule: boolean })[] = []
  let statements = 0
  // Moving one of many rules many times is refused at a bound: each costs the length of the list.
  const budget = { left: 50_000_000 }
  for (const found of commandsIn(file.text)) {
    const line = found.text.replace(/^\uFEFF/, '').replace(/^[\w.@()-]{1,120}[>#]\s+(?=(set|delete|move|rename)\s)/, '')
    const words = wordsOf(line)
    const [verb] = words
    if (verb === undefined || verb.startsWith('#')) continue
    statements += 1
    const place = (): Span => places.span(found.index, found.index + found.text.length)
    const refused = runCommand(root, words, place, budget)
    if (refused !== undefined) {
      const isRule = refused.rule !== undefined
      refused.rule?.reach('not understood', String(statements), place)
      unread.push({ span: place(), why: refused.why, isRule })
    }
  }
  return { root, statements, unread }
}

interface Refused {
  readonly why: string
  /** The rule or object that the line is about. */
  readonly rule?: MadeElement
}

/** Words of the command line around the commands of a configuration. */
const around = new Set(['configure', 'exit', 'quit', 'commit', 'show', 'up', 'top', 'edit', 'run'])

function runCommand(
  root: MadeElement,
  words: readonly string[],
  place: () => Span,
  budget: { left: number },
): Refused | undefined {
  const [verb = '', ...rest] = words
  if (around.has(verb) && verb !== 'edit') return undefined
  // A prompt without a command, and the place in the tree that the device prints above one.
  if (/^[\w.@()-]+[>#]$|^\[edit/.test(verb)) return undefined
  const start = startOf(root, rest[0] ?? '', place)
  switch (verb) {
    case 'set':
      return set(start, rest, place)
    case 'delete':
    case 'move':
    case 'rename':
      return change(start, verb, rest, budget)
    default:
      return { why: `the command "${verb}" is not known` }
  }
}

/** Where the words of a command begin in the tree of the XML. */
function startOf(root: MadeElement, first: string, place: () => Span): MadeElement {
  if (first === 'shared' || first === 'readonly' || first === 'panorama' || first === 'mgt-config') return root
  const device = root.reach('devices', undefined, place).reach('entry', 'localhost.localdomain', place)
  if (wordsAbove.has(first) || first === 'network' || first === 'vsys' || first === 'deviceconfig') return device
  return device.reach('vsys', undefined, place).reach('entry', 'vsys1', place)
}

interface At {
  readonly element: MadeElement
  readonly schema: Schema
}

function set(start: MadeElement, words: readonly string[], place: () => Span): Refused | undefined {
  // Where a statement ends the next word may belong to what is around it, up to the entry.
  let open: At[] = [{ element: start, schema: setSchema }]
  let entry: MadeElement | undefined
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const holder = open.findLast(
      ({ schema }) => typeof schema === 'object' && Object.hasOwn(schema, word) && !isEntries(schema),
    )
    if (holder === undefined) {
      if (open.some(({ element }) => silentBelow.has(element.name))) return undefined
      return { why: `"${word}" is not known here`, ...(entry !== undefined && { rule: entry }) }
    }
    open = open.slice(0, open.indexOf(holder) + 1)
    const schema = (holder.schema as Readonly<Record<string, Schema>>)[word]
    if (schema === undefined || schema === 'skip') {
      const skipped = holder.element.reach(word, undefined, place)
      const next = words[at + 1]
      if (next !== undefined) skipped.reach(next, undefined, place).words ||= words[at + 2] ?? ''
      if (next !== undefined && skipped.words === '') skipped.words = next
      return undefined
    }
    const element = holder.element.reach(word, undefined, place)
    if (schema === 'value' || schema === 'list') {
      const { taken, next } = valuesFrom(words, at + 1)
      if (next === at + 1) return { why: `"${word}" has no value`, ...(entry !== undefined && { rule: entry }) }
      at = next - 1
      if (schema === 'value') element.words = taken[0] ?? ''
      else for (const value of taken) addMember(element, value, place)
    } else if (isEntries(schema)) {
      const name = words[at + 1]
      if (name === undefined) return undefined
      at += 1
      const found = element.reach('entry', name, place)
      entry = found
      if (schema.entries === 'skip') {
        const [kind, value] = words.slice(at + 1)
        if (kind !== undefined) found.reach(kind, undefined, place).words ||= value ?? ''
        if (kind !== undefined && value !== undefined)
          found.reach(kind, undefined, place).reach(value, undefined, place)
        return undefined
      }
      open = [{ element: found, schema: schema.entries }]
    } else open.push({ element, schema })
  }
  return undefined
}

function isEntries(schema: Schema): schema is { readonly entries: Schema } {
  return typeof schema === 'object' && Object.hasOwn(schema, 'entries')
}

function addMember(element: MadeElement, value: string, place: () => Span): void {
  element.reach('member', value, place).words = value
}

/** One value, or those in brackets. */
function valuesFrom(
  words: readonly string[],
  from: number,
): { readonly taken: readonly string[]; readonly next: number } {
  if (words[from] !== '[') return { taken: words.slice(from, from + 1), next: Math.min(words.length, from + 1) }
  const end = words.indexOf(']', from)
  const last = end === -1 ? words.length : end
  return { taken: words.slice(from + 1, last), next: Math.min(words.length, last + 1) }
}

function change(
  start: MadeElement,
  verb: 'delete' | 'move' | 'rename',
  words: readonly string[],
  budget: { left: number },
): Refused | undefined {
  const refused: Refused = { why: `what is to be changed by "${verb}" is not there` }
  // What is done stands in the last words: `to NAME`, `before NAME`, `top`; a rule has words of the same kind within.
  const tail = verb === 'delete' ? 0 : verb === 'move' && /^(top|bottom)$/.test(words.at(-1) ?? '') ? 1 : 2
  const path = words.slice(0, words.length - tail)
  const rest = words.slice(words.length - tail)
  let [parent, element]: [MadeElement | undefined, MadeElement] = [undefined, start]
  for (const word of path) {
    const next =
      element.byId.get(`${word}\n`) ?? element.byId.get(`entry\n${word}`) ?? element.byId.get(`member\n${word}`)
    // What is not there needs no deleting, as on the device.
    if (next === undefined) return verb === 'delete' ? undefined : refused
    parent = element
    element = next
  }
  if (parent === undefined) return refused
  budget.left -= parent.children.length
  if (budget.left < 0) return { why: 'too many changes of long lists' }
  const id = `${element.name}\n${element.entry ?? ''}`
  if (verb === 'delete') {
    parent.children = parent.children.filter((child) => child !== element)
    parent.byId.delete(id)
    return undefined
  }
  if (verb === 'rename') {
    const [to, name] = rest
    if (to !== 'to' || name === undefined) return refused
    const renamed = new MadeElement(element.name, name, element.place)
    for (const child of element.children) renamed.add(child)
    for (const [key, child] of element.byId) renamed.byId.set(key, child)
    parent.children = parent.children.map((child) => (child === element ? renamed : child))
    parent.byId.delete(id)
    parent.byId.set(`${element.name}\n${name}`, renamed)
    return undefined
  }
  const [where, other] = rest
  const others = parent.children.filter((child) => child !== element)
  const beside = others.findIndex((child) => child.entry === other)
  const position =
    where === 'top'
      ? 0
      : where === 'bottom'
        ? others.length
        : beside === -1
          ? -1
          : where === 'before'
            ? beside
            : where === 'after'
              ? beside + 1
              : -1
  if (position === -1) return refused
  parent.children = others.toSpliced(position, 0, element)
  return undefined
}

/** Lines, with those that a quote runs on to: descriptions may have several. */
function commandsIn(text: string): readonly { readonly index: number; readonly text: string }[] {
  const lines = [...text.matchAll(/[^\r\n]+/g)]
  const commands: { index: number; text: string }[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const [first, index] = [lines[at]?.[0] ?? '', lines[at]?.index ?? 0]
    let end = at
    let isOpen = hasOpenQuote(first, false)
    while (isOpen && end - at < mostLines && end + 1 < lines.length && !startsCommand.test(lines[end + 1]?.[0] ?? '')) {
      end += 1
      isOpen = hasOpenQuote(lines[end]?.[0] ?? '', isOpen)
    }
    const last = lines[isOpen ? at : end]
    const stop = (last?.index ?? index) + (last?.[0].length ?? first.length)
    commands.push({ index, text: text.slice(index, stop) })
    if (!isOpen) at = end
  }
  return commands
}

const mostLines = 50
const startsCommand = /^\s*(set|delete|move|rename)\s/

function hasOpenQuote(line: string, wasOpen: boolean): boolean {
  const quotes = line.replace(/\\./g, '').replace(/[^"]/g, '').length
  return (quotes % 2 === 1) !== wasOpen
}

/** Words of a line; quotes, single or double, hold blanks. */
function wordsOf(line: string): readonly string[] {
  const words: string[] = []
  for (const [, double, single, bare] of line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s"']\S*|["'])/g)) {
    const word = double ?? single ?? bare ?? ''
    words.push(double === undefined ? word : word.replace(/\\(.)/g, '$1'))
  }
  return words
}
