import type { CauseCode } from '../model/cause.ts'
import type { Flow } from '../model/flow.ts'
import { flowKey } from '../model/flow.ts'
import { isFlowSubject } from './incident/index.ts'
import type { ConfirmedNews } from './news.ts'
import type { Seen } from './record/index.ts'
import type { FlowState, Step } from './stepOf.ts'
import { stepOf } from './stepOf.ts'

/** A failure that was told before this process began. */
export interface KnownFailure {
  readonly since: number
  readonly cause: CauseCode | undefined
}

/** What a look at one flow adds to what is known of it. */
export interface Weighed {
  readonly asksAgain: boolean
  /** It was well until this look. */
  readonly isFirst: boolean
  readonly news?: ConfirmedNews
}

/** How each flow stands, from look to look. */
export class FlowStates {
  readonly #states = new Map<string, FlowState>()

  /** @param known failures that are told already; sign-ins and what else is no flow is passed over */
  constructor(known: ReadonlyMap<string, KnownFailure>) {
    for (const [key, { since, cause }] of known) {
      if (isFlowSubject(key)) this.#states.set(key, { kind: 'bad', since, looks: 1, cause })
    }
  }

  isWell(flow: Flow): boolean {
    return !this.#states.has(flowKey(flow))
  }

  /** Flows that are not well, by how far that is known. */
  get counts(): { readonly suspected: number; readonly bad: number } {
    const states = [...this.#states.values()]
    const bad = states.filter(({ kind }) => kind === 'bad').length
    return { suspected: states.length - bad, bad }
  }

  weigh({ sample, report }: Seen, confirmations: number): Weighed {
    const { key, at, isWell, cause } = sample
    const before = this.#states.get(key) ?? { kind: 'well' }
    if (before.kind === 'well' && isWell) return { asksAgain: false, isFirst: false }
    const { state, asksAgain, news } = stepOf(before, { at, isWell, cause }, confirmations)
    if (state.kind === 'well') this.#states.delete(key)
    else this.#states.set(key, state)
    const isFirst = before.kind === 'well'
    return { asksAgain, isFirst, ...(news !== undefined && { news: newsOf(news, { key, at, report }) }) }
  }

  /** Forgets flows that are not watched any more. */
  keepOnly(keys: ReadonlySet<string>, at: number): readonly ConfirmedNews[] {
    const news: ConfirmedNews[] = []
    for (const [key, state] of this.#states) {
      if (keys.has(key)) continue
      this.#states.delete(key)
      if (state.kind === 'bad') news.push({ kind: 'unwatched', subject: key, at })
    }
    return news
  }
}

function newsOf(
  news: NonNullable<Step['news']>,
  of: { readonly key: string; readonly at: number; readonly report: Seen['report'] },
): ConfirmedNews {
  if (news.kind !== 'changed-cause') return { ...of, ...news }
  const { was } = news
  return { ...of, kind: 'changed-cause', ...(was !== undefined && { was }) }
}
