import { gapAnswer } from './isoTime.ts'
import { resource } from './resource.ts'
import { spanOf, spanRows } from './spanOf.ts'

export const gaps = resource({
  method: 'GET',
  path: '/gaps',
  what: 'Times in which nothing was looked at, and why.',
  query: spanRows,
  answer: 'Gaps',
  handle({ store, now }, { query }) {
    const span = spanOf(query, now())
    return 'problem' in span ? span : { ok: { gaps: store.gaps(span.ok).map(gapAnswer) } }
  },
})
