import type { SuspectKind } from '../../model/incident.ts'
import type { Draft } from './draft.ts'
import { loosen } from './draft.ts'
import type { Kept } from './kept.ts'
import { isSettling, liveOf } from './kept.ts'
import { kindsOf, passedBy, witnessed } from './suspects.ts'
import { isDirect } from './weigh.ts'

/** Kinds that are blamed because nothing else of them is well: then something may turn out to be. */
const refutable: ReadonlySet<SuspectKind> = new Set([
  'host',
  'address',
  'proxy',
  'resolver',
  'gateway',
  'destination',
  'port',
  'vantage',
  'name',
])

/** After this everything that passes a suspect has been looked at: whatever is well then has been mended. Milliseconds. */
const refutableMs = 30 * 60_000

/**
 * Takes incidents apart whose suspect turns out to be innocent: flows that had not been looked at when it was blamed pass it
 * and are well. What failed of it and is well again speaks for nothing but its recovery.
 */
export function loosenRefuted(draft: Draft): void {
  const listening = new Map<string, Witnessed[]>()
  for (const incident of draft.incidents.values()) {
    if (incident.state !== 'open' || isSettling(incident) || !refutable.has(incident.suspect.kind)) continue
    if (incident.confirmedAt + refutableMs < draft.at) continue
    const failing = liveOf(incident)
    if (failing.length === 0 || failing.every((trouble) => isDirect(trouble, incident.suspect))) continue
    const since = Math.max(...failing.map(({ weighed }) => weighed.since))
    const own = new Set(incident.consequences.map(({ subject }) => subject))
    const heard: Witnessed = { incident, own, failures: failing.length, since, well: new Set() }
    for (const key of witnessed(incident.suspect, failing)) {
      const those = listening.get(key)
      if (those === undefined) listening.set(key, [heard])
      else those.push(heard)
    }
  }
  if (listening.size === 0) return
  const kinds = kindsOf(listening.keys())
  for (const standing of draft.standings.values()) {
    if (!standing.isWell) continue
    for (const key of passedBy(standing, draft.places, kinds)) {
      for (const { own, since, well } of listening.get(key) ?? []) {
        if (standing.at > since && !own.has(standing.subject)) well.add(standing.subject)
      }
    }
  }
  for (const { incident, failures, well } of new Set([...listening.values()].flat())) {
    if (well.size > draft.settings.wellShare * (well.size + failures)) loosen(draft, incident)
  }
}

interface Witnessed {
  readonly incident: Kept
  readonly own: ReadonlySet<string>
  readonly failures: number
  /** When the last of them began to fail. */
  readonly since: number
  readonly well: Set<string>
}
