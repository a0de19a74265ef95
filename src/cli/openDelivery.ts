import type { LoadedSite } from '../config/index.ts'
import { visible } from '../config/quoted.ts'
import type { WatchSettings } from '../model/watch.ts'
import { systemClock } from '../net/clock.ts'
import type { DeliveryLoop } from '../outlets/delivery.ts'
import { deliver } from '../outlets/delivery.ts'
import type { HistoryStore } from '../store/history/index.ts'
import { pause } from './pause.ts'
import type { Shell } from './shell.ts'
import { openSiteOutlets } from './siteOutlets.ts'

interface OpenDelivery {
  wake(): void
  reload(settings: WatchSettings, loaded: LoadedSite): Promise<void>
}

/** Brings what waits in the queues to the outlets; other outlets take the place of those before when the file changes. */
export async function openDelivery(
  settings: WatchSettings,
  loaded: LoadedSite,
  {
    store,
    shell,
    opened,
    say,
  }: {
    readonly store: HistoryStore
    readonly shell: Shell
    readonly opened: (() => unknown)[]
    readonly say: (line: string) => void
  },
): Promise<OpenDelivery> {
  let running: { readonly loop: DeliveryLoop; end(): Promise<void> } | undefined
  const begin = async (some: WatchSettings, site: LoadedSite): Promise<void> => {
    const ending = new AbortController()
    const outlets = await openSiteOutlets(some.outlets, site, shell, ending.signal)
    await running?.end()
    const loop = deliver({
      outlets: outlets.outlets,
      spool: store,
      now: () => systemClock.now(),
      random: Math.random,
      wait: pause,
      onNews: ({ says }) => say(`outlet     ${visible(says)}`),
      signal: ending.signal,
    })
    running = {
      loop,
      async end() {
        ending.abort()
        await loop.ended
        await outlets.close()
      },
    }
  }
  await begin(settings, loaded)
  opened.push(() => running?.end())
  return { wake: () => running?.loop.wake(), reload: begin }
}
