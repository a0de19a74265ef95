import { keyOf } from './flow.ts'
import { isoOf, sampleAnswer } from './isoTime.ts'
import { resource } from './resource.ts'
import { spanOf, spanRows } from './spanOf.ts'

export const samples = resource({
  method: 'GET',
  path: '/flows/{flow}/samples',
  what: 'Looks at a flow one by one, of the days for which looks are kept.',
  query: { ...spanRows, limit: { kind: 'count', least: 1, most: 10_000, usual: 1000, what: 'The newest so many.' } },
  refuses: ['no-such-flow'],
  answer: 'Samples',
  handle(source, { id, query }) {
    const key = keyOf(source, id)
    if ('problem' in key) return key
    const span = spanOf(query, source.now())
    if ('problem' in span) return span
    const found = source.store.samples(key.ok, span.ok, query.limit + 1)
    return {
      ok: {
        ...{ id, key: key.ok, from: isoOf(span.ok.from), to: isoOf(span.ok.to) },
        samples: found.slice(-query.limit).map(sampleAnswer),
        isCut: found.length > query.limit,
      },
    }
  },
})
