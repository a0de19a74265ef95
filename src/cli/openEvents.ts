import { resolve } from 'node:path'
import type { LoadedSite } from '../config/index.ts'
import { visible } from '../config/quoted.ts'
import type { Mark } from '../model/sample.ts'
import type { WatchSettings } from '../model/watch.ts'
import { systemClock } from '../net/clock.ts'
import { feedRecord } from '../outlets/feedRecord.ts'
import { OwnEvents } from '../outlets/ownEvents.ts'
import type { HistoryStore } from '../store/history/index.ts'
import { readOn } from '../store/record/index.ts'
import type { IncidentNews } from '../watch/incidentLoop.ts'
import { pause } from './pause.ts'

/** Brings events to the outlets that take them. */
export interface OpenEvents {
  /** Of incidents that opened or closed. */
  onNews(news: Pick<IncidentNews, 'opened' | 'closed'>): void
  /** Resolves when it would outlive this process. */
  onMark(mark: Mark): Promise<void>
  /** Other outlets, another record. */
  reload(settings: WatchSettings, loaded: LoadedSite): Promise<void>
}

/** Absolute path of the record that the gate of a site writes; undefined where it has no gate. */
export function recordFolderOf({ site, folder }: LoadedSite): string | undefined {
  return site.gate === undefined ? undefined : resolve(folder, site.gate.record.folder)
}

/**
 * Follows the record of the site's gate, which another process writes, and tells what this one does: all of it to the
 * outlets that take events.
 */
export async function openEvents(
  settings: WatchSettings,
  loaded: LoadedSite,
  parts: {
    readonly store: HistoryStore
    readonly wake: () => void
    readonly opened: (() => unknown)[]
    readonly say: (line: string) => void
  },
): Promise<OpenEvents> {
  const { store, wake, opened, say } = parts
  const now = (): number => systemClock.now()
  const own = new OwnEvents({ outlets: settings.outlets, store, now, onSpooled: wake })
  const failed = (error: unknown): void =>
    say(`events     cannot be put into the queues: ${error instanceof Error ? error.message : 'unknown'}`)
  let feeding: { readonly ending: AbortController; readonly ended: Promise<void> } | undefined
  const end = async (): Promise<void> => {
    feeding?.ending.abort()
    await feeding?.ended
  }
  const begin = (some: WatchSettings, site: LoadedSite): void => {
    const folder = recordFolderOf(site)
    if (folder === undefined) return
    const ending = new AbortController()
    const ended = feedRecord({
      folder,
      readOn: (from, options) => readOn(folder, from, options),
      outlets: some.outlets,
      store,
      now,
      wait: pause,
      onSpooled: wake,
      onTrouble: (outlet, why) =>
        say(
          why === undefined
            ? `events     ${outlet} is given the record again`
            : `events     ${outlet} cannot be given the record, which waits: ${visible(why)}`,
        ),
      signal: ending.signal,
    })
    feeding = { ending, ended }
  }
  opened.push(end)
  await own.catchUp()
  await own.site(loaded.site.site, loaded.text)
  begin(settings, loaded)
  return {
    onNews({ opened: begun, closed }) {
      if (begun.length + closed.length > 0) own.incidents([...begun, ...closed]).catch(failed)
    },
    onMark: (mark) => own.mark(mark).catch(failed),
    async reload(some, site) {
      await end()
      own.outlets = some.outlets
      await own.site(site.site.site, site.text).catch(failed)
      begin(some, site)
    },
  }
}
