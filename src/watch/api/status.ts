import { severities } from '../../model/finding.ts'
import type { ApiSource } from './apiSource.ts'
import { gapAnswer, isoOf } from './isoTime.ts'
import { outletAnswers } from './outlets.ts'
import { resource } from './resource.ts'

const gapsMs = 7 * 86_400_000
const mostGaps = 20

export const status = resource({
  method: 'GET',
  path: '/status',
  what: 'What is watched, since when, and how it stands.',
  query: {},
  answer: 'Status',
  handle(source) {
    const { site, from, version, since, now, store, watched, counts, windows, historyOctets, ring } = source
    const { settings } = watched()
    const { looks, failedLooks, skippedSlots, underWay, suspected, bad } = counts()
    const at = now()
    const open = store.openIncidents()
    const worst = severities.find((severity) => open.some((one) => one.severity === severity))
    const { mostMib, rawDays, failureDays, sketchDays } = settings.history
    return {
      ok: {
        ...{ site, from, version, since: isoOf(since), now: isoOf(at), everySeconds: settings.everySeconds },
        flows: { ...standing(source), suspected, confirmed: bad },
        looks: { done: looks, failed: failedLooks, skipped: skippedSlots, underWay },
        incidents: { open: open.length, ...(worst !== undefined && { worst }) },
        maintenance: windows().map(({ name }) => name),
        gaps: store
          .gaps({ from: Math.max(0, at - gapsMs), to: at + 1 })
          .slice(-mostGaps)
          .map(gapAnswer),
        history: { octets: historyOctets(), mostOctets: mostMib * 1_048_576, rawDays, failureDays, sketchDays },
        outlets: outletAnswers(source),
        streams: ring.streams,
      },
    }
  },
})

/** How many flows stand how. */
export function standing({ watched, board }: Pick<ApiSource, 'watched' | 'board'>): {
  readonly watched: number
  readonly well: number
  readonly notWell: number
  readonly notSeen: number
} {
  const flows = board.watching(watched().flows)
  let [well, notSeen] = [0, 0]
  for (const { key } of flows) {
    const stand = board.stand(key)
    if (stand === undefined) notSeen += 1
    else if (stand.sample.isWell) well += 1
  }
  return { watched: flows.length, well, notWell: flows.length - well - notSeen, notSeen }
}
