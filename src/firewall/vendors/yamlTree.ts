import type { CST, Node } from 'yaml'
import { Composer, isAlias, isCollection, isMap, isScalar, isSeq, Parser } from 'yaml'
import type { ConfigurationFile, UnreadStatement } from '../source.ts'
import type { JsonValue } from '../text/jsonTree.ts'
import { readJson } from '../text/jsonTree.ts'
import type { PlacesIn } from '../text/placesIn.ts'
import { placesIn } from '../text/placesIn.ts'

/** What came of a text of YAML documents: those that were read, and those that were not, with their places. */
export interface YamlRead {
  readonly documents: readonly JsonValue[]
  readonly faults: readonly UnreadStatement[]
}

/** Collections within each other that are read: the composer recurses. */
const deepest = 256

/** UTF-16 units of a text in braces that nobody writes by hand. */
const longestFlow = 65_536

/** What aliases may make of a document, in values for each value that is written. */
const mostExpansion = 10

/**
 * Reads a stream of YAML 1.2 documents, or one JSON text, into values that know their places. A local tag becomes
 * what it stands for in CloudFormation's long form: `!Ref a` is `{ Ref: a }`, `!Sub a` is `{ 'Fn::Sub': a }`. Merge
 * keys (`<<`) are followed, and of a key that stands twice the last counts. Never throws; a document that is no YAML,
 * that is nested deeper than 256, or that its aliases would blow up, is a fault, and the others are read.
 */
export function readYaml(file: ConfigurationFile): YamlRead {
  const start = file.text.replace(/^\uFEFF/, '').trimStart()
  if (start.startsWith('{') || start.startsWith('[')) {
    const json = readJson(file)
    if ('ok' in json) return { documents: [json.ok], faults: [] }
    // What begins like JSON and is none may still be YAML in flow style, or several JSON texts divided by `---`. A long one
    // is an export that was cut, of which the composer would make a fault for every line.
    if (start.length > longestFlow && !/^---/m.test(start)) return { documents: [], faults: [json.fault] }
  }
  const places = placesIn(file)
  const fault = (offset: number, why: string): UnreadStatement => ({
    span: places.span(offset, Math.min(file.text.length, offset + 80)),
    why,
  })
  const tokens = tokensOf(file.text)
  if (tokens === undefined) return { documents: [], faults: [fault(0, `nested more than ${deepest} deep`)] }
  const documents: JsonValue[] = []
  const faults: UnreadStatement[] = []
  // A document with its directives and marks at a time, so that one that is too deep does not take the others along.
  const kept: CST.Token[] = []
  for (const token of tokens) {
    const tooDeep = depthBeyond(token, deepest)
    if (tooDeep === undefined) kept.push(token)
    else faults.push(fault(tooDeep, `nested more than ${deepest} deep`))
  }
  const composer = new Composer({ uniqueKeys: false, strict: false, logLevel: 'silent', keepSourceTokens: false })
  for (const document of composer.compose(kept)) {
    const [error] = document.errors
    if (error !== undefined) {
      faults.push(fault(error.pos[0], `no YAML: ${(error.message.split('\n')[0] ?? '').replace(/ at line \d.*$/, '')}`))
      continue
    }
    const root = document.contents
    if (root === null || (isScalar(root) && root.value === null)) continue
    const aliases = aliasesOf(root)
    if ('targets' in aliases) documents.push(jsonValueOf(root, '', { targets: aliases.targets, places }))
    else faults.push(fault(aliases.offset, aliases.why))
  }
  return { documents, faults }
}

