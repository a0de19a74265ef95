import { keyOf } from './flow.ts'
import { isoOf } from './isoTime.ts'
import { resource } from './resource.ts'
import { stepRows, stepsOf } from './stepsOf.ts'

export const tallies = resource({
  method: 'GET',
  path: '/flows/{flow}/tallies',
  what: 'How many looks at a flow there were, and how many found it not well, in steps.',
  query: stepRows,
  refuses: ['no-such-flow'],
  answer: 'Tallies',
  handle(source, { id, query }) {
    const key = keyOf(source, id)
    if ('problem' in key) return key
    const steps = stepsOf(query, source.now())
    if ('problem' in steps) return steps
    const { span, stepMs } = steps.ok
    const found = source.store.tallies(key.ok, span, stepMs)
    return {
      ok: {
        ...{ id, key: key.ok, from: isoOf(span.from), to: isoOf(span.to), stepMs },
        steps: found.map(({ at, looks, notWell }) => ({ at: isoOf(at), looks, notWell })),
      },
    }
  },
})
