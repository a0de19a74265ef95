import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { LoadedSite } from '../config/index.ts'
import { formatConfigErrors } from '../config/index.ts'
import { readSecret } from '../config/readSecret.ts'
import type { OutletSettings } from '../model/watch.ts'
import { systemClock } from '../net/clock.ts'
import { createOutletNet } from '../net/outletNet.ts'
import type { OpenOutlet } from '../outlets/openOutlets.ts'
import { openOutlet } from '../outlets/openOutlets.ts'
import { appendLines } from '../store/lines/appendLines.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'
import { version } from './version.ts'

/** Outlets of a site, with the way out that they share. */
export interface SiteOutlets {
  readonly outlets: readonly OpenOutlet[]
  close(): Promise<void>
}

/**
 * Opens outlets of a site; secrets are read when something is sent, so that new ones count at once.
 *
 * @throws UsageError where the settings of one are wrong, with their place
 */
export async function openSiteOutlets(
  settings: readonly OutletSettings[],
  loaded: LoadedSite,
  shell: Shell,
  signal: AbortSignal,
): Promise<SiteOutlets> {
  const net = createOutletNet({
    names: loaded.site.names,
    trust: loaded.trustPem,
    userAgent: `postern/${version}`,
    ownName: hostname(),
    signal,
  })
  const outlets: OpenOutlet[] = []
  for (const one of settings) {
    const opened = await openOutlet(one, {
      net,
      async secret(reference) {
        const read = await readSecret(reference, shell.env, loaded.folder, 'SECRET')
        return 'ok' in read ? read : { why: `${read.what}, ${read.right}` }
      },
      append: (file, lines, rotation) => appendLines(resolve(loaded.folder, file), lines, rotation),
      now: () => systemClock.now(),
      version,
    })
    if ('why' in opened) {
      await net.close()
      const remedy = { what: `the outlet ${one.name} cannot be used: ${opened.why}`, right: 'mend its settings' }
      throw new UsageError(...formatConfigErrors([loaded.errorAt(['watch', 'outlets', one.name], remedy)]))
    }
    outlets.push(opened.ok)
  }
  return { outlets, close: () => net.close() }
}
