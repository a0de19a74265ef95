import type { ConfigurationFile } from '../../source.ts'
import { placesIn } from '../../text/placesIn.ts'
import type { Cursor } from './cursor.ts'
import { cursorOver } from './cursor.ts'
import type { Definitions } from './definitions.ts'
import { noDefinitions } from './definitions.ts'
import type { Document } from './document.ts'
import { parseCommand } from './parseCommand.ts'
import { parseDefinition } from './parseDefinition.ts'
import { skipRule } from './parseRule.ts'
import { parseTable } from './parseTable.ts'
import { tokensOf } from './tokens.ts'

/** `nft` itself goes no deeper. */
const deepestInclude = 16

/** Reads scripts in the order given; one that another includes is read where it is included, with its definitions. */
export function parseScripts(files: readonly ConfigurationFile[], document: Document): void {
  const scripts = files.map((file) => ({ file, tokens: tokensOf(file.text) }))
  const includedBy = new Set(
    scripts.flatMap(({ file, tokens }) =>
      tokens.flatMap((token, at) =>
        token.text === 'include' && tokens[at + 1]?.kind === 'string'
          ? filesFor(tokens[at + 1]?.text ?? '', files).filter((other) => other !== file)
          : [],
      ),
    ),
  )
  // Files that include each other in a ring have no first one: then each is read by itself.
  const first = files.filter((file) => !includedBy.has(file))
  const read = (file: ConfigurationFile, definitions: Definitions, above: readonly ConfigurationFile[]): void => {
    const tokens = scripts.find((script) => script.file === file)?.tokens ?? []
    const cursor = cursorOver(tokens, placesIn(file), file.text, definitions)
    if (file.text.startsWith('#!')) document.isScript = true
    while (!cursor.atEnd()) {
      const before = cursor.mark()
      if (cursor.is('include') && cursor.peek(1).kind === 'string') {
        include(cursor, document, files, above, (other) => read(other, definitions, [...above, file]))
      } else parseTop(cursor, document)
      if (cursor.mark() === before) cursor.next()
    }
  }
  for (const file of first.length === 0 ? files : first) read(file, noDefinitions(), [])
}

/** Files that a path or pattern means, by their names as they were given: the folder may be another here. */
function filesFor(pattern: string, files: readonly ConfigurationFile[]): readonly ConfigurationFile[] {
  const baseOf = (path: string): string => path.split(/[/\\]/).at(-1) ?? path
  const base = baseOf(pattern)
  const fits = new RegExp(
    `^${base
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replace(/\?/g, '.')}$`,
  )
  return files.filter(({ name }) => fits.test(baseOf(name))).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function include(
  cursor: Cursor,
  document: Document,
  files: readonly ConfigurationFile[],
  above: readonly ConfigurationFile[],
  read: (file: ConfigurationFile) => void,
): void {
  const mark = cursor.mark()
  cursor.next()
  const pattern = cursor.next().text
  const span = cursor.span(mark)
  document.isScript = true
  const found = filesFor(pattern, files)
  const open = found.filter((file) => !above.includes(file))
  if (found.length === 0) {
    document.statements.unread(span, 'the included file was not given')
    document.doubts.push({ kind: 'unread', what: `what the included file ${pattern} says` })
  } else if (open.length < found.length || above.length >= deepestInclude) {
    document.statements.unread(span, 'files include each other')
    document.doubts.push({ kind: 'unread', what: `a file that includes itself: ${pattern}` })
  } else {
    document.statements.understood()
    for (const file of open) read(file)
  }
}

const commands = new Set(
  'add create insert replace delete destroy flush rename reset list export monitor describe import'.split(' '),
)

function parseTop(cursor: Cursor, document: Document): void {
  const token = cursor.peek()
  if (token.kind === 'newline' || cursor.is(';') || token.kind === 'handle') {
    cursor.next()
    return
  }
  if (cursor.is('define') || cursor.is('redefine')) parseDefinition(cursor, document)
  else if (cursor.is('undefine')) {
    cursor.next()
    cursor.definitions.delete(cursor.next().text)
    document.statements.understood()
  } else if (cursor.is('table')) {
    cursor.next()
    parseTable(cursor, document)
  } else if (token.kind === 'word' && commands.has(token.text)) {
    document.isScript = true
    parseCommand(cursor, document)
  } else {
    const mark = cursor.mark()
    cursor.next()
    skipRule(cursor)
    const span = cursor.span(mark)
    // A bracket too many is no statement of its own.
    if (token.text === '}') document.statements.unread(span, 'a bracket closes what none opened')
    else {
      document.statements.unread(span, `"${token.text}" is no command of nft`)
      document.doubts.push({ kind: 'unread', what: `what line ${span.line} of ${span.file} says` })
    }
  }
}
