import type { State } from './piece.ts'
import type { Unknown } from './unknown.ts'

/** What a state became, by which rule or default, and on what that depends. */
export interface Extension {
  readonly by: object
  readonly what: string
  readonly because: readonly Unknown[]
  readonly state: State
}

/** A state that came of another by the same thing before is that one again. */
export function extended(
  { states }: { readonly states: Map<State, Extension[]> },
  state: State,
  { by, what, because }: Omit<Extension, 'state'>,
  make: (state: State) => State,
): State {
  let made = states.get(state)
  if (made === undefined) {
    made = []
    states.set(state, made)
  }
  const before = made.findLast(
    (one) =>
      one.by === by &&
      one.what === what &&
      one.because.length === because.length &&
      one.because.every((each, at) => each === because[at]),
  )
  if (before !== undefined) return before.state
  const next = make(state)
  made.push({ by, what, because, state: next })
  return next
}
