import type { UnreadStatement } from '../../source.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import type { Unknown } from '../../unknown.ts'

/** Notes what was not understood while one device is read; every other statement counts as understood. */
export interface Notes {
  /** Marks an element; the answer is what a rule that it bears on depends on. */
  unread(element: XmlTree, why: string): Unknown
  /** Marks the children of an entry whose names are not among the known ones. */
  strangers(entry: XmlTree, known: ReadonlySet<string>): readonly Unknown[]
  readonly marks: ReadonlyMap<XmlTree, UnreadStatement>
}

export function notes(): Notes {
  const marks = new Map<XmlTree, UnreadStatement>()
  const unread = (element: XmlTree, why: string): Unknown => {
    const span = element.span()
    if (!marks.has(element)) marks.set(element, { span, why })
    return { kind: 'unread', what: `a statement that is not understood: ${span.text}` }
  }
  return {
    unread,
    strangers: (entry, known) =>
      entry
        .elements()
        .flatMap((child) => (known.has(child.name) ? [] : [unread(child, `"${child.name}" is not known here`)])),
    marks,
  }
}

/** The name of an entry. */
export function nameOf(entry: XmlTree): string {
  return entry.attribute('name') ?? ''
}

/** The texts of `<member>` children; of an element with a text alone, that text. */
export function membersOf(element: XmlTree | undefined): readonly string[] {
  if (element === undefined) return []
  const members = element.elements('member')
  const text = element.text()
  return members.length === 0 && text !== '' ? [text] : members.map((member) => member.text())
}

/** Whether a switch is `yes`. */
export function isYes(element: XmlTree | undefined): boolean {
  return element?.text() === 'yes'
}
