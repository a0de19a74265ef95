import type { Unknown } from '../../unknown.ts'
import type { ConfigNode } from './configTree.ts'
import type { Statement } from './statements.ts'

/** Notes what was not understood while one device is read; every other statement counts as understood. */
export interface Noted {
  /** Marks a statement; the answer is what a rule that it bears on depends on. */
  unread(statement: Statement, why: string): Unknown
  /** Marks the settings of an entry whose names are not among the known ones. */
  strangers(node: ConfigNode, known: ReadonlySet<string>): readonly Unknown[]
  readonly marks: ReadonlyMap<Statement, string>
}

export function noted(): Noted {
  const marks = new Map<Statement, string>()
  const unread = (statement: Statement, why: string): Unknown => {
    if (!marks.has(statement)) marks.set(statement, why)
    return { kind: 'unread', what: `a statement that is not understood: ${statement.span().text}` }
  }
  return {
    unread,
    strangers: ({ settings }, known) =>
      [...settings].flatMap(([key, { statement }]) =>
        known.has(key) ? [] : [unread(statement, `the setting "${key}" is not known here`)],
      ),
    marks,
  }
}

/** The first value of a setting. */
export function firstOf(node: ConfigNode, key: string): string | undefined {
  return node.settings.get(key)?.values[0]
}

export function valuesOf(node: ConfigNode, key: string): readonly string[] {
  return node.settings.get(key)?.values ?? []
}

/** Whether a switch is on; absent: as the device has it by default. */
export function isOn(node: ConfigNode, key: string, otherwise = false): boolean {
  const value = firstOf(node, key)
  return value === undefined ? otherwise : value === 'enable'
}

/** Entries of a block that may not be there. */
export function entriesOf(scope: ConfigNode, block: string): readonly ConfigNode[] {
  const found = scope.blocks.get(block)
  return found === undefined ? [] : [...found.entries.values()]
}
