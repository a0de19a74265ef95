import type { ApiFailure } from '../../model/api.ts'
import type { Span } from '../../model/series.ts'
import type { HistoryStore, KeptFailure } from '../../store/history/historyStore.ts'
import type { ApiSource } from './apiSource.ts'
import { incidentsBySubject } from './flowBoard.ts'
import { isoOf, sampleAnswer } from './isoTime.ts'
import type { Problem } from './problem.ts'
import { resource } from './resource.ts'

const fewSamples = 20

export const flow = resource({
  method: 'GET',
  path: '/flows/{flow}',
  what: 'One flow: why it is needed, how it stands, and its newest failure with its evidence.',
  query: {},
  refuses: ['no-such-flow'],
  answer: 'FlowDetail',
  handle({ watched, board, store, now }, { id }) {
    const found = board.find(watched().flows, id)
    if (found === undefined) {
      const isPast = board.keyOf(watched().flows, id) !== undefined
      return isPast ? { ...noSuchFlow(id), remedy: 'it is not watched any more: ask for its samples' } : noSuchFlow(id)
    }
    const at = now()
    const span = { from: 0, to: at + 1 }
    const [last] = newestFailures(store, span, found.key, 1)
    return {
      ok: {
        ...board.answer(found, at, incidentsBySubject(store.openIncidents())),
        plan: found.flow,
        lastSamples: store.samples(found.key, span, fewSamples).map(sampleAnswer),
        ...(last !== undefined && { lastFailure: failureAnswer(last) }),
      },
    }
  },
})

function noSuchFlow(id: string): Problem {
  return {
    problem: 'no-such-flow',
    detail: `no flow has the id ${id}`,
    remedy: 'take an id from /api/v1/flows',
  }
}

/** The key of a flow whose past is asked for: it may be watched no more. */
export function keyOf({ watched, board }: ApiSource, id: string): { readonly ok: string } | Problem {
  const key = board.keyOf(watched().flows, id)
  return key === undefined ? noSuchFlow(id) : { ok: key }
}

/** How far back the newest failures are looked for at first; in milliseconds. */
const firstWindowMs = 6 * 3_600_000

/** The newest failures of a flow, newest first: looked for from the end, since the history tells them oldest first. */
export function newestFailures(
  store: Pick<HistoryStore, 'failures'>,
  { from, to }: Span,
  key: string,
  most: number,
): readonly KeptFailure[] {
  const found: KeptFailure[] = []
  let end = to
  for (let windowMs = firstWindowMs; end > from && found.length < most; windowMs *= 4) {
    const begin = Math.max(from, end - windowMs)
    const within: KeptFailure[] = []
    for (const failure of store.failures({ from: begin, to: end }, key)) {
      within.push(failure)
      if (within.length > most - found.length) within.shift()
    }
    found.push(...within.reverse())
    end = begin
  }
  return found
}

export function failureAnswer({ at, report }: KeptFailure): ApiFailure {
  return { at: isoOf(at), report }
}
