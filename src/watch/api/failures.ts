import { failureAnswer, keyOf, newestFailures } from './flow.ts'
import { isoOf } from './isoTime.ts'
import { resource } from './resource.ts'
import { spanOf, spanRows } from './spanOf.ts'

export const failures = resource({
  method: 'GET',
  path: '/flows/{flow}/failures',
  what: 'Failures of a flow that were kept whole, with their evidence.',
  query: { ...spanRows, limit: { kind: 'count', least: 1, most: 100, usual: 20, what: 'The newest so many.' } },
  refuses: ['no-such-flow'],
  answer: 'Failures',
  handle(source, { id, query }) {
    const key = keyOf(source, id)
    if ('problem' in key) return key
    const span = spanOf(query, source.now())
    if ('problem' in span) return span
    const found = newestFailures(source.store, span.ok, key.ok, query.limit + 1)
    return {
      ok: {
        ...{ id, key: key.ok, from: isoOf(span.ok.from), to: isoOf(span.ok.to) },
        failures: found.slice(0, query.limit).map(failureAnswer),
        isCut: found.length > query.limit,
      },
    }
  },
})
