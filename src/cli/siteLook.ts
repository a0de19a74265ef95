import { check } from '../check/check.ts'
import { isAsked } from '../check/isAsked.ts'
import type { Machine } from '../check/vantageOf.ts'
import type { LoadedSite } from '../config/index.ts'
import type { WatchSettings } from '../model/watch.ts'
import { createNet } from '../net/createNet.ts'
import type { Watched } from '../watch/watcher.ts'
import { imitated } from './imitated.ts'
import { proxiesOf, withoutUnspoken } from './proxiesOf.ts'
import { inputOfSite, withInstalledBuild } from './runCheck.ts'
import type { Shell } from './shell.ts'
import { emptyStore } from './systemPipes.ts'
import { version } from './version.ts'

/** The site as it is watched from here. */
export interface SiteLook extends Watched {
  /** The host of the site that this machine is. */
  readonly from: string
  /** Flows of this machine that nothing can be asked of, and those that other machines open. */
  readonly notAsked: number
  readonly elsewhere: number
}

export interface SiteLookOptions {
  readonly from?: string
  /** Stands for this machine's addresses and names. */
  readonly machine?: Machine
  /** PEM texts that stand for the machine's own store. */
  readonly machineRoots?: readonly string[]
  readonly onChoice?: (says: string) => void
}

/** A look takes no longer than this many of its longest waits. */
const mostWaits = 10

/**
 * What is looked at of a site, and how: by `check`, with one net for all looks.
 *
 * @throws UsageError where no host of the site is this machine, or a secret is not there
 */
export async function siteLook(
  loaded: LoadedSite,
  settings: WatchSettings,
  options: SiteLookOptions,
  shell: Shell,
): Promise<SiteLook> {
  const input = await withInstalledBuild(inputOfSite(loaded, options), loaded, options, shell)
  const { places, credentials } = await proxiesOf(loaded, input.flows, shell)
  const net = createNet({
    trust: {
      site: loaded.trustPem,
      ...emptyStore(shell.env),
      ...(options.machineRoots !== undefined && { machine: options.machineRoots }),
    },
    userAgent: `postern/${version}`,
    names: loaded.site.names,
    proxyCredentials: credentials,
  })
  const { leftOut: _, flows: planned, ...rest } = input
  const spoken = planned.map((flow) => withoutUnspoken(flow, places))
  const flows = spoken.filter((flow) => isAsked(flow) && flow.target.undialled === undefined)
  const common = { ...rest, elsewhere: 0, proxies: places, imitates: imitated(flows) }
  return {
    from: input.from,
    flows,
    notAsked: spoken.length - flows.length,
    elsewhere: input.elsewhere,
    settings,
    look: (some, { signal, onSettled }) =>
      check({ ...common, flows: some }, net, {
        signal,
        timeoutMs: settings.timeoutMs,
        totalBudgetMs: Math.max(30_000, settings.timeoutMs * mostWaits),
        concurrency: settings.concurrency,
        onEvent: (event) => {
          if (event.kind === 'settled') onSettled()
        },
      }),
  }
}
