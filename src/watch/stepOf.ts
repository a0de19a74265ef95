import type { CauseCode } from '../model/cause.ts'

/** How a flow stands after the looks at it so far. */
export type FlowState =
  | { readonly kind: 'well' }
  /** It failed, and is asked again before that counts. */
  | { readonly kind: 'suspected'; readonly since: number; readonly looks: number }
  | {
      readonly kind: 'bad'
      readonly since: number
      readonly looks: number
      readonly cause: CauseCode | undefined
      /** Another cause that the last look gave: it counts when the next one says so, too. */
      readonly doubt?: CauseCode | undefined
    }

/** What one look adds. */
export interface LookAtFlow {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly isWell: boolean
  readonly cause: CauseCode | undefined
}

export type StepNews =
  | { readonly kind: 'went-bad'; readonly since: number; readonly looks: number }
  | { readonly kind: 'came-back' }
  | { readonly kind: 'changed-cause'; readonly was: CauseCode | undefined }
  | { readonly kind: 'unsteady'; readonly since: number; readonly looks: number }

export interface Step {
  readonly state: FlowState
  readonly news?: StepNews
  /** It is to be asked again at once. */
  readonly asksAgain: boolean
}

const wellState: FlowState = { kind: 'well' }

/**
 * What a look makes of a flow: a failure counts once so many further looks have failed as well, and is over with the
 * first that is well.
 */
export function stepOf(state: FlowState, look: LookAtFlow, confirmations: number): Step {
  switch (state.kind) {
    case 'well':
      return look.isWell ? { state, asksAgain: false } : failed(look.at, 1, look, confirmations)
    case 'suspected': {
      const { since, looks } = state
      return look.isWell
        ? { state: wellState, asksAgain: false, news: { kind: 'unsteady', since, looks } }
        : failed(since, looks + 1, look, confirmations)
    }
    case 'bad':
      return look.isWell
        ? { state: wellState, asksAgain: false, news: { kind: 'came-back' } }
        : { asksAgain: false, ...stillBad(state, look) }
    default:
      return state satisfies never
  }
}

function failed(since: number, looks: number, { cause }: LookAtFlow, confirmations: number): Step {
  return looks <= confirmations
    ? { state: { kind: 'suspected', since, looks }, asksAgain: true }
    : { state: { kind: 'bad', since, looks, cause }, asksAgain: false, news: { kind: 'went-bad', since, looks } }
}

type Bad = Extract<FlowState, { readonly kind: 'bad' }>

function stillBad({ doubt, ...state }: Bad, { cause }: LookAtFlow): Omit<Step, 'asksAgain'> {
  const looks = state.looks + 1
  if (cause === state.cause) return { state: { ...state, looks } }
  if (cause === undefined || cause !== doubt) return { state: { ...state, looks, doubt: cause } }
  return { state: { ...state, looks, cause }, news: { kind: 'changed-cause', was: state.cause } }
}
