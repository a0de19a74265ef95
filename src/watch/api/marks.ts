import type { Mark } from '../../model/sample.ts'
import { markAnswer } from './isoTime.ts'
import { shown } from './problem.ts'
import { resource } from './resource.ts'
import { spanOf, spanRows } from './spanOf.ts'

export const marks = resource({
  method: 'GET',
  path: '/marks',
  what: 'What people did: changes, site files that were read again, windows of maintenance.',
  query: spanRows,
  answer: 'Marks',
  handle({ store, now }, { query }) {
    const span = spanOf(query, now())
    return 'problem' in span ? span : { ok: { marks: store.marks(span.ok).map(markAnswer) } }
  },
})

export const changes = resource({
  method: 'POST',
  path: '/changes',
  what: 'Sets the begin or the end of a change into the time line, as postern watch --change does.',
  query: {},
  body: {
    change: { kind: 'choice', words: ['start', 'end'], what: 'Whether it begins or ends.' },
    name: { kind: 'text', most: 64, what: 'What it is called; the same at its end.' },
  },
  refuses: ['history-fault'],
  answer: 'Mark',
  async handle({ mark, now }, { body: { change, name } }) {
    if (!/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(name)) {
      return {
        problem: 'bad-body',
        parameter: 'name',
        detail: `${shown(name)} is no name for a change`,
        remedy: 'use 1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first',
      }
    }
    const made: Mark = { at: now(), kind: `change-${change}`, name }
    await mark(made)
    return { ok: markAnswer(made) }
  },
})
