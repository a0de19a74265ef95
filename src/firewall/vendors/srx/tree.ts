import type { Span } from '../../source.ts'
import type { Statement } from './statements.ts'

/** Statements by their words: a node for each word, in the order in which they first stand. */
export interface Tree {
  /** Where the first statement below it stands. */
  readonly span: Span
  /** The node at the end of a path of words. */
  at(...path: readonly string[]): Tree | undefined
  /** Words below a path, with their nodes. */
  below(...path: readonly string[]): readonly (readonly [word: string, node: Tree])[]
  /** The first word below a path: the value of a setting. */
  value(...path: readonly string[]): string | undefined
  /** All words below a path. */
  values(...path: readonly string[]): readonly string[]
}

class Node implements Tree {
  readonly span: Span
  readonly #children = new Map<string, Node>()

  constructor(span: Span) {
    this.span = span
  }

  add(words: readonly string[], span: Span): void {
    let node: Node = this
    for (const word of words) {
      const known = node.#children.get(word)
      const next = known ?? new Node(span)
      if (known === undefined) node.#children.set(word, next)
      node = next
    }
  }

  at(...path: readonly string[]): Node | undefined {
    let node: Node = this
    for (const word of path) {
      const next = node.#children.get(word)
      if (next === undefined) return undefined
      node = next
    }
    return node
  }

  below(...path: readonly string[]): readonly (readonly [string, Node])[] {
    const node = this.at(...path)
    return node === undefined ? [] : [...node.#children]
  }

  value(...path: readonly string[]): string | undefined {
    return this.at(...path)
      ?.words()
      .next().value
  }

  words(): MapIterator<string> {
    return this.#children.keys()
  }

  values(...path: readonly string[]): readonly string[] {
    return this.below(...path).map(([word]) => word)
  }
}

export function treeOf(statements: readonly Statement[], span: Span): Tree {
  const root = new Node(span)
  for (const { words, span: at } of statements) root.add(words, at)
  return root
}
