import type { Incident } from '../../model/incident.ts'
import { incidentStates } from '../../model/incident.ts'
import type { Span } from '../../model/series.ts'
import type { HistoryStore } from '../../store/history/historyStore.ts'
import { fewConsequences, incidentAnswer } from './incidentAnswer.ts'
import { resource } from './resource.ts'
import { spanOf, spanRows } from './spanOf.ts'

const weekMs = 7 * 86_400_000

export const incidents = resource({
  method: 'GET',
  path: '/incidents',
  what: 'Incidents of which some part is in the span, a page at a time.',
  query: {
    ...spanRows,
    from: { kind: 'time', what: 'The begin of the span; absent: a week before its end.' },
    state: { kind: 'choices', words: incidentStates, what: 'How they stand.' },
    limit: { kind: 'count', least: 1, most: 500, usual: 50, what: 'Incidents of a page.' },
    cursor: { kind: 'text', most: 64, what: 'What `next` of the page before said.' },
  },
  answer: 'Incidents',
  handle({ store, now }, { query }) {
    const span = spanOf(query, now(), weekMs)
    if ('problem' in span) return span
    const after = query.cursor === undefined ? undefined : placeIn(query.cursor)
    if (query.cursor !== undefined && after === undefined) {
      return {
        problem: 'bad-parameter',
        parameter: 'cursor',
        detail: 'the cursor is none of this server',
        remedy: 'give what next of the page before said, or leave it out for the first page',
      }
    }
    const isAsked = (one: Incident): boolean =>
      (query.state === undefined || query.state.includes(one.state)) && (after === undefined || isBehind(one, after))
    const found = matching(store, span.ok, after, isAsked, query.limit + 1)
    const page = found.slice(0, query.limit)
    const last = page.at(-1)
    return {
      ok: {
        incidents: page.map((one) => incidentAnswer(one, fewConsequences)),
        ...(last !== undefined && found.length > page.length && { next: `${last.since}.${last.id}` }),
      },
    }
  },
})

/** A place in the order of the history: by their begin, the newest first, and by their ids. */
interface Place {
  readonly since: number
  readonly id: string
}

function placeIn(cursor: string): Place | undefined {
  const [, since, id] = /^(\d{1,15})\.([0-9a-f-]{1,36})$/.exec(cursor) ?? []
  return since === undefined || id === undefined ? undefined : { since: Number(since), id }
}

function isBehind(one: Place, other: Place): boolean {
  return one.since < other.since || (one.since === other.since && one.id > other.id)
}

/** The newest that match; the history is asked for more until there are enough, or no more. */
function matching(
  store: Pick<HistoryStore, 'incidents'>,
  span: Span,
  after: Place | undefined,
  isAsked: (one: Incident) => boolean,
  most: number,
): readonly Incident[] {
  const to = after === undefined ? span.to : Math.min(span.to, after.since + 1)
  for (let read = 2 * most; ; read *= 4) {
    const rows = store.incidents({ from: span.from, to }, read)
    const found = rows.filter(isAsked)
    if (found.length >= most || rows.length < read) return found.slice(0, most)
  }
}
