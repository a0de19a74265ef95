import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { LoadedSite } from '../config/index.ts'
import type { ListedSession, SessionsReport } from '../model/sessionsReport.ts'
import { systemClock } from '../net/clock.ts'
import type { Session, SessionStore, Which } from '../store/sessions/index.ts'
import { openSessions } from '../store/sessions/index.ts'
import { pageFor } from './pageFor.ts'
import { sessionsFormats } from './render/index.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import type { SharedOptions } from './verbs/sharedOptions.ts'
import { formatOf } from './verbs/sharedOptions.ts'
import { version } from './version.ts'
import { expectResultAt, writeResult } from './writeResult.ts'

export interface SessionsOptions extends SharedOptions {
  readonly site: string
}

/** `postern sessions list`: who is signed in at the gate. */
export async function listSessions(options: SessionsOptions, shell: Shell): Promise<number> {
  return withStore(options, shell, (store) => ({ done: 'listed', sessions: store.list({ most: mostListed }) }))
}

/**
 * `postern sessions end`: ends sessions, and with them what is open of them; a gate that runs does so within a moment, and
 * writes it into its record.
 *
 * @throws UsageError when it could not be written down, so that they would be there again after a restart
 */
export async function endSessions(which: Which, options: SessionsOptions, shell: Shell): Promise<number> {
  return withStore(options, shell, (store) => {
    const before = store.list({ most: mostListed })
    const { ended, isKept } = store.end(which, 'revoked')
    if (!isKept)
      throw new UsageError('the end of the sessions could not be written, make room on the disk and end them again')
    const names = new Set(ended.map(({ name }) => name))
    return { done: 'ended', sessions: before.filter(({ name }) => names.has(name)) }
  })
}

const mostListed = 100_000

async function withStore(
  options: SessionsOptions,
  shell: Shell,
  use: (store: SessionStore) => { readonly done: SessionsReport['done']; readonly sessions: readonly Session[] },
): Promise<number> {
  await expectResultAt(options.out, shell, { '--site': options.site })
  const loaded = await siteFrom(options.site, shell, false)
  const opened = openSessions(fileOf(loaded), { now: () => systemClock.now() })
  if (!opened.ok) throw new UsageError(`${opened.fault.what}, ${opened.fault.right}`)
  try {
    const { done, sessions } = use(opened.store)
    const report: SessionsReport = {
      postern: version,
      kind: 'sessions',
      site: loaded.site.site,
      at: new Date(systemClock.now()).toISOString(),
      done,
      sessions: sessions.map(listedOf),
    }
    const render = await sessionsFormats[formatOf(options) as keyof typeof sessionsFormats].load()
    await writeResult(render(report, pageFor(shell, options, false)), options.out, shell)
  } finally {
    opened.store.close()
  }
  return exitCodes.well
}

/** The database of the site's gate; one that is not there yet is not made by who only asks. */
function fileOf({ site, file, folder }: LoadedSite): string {
  if (site.gate === undefined) throw new UsageError(`${file}:1:1: there is no gate, and nobody signs in`)
  const database = resolve(folder, site.gate.sessions.file)
  if (!existsSync(database)) {
    throw new UsageError(`${database}: there is no database of sessions, postern serve makes it at its first start`)
  }
  return database
}

function listedOf({ name, identity, createdAt, usedAt, validatedAt }: Session): ListedSession {
  const time = (at: number): string => new Date(at).toISOString()
  return {
    session: name,
    tenantId: identity.tenantId,
    objectId: identity.objectId,
    ...(identity.displayName !== undefined && { name: identity.displayName }),
    signedInAt: time(createdAt),
    usedAt: time(usedAt),
    validatedAt: time(validatedAt),
  }
}
