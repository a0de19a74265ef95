import type { CST, Document } from 'yaml'
import { Composer, isAlias, isMap, isNode, isScalar, isSeq, Lexer, Parser } from 'yaml'
import type { Remedy } from './configError.ts'
import { quoted } from './quoted.ts'
import { remedyOfYamlError } from './yamlErrors.ts'

/** A problem and the offset in the text (UTF-16 units) where it begins. */
export interface Problem extends Remedy {
  readonly offset: number
}

export type Path = readonly PropertyKey[]

/** A problem with a key, and the path that it has. */
export interface KeyProblem extends Problem {
  readonly path: Path
}

/** One YAML document as a value, with the way back from a path to the place in the text. */
export interface YamlFile {
  /** Mappings, lists, texts, numbers, booleans and null: never cyclic, keys are texts. */
  readonly value: unknown
  /** Keys that stand twice in their mapping, and keys that no mapping can have; `value` has the last of twins. */
  readonly problems: readonly KeyProblem[]
  /** The offset of a value or of its key; for what is absent, of the nearest thing around it that is there. */
  offsetOf(path: Path, on: 'key' | 'value'): number
}

/**
 * A site file is some five levels deep and has a few thousand tokens. Past these bounds no text is composed: the time
 * that nested flow collections take grows with a power of their depth.
 */
const deepest = 32
const mostTokens = 500_000
const mostAliases = 100

/**
 * Reads text that must be one YAML 1.2 document of plain data: no tags, aliases only as far as they are harmless. The
 * time grows with the text only.
 *
 * @returns the value, or the first problem that keeps the text from being read; never throws on any text
 */
export function parseYaml(text: string): YamlFile | { readonly problem: Problem } {
  const parsed = tokensOf(text)
  if ('problem' in parsed) return parsed
  const composer = new Composer({ stringKeys: true, uniqueKeys: false, logLevel: 'silent' })
  const [document, second] = composer.compose(parsed.tokens, true, text.length)
  if (document === undefined) return { problem: { offset: 0, ...remedyOfYamlError('IMPOSSIBLE', '') } }
  const [error] = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])
  if (error !== undefined) {
    // A quote that is not closed is missed at the end of the file, and to be mended where it was opened.
    const isOpenQuote = error.code === 'MISSING_CHAR' && /closing .quote/.test(error.message)
    const offset = (isOpenQuote ? parsed.lastQuote : undefined) ?? error.pos[0]
    return { problem: { offset, ...remedyOfYamlError(error.code, error.message) } }
  }
  if (second !== undefined) {
    return { problem: { offset: second.range[0], ...remedyOfYamlError('MULTIPLE_DOCS', '') } }
  }
  const { problems, badAlias } = walk(document)
  if (badAlias !== undefined) return { problem: badAlias }
  try {
    const value: unknown = document.toJS({ maxAliasCount: mostAliases })
    return { value, problems, offsetOf: offsetsIn(document) }
  } catch (thrown) {
    // The library throws this where aliases would make a small text a huge value.
    if (!(thrown instanceof ReferenceError)) throw thrown
    return { problem: { offset: parsed.firstAlias ?? 0, ...tooManyAliases } }
  }
}

const tooManyAliases: Remedy = {
  what: 'aliases repeat more than a file can want',
  right: 'write the values out',
}

interface Tokens {
  readonly tokens: readonly CST.Token[]
  /** Offsets of the first alias and of the last text in quotes. */
  readonly firstAlias: number | undefined
  readonly lastQuote: number | undefined
}

