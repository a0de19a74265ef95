import type { Reader, Reading } from '../../reader.ts'
import type { ConfigurationFile, UnreadStatement } from '../../source.ts'
import { countStatements } from '../../text/statements.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import { readXml } from '../../text/xmlTree.ts'
import type { Unknown } from '../../unknown.ts'
import type { Notes } from './notes.ts'
import { notes as newNotes } from './notes.ts'
import { systemRuleSet, unwrittenRuleSet } from './ruleSets.ts'
import { readSetCommands } from './setTree.ts'
import { systemsOf } from './systems.ts'

export { write } from './write.ts'

/**
 * Reads PAN-OS and Panorama: the running configuration as XML, an answer of the XML API, or `set` commands. Several
 * files are parts of one device, except that a Panorama and its firewalls give rule sets of their own.
 */
export const read: Reader = (files, hints): Reading => {
  const notes = newNotes()
  const counted = countStatements()
  const doubts: Unknown[] = []
  const roots: XmlTree[] = []
  const commands = files.filter((file) => !isXml(file))
  if (commands.length > 0) {
    const joined = {
      name: commands[0]?.name ?? '',
      text: commands.map(({ text }) => text.replace(/^\uFEFF/, '')).join('\n'),
    }
    const { root, statements, unread } = readSetCommands(joined)
    counted.understood(statements - unread.length)
    for (const { span, why, isRule } of unread) {
      counted.unread(span, why)
      if (!isRule) doubt(doubts, { span, why })
    }
    if (statements > unread.length) roots.push(root)
  }
  for (const file of files.filter(isXml)) {
    const found = readXml(withoutPrompt(file))
    if ('fault' in found) {
      counted.unread(found.fault.span, found.fault.why)
      doubt(doubts, found.fault)
    } else roots.push(found.ok)
  }
  const systems = systemsOf(roots, files[0]?.name ?? 'palo-alto', notes)
  // Device groups inherit, and each is a rule set of its own: many groups of a few words under long lists are told apart
  // up to a bound only.
  let written = 0
  const ruleSets = systems.systems.map((system) => {
    const all = [...doubts, ...systems.doubts].slice(0, mostDoubts)
    const made = written > mostRules ? unwrittenRuleSet(system, all) : systemRuleSet(system, hints, notes, all)
    written += Object.values(made.chains).reduce((sum, chain) => sum + chain.length, 0)
    return made
  })
  count(roots, notes, counted)
  return { ruleSets, coverage: counted.coverage() }
}

/** Rules of all systems together that are written out; the next system is one of which nothing is known. */
const mostRules = 300_000

/** Doubts that are told beside every verdict: the rest stands in the coverage. */
const mostDoubts = 20

function doubt(doubts: Unknown[], { span }: UnreadStatement): void {
  if (doubts.length < mostDoubts)
    doubts.push({ kind: 'unread', what: `a statement that is not understood: ${span.text}` })
}

function isXml({ text }: ConfigurationFile): boolean {
  return /^[\uFEFF\s]*</.test(text) || /^[ \t]*<(config|response|rulebase|\?xml)\b/m.test(text.slice(0, 4096))
}

/** What stands on the screen before and after an answer becomes blanks, so that every place stays. */
function withoutPrompt({ name, text }: ConfigurationFile): ConfigurationFile {
  const start = Math.max(0, text.search(/<(\?xml|config|response|rulebase|vsys|devices|rules|security|entry)\b/))
  const end = text.indexOf('>', text.lastIndexOf('</')) + 1
  const blank = (part: string): string => part.replace(/[^\r\n]/g, ' ')
  return {
    name,
    text:
      /^[\uFEFF\s]*</.test(text) && end === text.trimEnd().length
        ? text
        : blank(text.slice(0, start)) + text.slice(start, end) + blank(text.slice(end)),
  }
}

/** A statement of the XML is an entry: a rule, an object, an interface. Lines of commands were counted as they were read. */
function count(roots: readonly XmlTree[], { marks }: Notes, counted: ReturnType<typeof countStatements>): void {
  const isOfXml = (element: XmlTree): boolean => element.span().path !== undefined
  let entries = 0
  const stack = roots.filter(isOfXml)
  for (let element = stack.pop(); element !== undefined; element = stack.pop()) {
    if (element.name === 'entry') entries += 1
    for (const child of element.elements()) stack.push(child)
  }
  let marked = 0
  for (const [element, { span, why }] of marks) {
    // A line of commands that is not understood was told when it was read.
    if (element.name === 'not understood') continue
    counted.unread(span, why)
    // What is told of an entry stands in place of it.
    if (isOfXml(element)) marked += 1
    else counted.understood(-1)
  }
  counted.understood(Math.max(0, entries - marked))
}
