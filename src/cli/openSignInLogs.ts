import { resolve } from 'node:path'
import type { LoadedSite } from '../config/index.ts'
import { visible } from '../config/quoted.ts'
import { readBounded } from '../config/readBounded.ts'
import type { SignInLogs, WatchSettings } from '../model/watch.ts'
import { systemClock } from '../net/clock.ts'
import type { HistoryStore } from '../store/history/index.ts'
import type { RecordPlace } from '../store/record/index.ts'
import { readOn } from '../store/record/index.ts'
import type { ConfirmedNews } from '../watch/news.ts'
import type { OwnSignIn, ReadLog, ReadOwn } from '../watch/signInLogs/index.ts'
import { exportedLog, graphAsker, graphLog, SignInLogWatch, signInOfEvent } from '../watch/signInLogs/index.ts'
import { recordFolderOf } from './openEvents.ts'
import { pause } from './pause.ts'
import type { Shell } from './shell.ts'
import { meansOf } from './siteSignIns.ts'

export interface SignInLogsParts {
  readonly store: HistoryStore
  readonly shell: Shell
  readonly say: (line: string) => void
  /** Resolves when the news would outlive this process. */
  readonly onNews: (news: readonly ConfirmedNews[]) => Promise<void>
  /** `--sign-in-logs FILE`, in the place of what the settings say. */
  readonly file?: string
  /** PEM texts that stand for the machine's own store. */
  readonly machineRoots?: readonly string[]
  /** Wall clock, milliseconds since 1970; a test plays it. */
  readonly now?: () => number
}

/** A page of the log, and a file of it. */
const mostPageOctets = 16 * 1_048_576
const mostFileOctets = 256 * 1_048_576
const lotLines = 1000

/**
 * Holds the sign-in log of the tenant against the record of the site's gate, until the signal aborts; ends at once where
 * the settings do not speak of it, or the site has no gate at which people sign in.
 *
 * @param from the host that watches
 */
export async function watchSignInLogs(
  loaded: LoadedSite,
  settings: WatchSettings,
  from: string,
  parts: SignInLogsParts,
  signal: AbortSignal,
): Promise<void> {
  const { store, say, onNews, file, now = () => systemClock.now() } = parts
  const logs = file === undefined ? settings.signInLogs : { ...usual, ...settings.signInLogs, file }
  const app = loaded.site.gate?.signIn?.client.toLowerCase()
  const folder = recordFolderOf(loaded)
  if (logs === undefined) return
  if (app === undefined || folder === undefined) {
    say('sign-ins   the log of the tenant is not read: the site has no gate at which people sign in')
    return
  }
  const readLog = await logOf(logs, app, { loaded, settings, from, parts, now })
  if (typeof readLog === 'string') {
    say(`sign-ins   the log of the tenant is not read: ${readLog}`)
    return
  }
  const watch = new SignInLogWatch({
    settings: {
      everyMs: logs.everySeconds * 1000,
      latencyMs: logs.latencyMinutes * 60_000,
      toleranceMs: logs.toleranceSeconds * 1000,
    },
    apps: [app],
    readLog,
    readOwn: ownOf(folder, app, { settings, store, now }),
    now,
    pause,
    store,
    onNews,
    onTrouble: (why) => say(why === undefined ? 'sign-ins   the logs are read again' : `sign-ins   ${visible(why)}`),
  })
  await watch.run(signal)
}

const usual = { everySeconds: 300, latencyMinutes: 30, toleranceSeconds: 300 } as const satisfies SignInLogs

/** @returns what is missing where it cannot be read */
async function logOf(
  logs: SignInLogs,
  app: string,
  {
    loaded,
    settings,
    from,
    parts,
    now,
  }: {
    readonly loaded: LoadedSite
    readonly settings: WatchSettings
    readonly from: string
    readonly parts: SignInLogsParts
    readonly now: () => number
  },
): Promise<ReadLog | string> {
  if (logs.file !== undefined) {
    // What is given on the command line is of the folder that it is given in.
    const path = resolve(parts.file === undefined ? loaded.folder : parts.shell.cwd, logs.file)
    return exportedLog(async () => {
      const read = await readBounded(path, mostFileOctets)
      if ('octets' in read) return { ok: new TextDecoder().decode(read.octets) }
      return { why: `${path}: ${'why' in read ? read.why : `it has ${read.tooLarge} octets, which is too much`}` }
    })
  }
  const readers = settings.signIns.filter(({ kind }) => kind === 'client-credentials')
  const reader = logs.signIn === undefined ? readers[0] : readers.find(({ name }) => name === logs.signIn)
  if (reader === undefined) {
    return logs.signIn === undefined
      ? 'add a sign-in of kind client-credentials to watch.sign-ins, or watch.sign-in-logs.file'
      : `watch.sign-ins has no ${visible(logs.signIn)} of kind client-credentials`
  }
  const { shell, machineRoots } = parts
  const means = await meansOf(loaded, settings, from, {
    shell,
    maxBodyBytes: mostPageOctets,
    ...(machineRoots !== undefined && { machineRoots }),
  })
  return graphLog(graphAsker(reader, means), means.authority.graphHost, [app], now)
}

/** What the record and the history know. The record is read on from where it was read to; older sign-ins are let go. */
function ownOf(
  folder: string,
  app: string,
  {
    settings,
    store,
    now,
  }: { readonly settings: WatchSettings; readonly store: HistoryStore; readonly now: () => number },
): ReadOwn {
  let place: RecordPlace | undefined
  let kept: readonly OwnSignIn[] = []
  let oldest: number | undefined
  let passOver: string | undefined
  return async (since, signal) => {
    const begun = now()
    for (let isAtEnd = false; !isAtEnd && !signal.aborted; ) {
      const lot = await readOn(folder, place, {
        most: lotLines,
        since,
        signal,
        ...(passOver !== undefined && { passOver }),
      })
      place = lot.lines.at(-1)?.place ?? place
      const times = lot.lines.flatMap((line) => (line.kind === 'mark' ? [Date.parse(line.mark.time)] : []))
      oldest ??= times[0]
      const found = lot.lines.flatMap((line) => (line.kind === 'event' ? (signInOfEvent(line.event, app) ?? []) : []))
      kept = [...kept, ...found]
      isAtEnd = lot.isAtEnd
      passOver = lot.stuckAt
    }
    kept = kept.filter(({ at }) => at >= since)
    if (oldest === undefined) return { why: `${folder}: there is no record of the gate yet` }
    return {
      signIns: [...kept, ...probesOf(settings, store, { from: since, to: begun })],
      covers: { from: Math.max(since, oldest), to: begun },
    }
  }
}

/** The watcher's own sign-ins, by what it measured of them: those of apps are in another log than people's. */
function probesOf(
  { signIns }: WatchSettings,
  store: HistoryStore,
  span: { readonly from: number; readonly to: number },
): readonly OwnSignIn[] {
  return signIns.flatMap(({ name, client }) =>
    client === undefined
      ? []
      : store
          .readings(`sign-in:${name}`, 'token-ms', span, 100_000)
          .map(({ at }) => ({ id: `${name}:${at}`, at, by: 'probe', app: client.toLowerCase(), isIn: false }) as const),
  )
}
