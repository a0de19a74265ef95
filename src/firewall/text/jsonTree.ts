import type { Node, ParseError } from 'jsonc-parser'
import { parseTree, printParseErrorCode } from 'jsonc-parser'
import type { ConfigurationFile, Span } from '../source.ts'
import type { PlacesIn } from './placesIn.ts'
import { placesIn } from './placesIn.ts'

/** A value of a JSON text that knows where it stands. */
export interface JsonValue {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'
  /** Its value where it is a string, number, boolean or null. */
  readonly scalar: string | number | boolean | null | undefined
  /** Members of an object in their order; of a name that stands twice the last counts (RFC 8259 §4). */
  member(name: string): JsonValue | undefined
  /** Names of an object's members; empty for other values. */
  names(): readonly string[]
  /** Elements of an array; empty for other values. */
  elements(): readonly JsonValue[]
  /** The text of a string; undefined for other values. */
  text(): string | undefined
  /** The value of a finite number, or of a string that is nothing but one; undefined for other values. */
  number(): number | undefined
  /** Place and beginning of the value, with its RFC 6901 pointer. */
  span(): Span
}

export type JsonRead = { readonly ok: JsonValue } | { readonly fault: { readonly span: Span; readonly why: string } }

/** Objects and lists within each other that are read: no vendor's export has a tenth of it, and the parser recurses. */
const deepest = 256

/**
 * Reads JSON text (RFC 8259), a byte order mark allowed, into values with places. Never throws.
 *
 * @returns where and why it is no JSON, or is nested deeper than 256
 */
export function readJson(file: ConfigurationFile): JsonRead {
  const places = placesIn(file)
  const fault = (offset: number, why: string): JsonRead => ({
    fault: { span: places.span(offset, Math.min(file.text.length, offset + 80)), why },
  })
  const tooDeep = depthBeyond(file.text, deepest)
  if (tooDeep !== undefined) return fault(tooDeep, `nested more than ${deepest} deep`)
  const errors: ParseError[] = []
  // A blank in its place keeps every offset.
  const root = parseTree(file.text.replace(/^\uFEFF/, ' '), errors, {
    disallowComments: true,
    allowTrailingComma: false,
  })
  const [error] = errors
  if (error !== undefined) return fault(error.offset, `no JSON: ${wordsOf(printParseErrorCode(error.error))}`)
  if (root === undefined) return fault(0, 'no JSON: there is no value')
  return { ok: new Value(root, places, undefined, '') }
}

/** A class, and its pointer put together when it is asked for: an export of 20,000 rules has a million values. */
class Value implements JsonValue {
  readonly #node: Node
  readonly #places: PlacesIn
  readonly #within: Value | undefined
  /** The name or position that leads here from the value around it. */
  readonly #step: string | number
  #members: ReadonlyMap<string, Value> | undefined
  #elements: readonly Value[] | undefined

  constructor(node: Node, places: PlacesIn, within: Value | undefined, step: string | number) {
    this.#node = node
    this.#places = places
    this.#within = within
    this.#step = step
  }

  get kind(): JsonValue['kind'] {
    const { type } = this.#node
    return type === 'property' ? 'null' : type
  }

  get scalar(): JsonValue['scalar'] {
    const { type, value } = this.#node
    return type === 'object' || type === 'array' ? undefined : (value as string | number | boolean | null)
  }

  member(name: string): JsonValue | undefined {
    return this.#named().get(name)
  }

  names(): readonly string[] {
    return [...this.#named().keys()]
  }

  elements(): readonly JsonValue[] {
    const { type, children = [] } = this.#node
    if (type !== 'array') return []
    this.#elements ??= children.map((child, at) => new Value(child, this.#places, this, at))
    return this.#elements
  }

  text(): string | undefined {
    return this.#node.type === 'string' ? String(this.#node.value) : undefined
  }

  number(): number | undefined {
    return numberOf(this.#node)
  }

  span(): Span {
    const { offset, length } = this.#node
    return this.#places.span(offset, offset + length, this.#pointer())
  }

  #named(): ReadonlyMap<string, Value> {
    if (this.#node.type !== 'object') return nothing
    if (this.#members !== undefined) return this.#members
    const members = new Map<string, Value>()
    for (const { children: [key, value] = [] } of this.#node.children ?? []) {
      if (key === undefined || value === undefined) continue
      const name = String(key.value)
      members.set(name, new Value(value, this.#places, this, name))
    }
    this.#members = members
    return members
  }

  #pointer(): string {
    return this.#within === undefined ? '' : `${this.#within.#pointer()}/${escaped(String(this.#step))}`
  }
}

const nothing: ReadonlyMap<string, Value> = new Map()

function numberOf({ type, value }: Node): number | undefined {
  if (type === 'number') return Number.isFinite(value) ? Number(value) : undefined
  return type === 'string' && /^\s*-?\d{1,15}(\.\d+)?\s*$/.test(String(value)) ? Number(value) : undefined
}

/** RFC 6901 §3. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function wordsOf(code: string): string {
  return code.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim()
}

/** The offset at which brackets outside of strings stand deeper than a limit. */
function depthBeyond(text: string, limit: number): number | undefined {
  let depth = 0
  let isString = false
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (isString) {
      if (unit === 0x5c) at += 1
      else if (unit === 0x22) isString = false
    } else if (unit === 0x22) isString = true
    else if (unit === 0x7b || unit === 0x5b) {
      depth += 1
      if (depth > limit) return at
    } else if (unit === 0x7d || unit === 0x5d) depth -= 1
  }
  return undefined
}
