import type { ConfigurationFile, Span } from '../../source.ts'
import { placesIn } from '../../text/placesIn.ts'

/** One statement of a configuration: the words that lead to it. */
export interface Statement {
  readonly words: readonly string[]
  readonly span: Span
}

/** What came of a text. */
export interface Statements {
  readonly statements: readonly Statement[]
  /** Where braces do not close, or something stands that is no statement. */
  readonly broken: readonly { readonly span: Span; readonly why: string }[]
}

/** Blocks within each other; Junos has some twenty. */
const deepest = 64

/**
 * Reads both forms that Junos writes: `set` commands (with `delete` and `deactivate`) and blocks in braces. What is
 * inactive is left out; a list in brackets is one statement a value, as `display set` has it.
 */
export function junosStatements(file: ConfigurationFile): Statements {
  return /^[ \t]*(set|delete|deactivate|activate)\s/m.test(file.text) && !/[{}]/.test(file.text.slice(0, 4096))
    ? setStatements(file)
    : bracedStatements(file)
}

const token = /\/\*[\s\S]*?(?:\*\/|$)|#[^\r\n]*|"(?:[^"\\]|\\[\s\S])*"|[{};[\]]|[^\s{};[\]"#]+/g

function setStatements(file: ConfigurationFile): Statements {
  const places = placesIn(file)
  const found = new StatementTree()
  const broken: Statements['broken'][number][] = []
  for (const match of file.text.replace(/^\uFEFF/, ' ').matchAll(/[^\r\n]+/g)) {
    const line = match[0].trim()
    if (line === '' || line.startsWith('#')) continue
    const words = line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []
    const [command, ...rest] = words.map(unquoted)
    const start = match.index + match[0].indexOf(line)
    const span = places.span(start, start + line.length)
    if (command === 'set') for (const one of listed(rest)) found.add({ words: one, span })
    else if (command === 'delete' || command === 'deactivate') found.drop(rest)
    else broken.push({ span, why: `"${command ?? ''}" is no command of a configuration` })
  }
  return { statements: found.statements(), broken }
}

/** Words below a path, and the statements that end there. */
interface Branch {
  readonly below: Map<string, Branch>
  readonly statements: Statement[]
}

/** Statements by their words, so that what stands below a path is dropped without a look at the others. */
class StatementTree {
  readonly #kept = new Set<Statement>()
  readonly #root: Branch = { below: new Map(), statements: [] }

  add(statement: Statement): void {
    let at = this.#root
    for (const word of statement.words) {
      const next = at.below.get(word) ?? { below: new Map(), statements: [] }
      at.below.set(word, next)
      at = next
    }
    at.statements.push(statement)
    this.#kept.add(statement)
  }

  /** Drops what begins with these words: without any, everything. */
  drop(words: readonly string[]): void {
    let at: Branch | undefined = this.#root
    for (const word of words) {
      at = at.below.get(word)
      if (at === undefined) return
    }
    const left: Branch[] = [at]
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      for (const statement of one.statements) this.#kept.delete(statement)
      for (const branch of one.below.values()) left.push(branch)
    }
    // What is gone is not gone through again.
    at.below.clear()
    at.statements.length = 0
  }

  /** What is left, in the order in which it was added. */
  statements(): readonly Statement[] {
    return [...this.#kept]
  }
}

/** `[ a b ]` at the end of a command: one statement a value. */
function listed(words: readonly string[]): readonly (readonly string[])[] {
  const open = words.indexOf('[')
  if (open === -1) return [words]
  const values = words.slice(open + 1, words.indexOf(']') === -1 ? undefined : words.indexOf(']'))
  return values.map((value) => [...words.slice(0, open), value])
}

function bracedStatements(file: ConfigurationFile): Statements {
  const places = placesIn(file)
  const statements: Statement[] = []
  const broken: Statements['broken'][number][] = []
  const path: { readonly words: readonly string[]; readonly isInactive: boolean }[] = []
  let words: string[] = []
  let list: string[] | undefined
  let start = 0
  const emit = (end: number): void => {
    const above = path.flatMap((block) => block.words)
    const isInactive = path.some((block) => block.isInactive) || words[0] === 'inactive:'
    const span = places.span(start, end)
    const own = words.filter((word) => word !== 'inactive:' && word !== 'protect:' && word !== 'replace:')
    if (!isInactive && own.length + (list?.length ?? 0) > 0) {
      for (const value of list ?? [undefined]) {
        statements.push({ words: [...above, ...own, ...(value === undefined ? [] : [value])], span })
      }
    }
    words = []
    list = undefined
  }
  let isInList = false
  for (const match of file.text.replace(/^\uFEFF/, ' ').matchAll(token)) {
    const [text] = match
    if (text.startsWith('/*') || text.startsWith('#')) continue
    const end = match.index + text.length
    if (words.length === 0 && list === undefined) start = match.index
    switch (text) {
      case '{':
        if (path.length >= deepest) {
          broken.push({ span: places.span(start, end), why: `blocks are nested more than ${deepest} deep` })
          return { statements, broken }
        }
        path.push({ words: words.filter((word) => !word.endsWith(':')), isInactive: words[0] === 'inactive:' })
        words = []
        break
      case '}':
        if (words.length > 0) emit(end)
        if (path.pop() === undefined)
          broken.push({ span: places.span(match.index, end), why: 'a brace closes nothing' })
        break
      case '[':
        if (list !== undefined) broken.push({ span: places.span(start, end), why: 'one list stands behind another' })
        isInList = true
        list = []
        break
      case ']':
        isInList = false
        break
      case ';':
        emit(end)
        break
      default:
        if (isInList) list?.push(unquoted(text))
        else words.push(unquoted(text))
    }
  }
  if (words.length > 0 || list !== undefined) emit(file.text.length)
  if (path.length > 0) {
    broken.push({
      span: places.span(Math.max(0, file.text.length - 1), file.text.length),
      why: 'the text ends within a block',
    })
  }
  return { statements, broken }
}

function unquoted(text: string): string {
  return text.startsWith('"')
    ? text.slice(1, text.endsWith('"') && text.length > 1 ? -1 : undefined).replaceAll(/\\(.)/g, '$1')
    : text
}