/** Undefined where so much is open on one line that the parser, which closes it by recursion, runs out of stack. */
function tokensOf(text: string): readonly CST.Token[] | undefined {
  try {
    // A lone carriage return ends a line in YAML 1.2 §5.4, not to the library; the text keeps its length.
    return [...new Parser().parse(text.replace(/\r(?!\n)/g, '\n'))]
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

interface Context {
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Node, Node>
  readonly places: PlacesIn
}

function jsonValueOf(given: Node, pointer: string, context: Context, untagged = false): JsonValue {
  const node = context.targets.get(given) ?? given
  const tag = untagged || isAlias(node) ? undefined : localTag(node.tag)
  if (tag !== undefined) return tagged(tag, node, pointer, context)
  let members: ReadonlyMap<string, JsonValue> | undefined
  let elements: readonly JsonValue[] | undefined
  const scalar = isScalar(node) ? scalarOf(node.value) : undefined
  return {
    kind: isMap(node) ? 'object' : isSeq(node) ? 'array' : kindOf(scalar),
    scalar: isCollection(node) ? undefined : (scalar ?? null),
    member: (name) => {
      members ??= membersOf(node, pointer, context)
      return members.get(name)
    },
    names: () => {
      members ??= membersOf(node, pointer, context)
      return [...members.keys()]
    },
    elements: () => {
      elements ??= isSeq<Node>(node) ? node.items.map((item, at) => jsonValueOf(item, `${pointer}/${at}`, context)) : []
      return elements
    },
    text: () => (typeof scalar === 'string' ? scalar : undefined),
    number: () => numberOf(scalar),
    span: () => spanOf(given, pointer, context),
  }
}

/** `!Ref X` as `{ Ref: X }`: one object around the value that the tag stands before. */
function tagged(name: string, node: Node, pointer: string, context: Context): JsonValue {
  const key = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`
  const inner = jsonValueOf(node, `${pointer}/${key}`, context, true)
  return {
    kind: 'object',
    scalar: undefined,
    member: (asked) => (asked === key ? inner : undefined),
    names: () => [key],
    elements: () => [],
    text: () => undefined,
    number: () => undefined,
    span: () => spanOf(node, pointer, context),
  }
}

function membersOf(node: Node, pointer: string, context: Context): ReadonlyMap<string, JsonValue> {
  const members = new Map<string, JsonValue>()
  const merged: JsonValue[] = []
  if (!isMap<Node, Node | null>(node)) return members
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : undefined
    if (name === undefined || value === null) continue
    const member = jsonValueOf(value, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, context)
    if (name === '<<') for (const one of member.kind === 'array' ? member.elements() : [member]) merged.push(one)
    else members.set(name, member)
  }
  // The map's own keys win over merged ones, and earlier merged maps over later ones.
  for (const source of merged) {
    for (const name of source.names()) {
      const member = source.member(name)
      if (member !== undefined && !members.has(name)) members.set(name, member)
    }
  }
  return members
}

function spanOf(node: Node, pointer: string, { places }: Context) {
  const [start, end] = node.range ?? [0, 0]
  return places.span(start, end, pointer)
}

function localTag(tag: string | undefined): string | undefined {
  return tag !== undefined && /^![A-Za-z]\w*$/.test(tag) ? tag.slice(1) : undefined
}

function scalarOf(value: unknown): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return value === null || value === undefined ? null : String(value)
}

function kindOf(scalar: string | number | boolean | null | undefined): JsonValue['kind'] {
  if (typeof scalar === 'string') return 'string'
  if (typeof scalar === 'number') return 'number'
  return typeof scalar === 'boolean' ? 'boolean' : 'null'
}

function numberOf(scalar: string | number | boolean | null | undefined): number | undefined {
  if (typeof scalar === 'number') return Number.isFinite(scalar) ? scalar : undefined
  return typeof scalar === 'string' && /^\s*-?\d{1,15}(\.\d+)?\s*$/.test(scalar) ? Number(scalar) : undefined
}

/** The offset at which a token's collections stand deeper than a limit; told without recursion. */
function depthBeyond(token: CST.Token, limit: number): number | undefined {
  const waiting: { readonly token: CST.Token; readonly depth: number }[] = [{ token, depth: 0 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.depth > limit) return 'offset' in next.token ? next.token.offset : 0
    const depth = next.depth + 1
    if ('value' in next.token && next.token.value !== undefined) waiting.push({ token: next.token.value, depth })
    if (!('items' in next.token)) continue
    for (const { key, value } of next.token.items) {
      if (key !== null && key !== undefined) waiting.push({ token: key, depth })
      if (value !== undefined) waiting.push({ token: value, depth })
    }
  }
  return undefined
}

/**
 * What the aliases of a document stand for; or where they lead in a circle, nowhere, or to more values than its length
 * warrants. In the order of the text, because an anchor holds from where it stands (YAML 1.2.2 §3.2.2.2).
 */
function aliasesOf(root: Node): { readonly targets: ReadonlyMap<Node, Node> } | { offset: number; why: string } {
  const targets = new Map<Node, Node>()
  const anchors = new Map<string, Node>()
  const sizes = new Map<Node, number>()
  let written = 0
  let found: { offset: number; why: string } | undefined
  const sizeOf = (node: unknown): number => {
    if (!isAlias(node) && !isScalar(node) && !isCollection(node)) return 0
    const offset = node.range?.[0] ?? 0
    written += 1
    if (isAlias(node)) {
      const target = anchors.get(node.source)
      const size = target === undefined ? undefined : sizes.get(target)
      // An anchor whose size is not known yet is one that the alias stands within.
      if (target === undefined || size === undefined) {
        found ??= { offset, why: `the alias "*${node.source}" leads nowhere, or into itself` }
        return 1
      }
      targets.set(node, target)
      return size
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, node)
    let size = 1
    if (isMap(node)) for (const { key, value } of node.items) size += sizeOf(key) + sizeOf(value)
    if (isSeq(node)) for (const item of node.items) size += sizeOf(item)
    sizes.set(node, size)
    return size
  }
  const size = sizeOf(root)
  if (found !== undefined) return found
  if (size <= mostExpansion * written + 10_000) return { targets }
  return { offset: root.range?.[0] ?? 0, why: `its aliases make ${size} values of the ${written} that are written` }
}