/** Everything that makes composing dear is found here, where each token costs the same. */
function tokensOf(text: string): Tokens | { readonly problem: Problem } {
  const lexer = new Lexer()
  const parser = new Parser()
  const tokens: CST.Token[] = []
  const aliases: number[] = []
  let lexemes = 0
  let lastQuote: number | undefined
  let isContent = false
  for (const lexeme of lexer.lex(text)) {
    const offset = parser.offset
    lexemes += 1
    if (lexemes > mostTokens) {
      const what = `the file has more than ${mostTokens} YAML tokens`
      return { problem: { offset, what, right: 'a site file has some thousands: is it the right file?' } }
    }
    if (!isContent && lexeme.startsWith('!')) {
      // Not repeated: it may be a password that begins with this character.
      const right = 'a site file needs none: leave it out, or put a text that begins with ! in quotes'
      return { problem: { offset, what: 'a tag (!) stands before the value', right } }
    }
    if (!isContent && /^["']/.test(lexeme)) lastQuote = offset
    if (!isContent && lexeme.startsWith('*')) aliases.push(offset)
    if (aliases.length > mostAliases) return { problem: { offset, ...tooManyAliases } }
    // The lexer announces what a scalar consists of, which may begin with anything, by this mark.
    isContent = lexeme === '\u001f'
    for (const token of parser.next(lexeme)) tokens.push(token)
    if (parser.stack.length > deepest) {
      const what = `values are nested more than ${deepest} deep`
      return { problem: { offset, what, right: 'a site file has some five levels: close the brackets above' } }
    }
  }
  for (const token of parser.end()) tokens.push(token)
  return { tokens, firstAlias: aliases[0], lastQuote }
}

function walk(document: Document): { problems: KeyProblem[]; badAlias?: Problem } {
  const problems: KeyProblem[] = []
  let badAlias: Problem | undefined
  const visit = (node: unknown, path: Path, around: readonly unknown[]): void => {
    const within = [...around, node]
    if (isAlias(node)) {
      const meant = node.resolve(document)
      // An alias of what it stands in would be a value that holds itself.
      if (meant !== undefined && !around.includes(meant)) return
      badAlias ??= { offset: startOf(node) ?? 0, ...remedyOfYamlError('BAD_ALIAS', '') }
    } else if (isSeq(node)) {
      for (const [at, item] of node.items.entries()) visit(item, [...path, at], within)
    } else if (isMap(node)) {
      const keys = new Set<string>()
      for (const { key, value } of node.items) {
        const name = keyText(key)
        const here = { offset: startOf(key) ?? 0, path: [...path, name] }
        if (keys.has(name)) {
          const what = `the key ${quoted(name)} stands here a second time`
          problems.push({ ...here, what, right: 'each key stands once: put the two together, or rename one' })
        } else if (name === '__proto__') {
          problems.push({ ...here, what: `${quoted(name)} can be no key`, right: 'choose another name' })
        }
        keys.add(name)
        visit(value, here.path, within)
      }
    }
  }
  visit(document.contents, [], [])
  return { problems, ...(badAlias !== undefined && { badAlias }) }
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : ''
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}

interface Entry {
  readonly key: unknown
  readonly value: unknown
}

/** Mappings are indexed when they are first asked about: a file with many errors must not be searched anew for each. */
function offsetsIn(document: Document): YamlFile['offsetOf'] {
  const indexes = new WeakMap<object, ReadonlyMap<string, Entry>>()
  const entriesOf = (map: { readonly items: readonly Entry[] }): ReadonlyMap<string, Entry> => {
    const known = indexes.get(map)
    if (known !== undefined) return known
    const index = new Map(map.items.map((entry) => [keyText(entry.key), entry]))
    indexes.set(map, index)
    return index
  }
  return (path, on) => {
    let node: unknown = document.contents
    let keyOffset: number | undefined
    let offset = startOf(node) ?? 0
    for (const [index, step] of path.entries()) {
      if (isAlias(node)) node = node.resolve(document)
      if (isMap(node)) {
        const entry = entriesOf(node).get(String(step))
        if (entry === undefined) return offset
        keyOffset = startOf(entry.key)
        node = entry.value
      } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
        keyOffset = undefined
        node = node.items[step]
      } else {
        return offset
      }
      const isLast = index === path.length - 1
      const isEmpty = isScalar(node) && node.range != null && node.range[0] === node.range[1]
      const start = (isLast && on === 'key') || isEmpty || !isNode(node) ? keyOffset : undefined
      offset = start ?? startOf(node) ?? keyOffset ?? offset
    }
    return offset
  }
}
