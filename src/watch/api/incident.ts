import type { ApiIncident } from '../../model/api.ts'
import { acknowledge, addNote, postMortem as postMortemOf, silence } from '../incident/index.ts'
import type { ApiSource, IncidentEdit } from './apiSource.ts'
import { incidentAnswer } from './incidentAnswer.ts'
import { isoOf } from './isoTime.ts'
import type { Problem } from './problem.ts'
import { document, resource } from './resource.ts'

/** Consequences of an incident that is asked for by itself. */
const mostConsequences = 10_000
const by = { kind: 'text', most: 100, what: 'Who does it.' } as const
const refuses = ['no-such-incident', 'is-over', 'history-fault'] as const

export const incident = resource({
  method: 'GET',
  path: '/incidents/{incident}',
  what: 'One incident, with all that suffers from it.',
  query: {},
  refuses: ['no-such-incident'],
  answer: 'Incident',
  handle({ store }, { id }) {
    const found = store.incident(id)
    return found === undefined ? noSuchIncident(id) : { ok: incidentAnswer(found, mostConsequences) }
  },
})

export const acknowledgeIncident = resource({
  method: 'POST',
  path: '/incidents/{incident}/acknowledge',
  what: 'Says that somebody has taken it on: nobody is reminded of it any more.',
  query: {},
  body: { by },
  refuses,
  answer: 'Incident',
  handle: (source, { id, body }) =>
    edited(source, id, (state) => acknowledge(state, id, { at: source.now(), ...body })),
})

export const noteIncident = resource({
  method: 'POST',
  path: '/incidents/{incident}/notes',
  what: 'Adds a note to an incident, which its post-mortem tells.',
  query: {},
  body: { by, text: { kind: 'text', most: 4000, hasLines: true, what: 'What is to be remembered.' } },
  refuses,
  answer: 'Incident',
  handle: (source, { id, body }) => edited(source, id, (state) => addNote(state, id, { at: source.now(), ...body })),
})

/** Longer than this nobody wants to hear nothing: it would be a slip of the pen. */
const longestSilenceMs = 366 * 86_400_000

export const silenceIncident = resource({
  method: 'POST',
  path: '/incidents/{incident}/silence',
  what: 'Nobody is told of an incident until a time; one that has passed ends the silence.',
  query: {},
  body: { until: { kind: 'time', what: 'Until when; at most a year from now.' } },
  refuses,
  answer: 'Incident',
  handle(source, { id, body: { until } }) {
    if (until > source.now() + longestSilenceMs) {
      return {
        problem: 'bad-body',
        parameter: 'until',
        detail: `${isoOf(until)} is more than a year from now`,
        remedy: 'give a nearer time',
      }
    }
    return edited(source, id, (state) => silence(state, id, until))
  },
})

/** What people did in the hour before is told, too. */
const marksBeforeMs = 3_600_000

export const postMortem = document({
  method: 'GET',
  path: '/incidents/{incident}/post-mortem',
  what: 'What happened, what suffered, who was told and what was done, to be kept and talked about.',
  query: {},
  refuses: ['no-such-incident'],
  handle({ store, now }, { id }) {
    const found = store.incident(id)
    if (found === undefined) return noSuchIncident(id)
    const span = { from: Math.max(0, found.since - marksBeforeMs), to: (found.until ?? now()) + 1 }
    return { ok: postMortemOf(found, store.marks(span)) }
  },
})

async function edited(
  { edit, store }: ApiSource,
  id: string,
  change: IncidentEdit,
): Promise<{ readonly ok: ApiIncident } | Problem> {
  const now = await edit(change)
  if (now !== undefined) return { ok: incidentAnswer(now, mostConsequences) }
  if (store.incident(id) === undefined) return noSuchIncident(id)
  return { problem: 'is-over', detail: `the incident ${id} is over`, remedy: 'nothing can be done to it any more' }
}

function noSuchIncident(id: string): Problem {
  return {
    problem: 'no-such-incident',
    detail: `no incident has the id ${id}`,
    remedy: 'take an id from /api/v1/incidents',
  }
}
