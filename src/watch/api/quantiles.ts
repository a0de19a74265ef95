import { measures } from '../../model/series.ts'
import { keyOf } from './flow.ts'
import { isoOf } from './isoTime.ts'
import { resource } from './resource.ts'
import { stepRows, stepsOf } from './stepsOf.ts'

export const quantiles = resource({
  method: 'GET',
  path: '/flows/{flow}/quantiles',
  what: 'How long a phase of a flow took, in steps: quantiles within 1 %, of up to years.',
  query: {
    ...stepRows,
    measure: { kind: 'choice', words: measures, usual: 'whole-ms', what: 'What is measured.' },
    shares: { kind: 'shares', usual: '0.5,0.95,0.99', most: 10, what: 'The quantiles that are asked for.' },
  },
  refuses: ['no-such-flow'],
  answer: 'Quantiles',
  handle(source, { id, query }) {
    const key = keyOf(source, id)
    if ('problem' in key) return key
    const steps = stepsOf(query, source.now())
    if ('problem' in steps) return steps
    const { span, stepMs } = steps.ok
    const { measure, shares } = query
    const found = source.store.quantiles(key.ok, measure, span, stepMs, shares)
    return {
      ok: {
        ...{ id, key: key.ok, from: isoOf(span.from), to: isoOf(span.to), measure, stepMs, shares },
        steps: found.map(({ at, count, values }) => ({ at: isoOf(at), count, values })),
      },
    }
  },
})
