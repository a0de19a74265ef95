import { createHash } from 'node:crypto'
import type { GateEvent, RecordedEvent } from '../model/event.ts'
import type { Incident } from '../model/incident.ts'
import type { Mark } from '../model/sample.ts'
import type { OutletSettings } from '../model/watch.ts'
import type { HistoryStore } from '../store/history/historyStore.ts'
import { wants } from './openOutlets.ts'
import { ownEvent } from './ownEvent.ts'

export interface OwnEventsOptions {
  readonly outlets: readonly OutletSettings[]
  readonly store: Pick<HistoryStore, 'spool' | 'word' | 'keepWord' | 'incident' | 'incidents' | 'openIncidents'>
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number
  readonly onSpooled: () => void
}

/** Words of the history. */
const words = { incidents: 'events.incidents', site: 'events.site' } as const
/** For which closed incidents are looked for that nobody was told of, and how many. */
const lookBackMs = 7 * 86_400_000
const mostIncidents = 10_000

/** What was told of an incident: when it opened, and whether that it is over. */
type ToldOf = readonly [openedAt: number, isOver: boolean]

/**
 * What the watcher does, told as events to the outlets that take events. What was told of is kept as words: after a sudden
 * end the next start tells what is missing, with the uid that it would have had.
 */
export class OwnEvents {
  outlets: readonly OutletSettings[]
  readonly #options: Omit<OwnEventsOptions, 'outlets'>
  #told: Map<string, ToldOf>
  /** One after another: each keeps what was told by then. */
  #turn: Promise<void> = Promise.resolve()

  constructor({ outlets, ...options }: OwnEventsOptions) {
    this.outlets = outlets
    this.#options = options
    this.#told = toldIn(options.store.word(words.incidents))
  }

  /** Tells of incidents that an earlier process did not come to tell. */
  catchUp(): Promise<void> {
    const { store, now } = this.#options
    const at = now()
    const open = store.openIncidents()
    // Of those that were over before anybody listened nothing is told.
    const isFirst = store.word(words.incidents) === undefined
    const recent = isFirst ? [] : store.incidents({ from: at - lookBackMs, to: at + 1 }, mostIncidents)
    const left = [...this.#told].flatMap(([id, [, isOver]]) => (isOver ? [] : (store.incident(id) ?? [])))
    return this.incidents([...new Map([...recent, ...left, ...open].map((one) => [one.id, one])).values()])
  }

  /** Tells of incidents that opened or closed; of others nothing. Resolves when it would outlive this process. */
  incidents(incidents: readonly Incident[]): Promise<void> {
    return this.#inTurn(async () => {
      const next = new Map(this.#told)
      const events: RecordedEvent[] = []
      for (const one of incidents) {
        const [openedAt = -1, isOver = false] = next.get(one.id) ?? []
        const opened = one.course?.openedAt ?? one.since
        if (opened > openedAt) events.push(incidentEvent(one, false))
        else if (isOver) continue
        if (one.state === 'closed') events.push(incidentEvent(one, true))
        next.set(one.id, [opened, one.state === 'closed'])
      }
      if (events.length > 0) await this.#spool(events)
      this.#told = forgetOld(next)
      await this.#options.store.keepWord(words.incidents, JSON.stringify([...this.#told]))
    })
  }

  /** Tells of something that people did. Told twice it has one uid. */
  mark({ at, kind, name }: Mark): Promise<void> {
    const event: GateEvent = {
      kind: 'config_change',
      activity: kind.startsWith('site-') ? 'reload' : kind.startsWith('change-') ? 'change' : 'maintenance',
      outcome: kind === 'site-refused' ? 'failed' : 'ok',
      reason: kind,
      detail: { name },
    }
    return this.#inTurn(() => this.#spool([ownEvent(event, at, `mark ${kind} ${at} ${name}`)]))
  }

  /** Tells that the site file is another one than the last that was told of, also where it changed while nobody watched. */
  site(name: string, text: string): Promise<void> {
    return this.#inTurn(async () => {
      const sha256 = createHash('sha256').update(text).digest('hex')
      const before = this.#options.store.word(words.site)
      if (before === sha256) return
      if (before !== undefined) {
        const at = this.#options.now()
        const detail = { name, sha256 }
        const event = {
          kind: 'config_change',
          activity: 'reload',
          outcome: 'ok',
          reason: 'site-reloaded',
          detail,
        } as const
        await this.#spool([ownEvent(event, at, `site ${before} ${sha256}`)])
      }
      await this.#options.store.keepWord(words.site, sha256)
    })
  }

  async #spool(events: readonly RecordedEvent[]): Promise<void> {
    const { store, now, onSpooled } = this.#options
    const at = now()
    const spooled = this.outlets.flatMap((outlet) =>
      events
        .filter((event) => wants(outlet, { kind: 'event', event }))
        .map((event) => store.spool(outlet.name, JSON.stringify(event), at)),
    )
    await Promise.all(spooled)
    if (spooled.length > 0) onSpooled()
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }
}

function incidentEvent(incident: Incident, isOver: boolean): RecordedEvent {
  const { id, suspect, cause, finding, severity, confidence, owner, says, since, until, consequences } = incident
  const openedAt = incident.course?.openedAt ?? since
  const event: GateEvent = {
    kind: 'detection_finding',
    activity: isOver ? 'end' : 'incident',
    outcome: isOver ? 'ok' : 'failed',
    reason: finding ?? cause,
    detail: {
      ...{ incident: id, suspectKind: suspect.kind, suspect: suspect.name, severity, confidence, owner },
      ...{ says: says.slice(0, 1000), since: new Date(since).toISOString(), consequences: consequences.length },
    },
  }
  const at = isOver ? (until ?? openedAt) : openedAt
  return ownEvent(event, at, `incident ${id} ${openedAt} ${isOver ? 'end' : 'begin'}`)
}

function toldIn(word: string | undefined): Map<string, ToldOf> {
  try {
    return new Map(JSON.parse(word ?? '[]') as readonly (readonly [string, ToldOf])[])
  } catch {
    return new Map()
  }
}

/** Those that are over go first, the oldest of them first. */
function forgetOld(told: ReadonlyMap<string, ToldOf>): Map<string, ToldOf> {
  if (told.size <= mostIncidents) return new Map(told)
  const newest = [...told].sort(([, [a, aOver]], [, [b, bOver]]) => Number(aOver) - Number(bOver) || b - a)
  return new Map(newest.slice(0, mostIncidents))
}
