import type { Marks } from '../netfilter/marks.ts'
import type { TableNode } from './syntax.ts'

/** What the conditions of a chain are read in. */
export interface Scope {
  readonly table: TableNode
  /** Made of commands: sets that are empty in it are filled by others. */
  readonly isScript: boolean
  /** Sets of the table that rules add to. */
  readonly filled: ReadonlySet<string>
  /** Hooks from which packets come to the chain. */
  readonly hooks: ReadonlySet<string>
  /** Whether packets come to it that connection tracking has not seen yet: their state is `invalid`, as netfilter has it. */
  readonly untracked: 'no' | 'yes' | 'some'
  /** Some rule takes packets out of connection tracking. */
  readonly hasNotrack: boolean
  readonly marks: Marks
}
