import type { Statement } from './statements.ts'

/** What `set` gave to one name, after every `append`, `unselect` and `unset`. */
export interface Setting {
  readonly values: string[]
  readonly statement: Statement
}

/** A block (`config …`) or one of its entries (`edit …`). */
export interface ConfigNode {
  /** `firewall policy` for a block, the name or number for an entry. */
  readonly name: string
  readonly statement: Statement
  readonly settings: Map<string, Setting>
  /** In the order that the device has, by `move` and `delete` too. */
  readonly entries: Map<string, ConfigNode>
  readonly blocks: Map<string, ConfigNode>
}

export interface ConfigTree {
  readonly root: ConfigNode
  /** Statements that no place in the tree has, with the reason. */
  readonly unread: readonly { readonly statement: Statement; readonly why: string; readonly within: string }[]
}

/** Builds the tree that commands make on a device, one after another: full configurations, pieces of them, and scripts. */
export function configTreeOf(statements: readonly Statement[], root: ConfigNode = nodeOf('', nowhere)): ConfigTree {
  const unread: { statement: Statement; why: string; within: string }[] = []
  // What a command costs beyond its own length: scripts that move one of many entries many times are refused at a bound.
  const budget: Budget = { left: 50_000_000 }
  const stack: { node: ConfigNode; kind: 'block' | 'entry' }[] = [{ node: root, kind: 'block' }]
  // Names within a block that is nested thousands deep are not written out: the first two say where it is.
  const within = (): string =>
    stack
      .slice(1, 4)
      .map(({ node }) => node.name)
      .join(' / ')
  for (const statement of statements) {
    const { verb, words } = statement
    const top = stack.at(-1) ?? { node: root, kind: 'block' }
    const refuse = (why: string): void => {
      unread.push({ statement, why, within: within() })
    }
    if (statement.fault !== undefined) refuse(statement.fault)
    else if (top.node === root && inBlocks.has(verb)) refuse(`"${verb}" stands outside of any block`)
    if (verb === 'config') {
      const name = words.join(' ').toLowerCase()
      stack.push({ node: childOf(top.node.blocks, name, statement), kind: 'block' })
    } else if (verb === 'edit') {
      if (top.kind === 'entry') stack.pop()
      const block = stack.at(-1)?.node ?? root
      const name = words.join(' ')
      const isNext = name === '0' && numbered.test(block.name)
      const entry = childOf(block.entries, isNext ? nextNumber(block.entries, budget) : name, statement)
      stack.push({ node: entry, kind: 'entry' })
    } else if (verb === 'next') {
      if (top.kind === 'entry') stack.pop()
      else refuse('there is no entry that it could end')
    } else if (verb === 'end' || verb === 'abort') {
      if (top.kind === 'entry') stack.pop()
      if (stack.length > 1) stack.pop()
      else refuse('there is no block that it could end')
    } else if (!change(top.node, statement, budget)) refuse(`the command "${verb}" is not known here`)
  }
  const open = stack.filter(({ kind }) => kind === 'block').at(-1)
  if (open !== undefined && open.node !== root) {
    unread.push({
      statement: open.node.statement,
      why: 'its end is missing: the text stops in the middle',
      within: within(),
    })
  }
  return { root, unread }
}

/** Tables whose entries have numbers, in which `edit 0` stands for the next free one. */
const numbered = /(policy6?|static6?|central-snat-map|acl6?)$/

function nextNumber(entries: ReadonlyMap<string, ConfigNode>, budget: Budget): string {
  let next = entries.size + 1
  while (entries.has(String(next)) && budget.left > 0) {
    next += 1
    budget.left -= 1
  }
  return String(next)
}

/** Commands that say nothing unless a block is open. */
const inBlocks = new Set(['edit', 'set', 'select', 'append', 'unselect', 'unset'])

const nowhere: Statement = {
  verb: '',
  words: [],
  span: () => ({ file: '', line: 1, text: '' }),
}

export function nodeOf(name: string, statement: Statement): ConfigNode {
  return { name, statement, settings: new Map(), entries: new Map(), blocks: new Map() }
}

/** An empty tree, to which several files are added. */
export function emptyTree(): ConfigNode {
  return nodeOf('', nowhere)
}

/** A block or an entry that is there already is gone on with, as the device does. */
function childOf(children: Map<string, ConfigNode>, name: string, statement: Statement): ConfigNode {
  const known = children.get(name)
  if (known !== undefined) return known
  const made = nodeOf(name, statement)
  children.set(name, made)
  return made
}

interface Budget {
  left: number
}

function change(node: ConfigNode, statement: Statement, budget: Budget): boolean {
  const { verb, words } = statement
  const [name = '', ...values] = words
  const key = name.toLowerCase()
  switch (verb) {
    case 'set':
    case 'select':
      node.settings.set(key, { values, statement })
      return key !== ''
    case 'append': {
      const known = node.settings.get(key)
      if (known === undefined) node.settings.set(key, { values, statement })
      else for (const value of values) known.values.push(value)
      return key !== ''
    }
    case 'unselect': {
      budget.left -= node.settings.get(key)?.values.length ?? 0
      if (budget.left < 0) return false
      const left = (node.settings.get(key)?.values ?? []).filter((value) => !values.includes(value))
      node.settings.set(key, { values: left, statement })
      return key !== ''
    }
    case 'unset':
      node.settings.delete(key)
      return true
    case 'delete':
      node.entries.delete(words.join(' '))
      return true
    case 'purge':
      node.entries.clear()
      return true
    case 'move':
      budget.left -= node.entries.size
      return budget.left >= 0 && move(node.entries, name, values)
    case 'rename':
    case 'clone':
      budget.left -= node.entries.size
      return budget.left >= 0 && copy(node.entries, verb, words)
    case 'show':
    case 'get':
    case 'exit':
      return true
    default:
      return false
  }
}

function move(entries: Map<string, ConfigNode>, name: string, [where, other]: readonly string[]): boolean {
  const moved = entries.get(name)
  if (moved === undefined || other === undefined || !entries.has(other) || (where !== 'before' && where !== 'after')) {
    return false
  }
  if (name === other) return true
  const rest = [...entries].filter(([key]) => key !== name)
  const at = rest.findIndex(([key]) => key === other)
  rest.splice(where === 'before' ? at : at + 1, 0, [name, moved])
  entries.clear()
  for (const [key, entry] of rest) entries.set(key, entry)
  return true
}

function copy(entries: Map<string, ConfigNode>, verb: string, [name = '', to, other]: readonly string[]): boolean {
  const known = entries.get(name)
  if (known === undefined || to !== 'to' || other === undefined || entries.has(other)) return false
  if (verb === 'clone') {
    entries.set(other, { ...known, name: other, settings: new Map(known.settings) })
    return true
  }
  const renamed = [...entries].map(([key, entry]) =>
    key === name ? ([other, { ...entry, name: other }] as const) : ([key, entry] as const),
  )
  entries.clear()
  for (const [key, entry] of renamed) entries.set(key, entry)
  return true
}
