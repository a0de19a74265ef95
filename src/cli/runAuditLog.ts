import { readdir, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { AuditLogReport } from '../config/auditLogSchema.ts'
import { quoted } from '../config/quoted.ts'
import type { EventKind, RecordedEvent } from '../model/event.ts'
import { ocsfOf, readEvents, verifyRecord } from '../store/record/index.ts'
import { pageFor } from './pageFor.ts'
import { eventText } from './render/eventText.ts'
import { auditLogFormats } from './render/index.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError, wantsColor } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import type { SharedOptions } from './verbs/sharedOptions.ts'
import { formatOf } from './verbs/sharedOptions.ts'
import { version } from './version.ts'
import { expectResultAt, writeResult } from './writeResult.ts'

export interface AuditLogOptions {
  readonly site: string
  readonly kind?: readonly EventKind[]
}

export interface VerifyOptions extends AuditLogOptions, SharedOptions {
  readonly checkpoint?: readonly string[]
  readonly publicKey?: string
}

export interface ExportOptions extends AuditLogOptions, SharedOptions {
  /** Milliseconds since 1970. */
  readonly since?: number
  readonly until?: number
}

export interface TailOptions extends AuditLogOptions {
  readonly follow?: boolean
  readonly lines: number
  readonly json?: boolean
  readonly color: boolean
}

export const exportFormats = ['json', 'ocsf'] as const

/** Characters of an export that are handed over at once. */
const pieceLength = 64 * 1024

/** `postern audit-log verify`: 0, 1 or, where there is nothing to verify, 2. */
export async function verifyFolder(given: string | undefined, options: VerifyOptions, shell: Shell): Promise<number> {
  await expectResultAt(options.out, shell)
  const folder = await folderOf(given, options, shell)
  const checkpoints = await Promise.all(
    (options.checkpoint ?? []).map(async (name) => ({ name, octets: await octetsOf(name, '--checkpoint', shell) })),
  )
  const publicKey =
    options.publicKey === undefined ? undefined : await octetsOf(options.publicKey, '--public-key', shell)
  const verdict = await verifyRecord(folder, {
    checkpoints,
    ...(publicKey !== undefined && { publicKey }),
    signal: shell.signal,
  })
  const { problem } = verdict
  if (problem?.code === 'no-record' || problem?.code === 'unreadable') {
    throw new UsageError(`${folder}: ${problem.what}, ${problem.next}`)
  }
  const report: AuditLogReport = { postern: version, kind: 'audit-log', ...verdict }
  const render = await auditLogFormats[formatOf(options) as keyof typeof auditLogFormats].load()
  await writeResult(render(report, pageFor(shell, options, false)), options.out, shell)
  return verdict.ok ? exitCodes.well : exitCodes.findings
}

/** `postern audit-log export`: every event that is asked for, one a line. */
export async function exportRecord(given: string | undefined, options: ExportOptions, shell: Shell): Promise<number> {
  await expectResultAt(options.out, shell)
  const folder = await folderOf(given, options, shell)
  await expectRecord(folder)
  const unread: string[] = []
  await writeResult(exportedLines(folder, options, shell, unread), options.out, shell)
  for (const place of unread) shell.stderr.write(`${place}: this line cannot be read and is left out\n`)
  if (shell.signal.aborted) return exitCodes.interrupted
  return unread.length === 0 ? exitCodes.well : exitCodes.findings
}

/** Places of lines that are named one by one: whoever spoilt a file may have spoilt all of it. */
const mostNamed = 20

async function* exportedLines(
  folder: string,
  options: ExportOptions,
  shell: Shell,
  unread: string[],
): AsyncGenerator<string, void> {
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = options
  const isOcsf = options.json !== true && options.format === 'ocsf'
  let piece = ''
  for await (const line of readEvents(folder, { signal: shell.signal })) {
    if ('unread' in line) {
      if (unread.length < mostNamed) unread.push(`${line.unread.file}:${line.unread.line}`)
      continue
    }
    const at = Date.parse(line.event.time)
    if (!isAsked(line.event, options) || !(at >= since && at < until)) continue
    piece += `${isOcsf ? JSON.stringify(ocsfOf(line.event, version)) : line.text}\n`
    if (piece.length < pieceLength) continue
    yield piece
    piece = ''
  }
  // A file appears whole or not at all.
  if (shell.signal.aborted && options.out !== undefined) throw new Error('it was stopped')
  yield piece
}

/** `postern audit-log tail`: the last events, and with `--follow` those that come, until Ctrl-C. */
export async function tailRecord(given: string | undefined, options: TailOptions, shell: Shell): Promise<number> {
  const folder = await folderOf(given, options, shell)
  const files = await expectRecord(folder)
  const page = { colour: wantsColor(shell, shell.stdout, options.color) }
  const show = (event: RecordedEvent, text: string): void =>
    shell.stdout.write(`${options.json === true ? text : eventText(event, page)}\n`)
  const { signal } = shell
  const last: { readonly event: RecordedEvent; readonly text: string }[] = []
  // What was there at the start ends where the file does; with --follow the same reading goes on behind that.
  let isCaughtUp = false
  const caughtUp = (): void => {
    isCaughtUp = true
    for (const { event, text } of last) show(event, text)
    last.length = 0
  }
  // The newest file alone may have just been begun.
  const from = files.at(-2) ?? files.at(-1) ?? 1
  for await (const line of readEvents(folder, { from, signal, follow: options.follow === true, caughtUp })) {
    if ('unread' in line || !isAsked(line.event, options)) continue
    if (isCaughtUp) show(line.event, line.text)
    else {
      last.push(line)
      if (last.length > options.lines) last.shift()
    }
    await shell.stdout.taken?.()
  }
  if (!isCaughtUp) caughtUp()
  return signal.aborted ? exitCodes.interrupted : exitCodes.well
}

function isAsked({ kind }: RecordedEvent, options: AuditLogOptions): boolean {
  return options.kind === undefined || options.kind.includes(kind)
}

async function folderOf(given: string | undefined, options: AuditLogOptions, shell: Shell): Promise<string> {
  if (given !== undefined) return resolve(shell.cwd, given)
  const { site, folder, file } = await siteFrom(options.site, shell, false, ', or name the folder of the record')
  if (site.gate === undefined) {
    throw new UsageError(
      `${file}: there is no gate in it, write gate: or name the folder: postern audit-log verify FOLDER`,
    )
  }
  return resolve(folder, site.gate.record.folder)
}

/** Numbers of the files of the record. */
async function expectRecord(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    const what = error.code === 'ENOENT' ? 'there is no such folder' : `it cannot be read (${error.code ?? 'unknown'})`
    throw new UsageError(`${folder}: ${what}, name the folder of a record`)
  })
  const files = names.flatMap((name) => /^record-(\d{8})\.jsonl$/.exec(name)?.[1] ?? []).map(Number)
  if (files.length === 0) throw new UsageError(`${folder}: there is no record here, name the folder of one`)
  return files.sort((a, b) => a - b)
}

/** A checkpoint or a key: some hundred octets. */
const mostGivenOctets = 64 * 1024

async function octetsOf(file: string, option: string, shell: Shell): Promise<Uint8Array> {
  const octets = await readFile(resolve(shell.cwd, file)).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${option}: ${quoted(file)} cannot be read (${error.code ?? 'unknown'}), name a file that can`)
  })
  if (octets.length <= mostGivenOctets) return octets
  throw new UsageError(`${option}: ${quoted(file)} is larger than any such file, name another one`)
}
