import { mkdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { quoted } from '../config/quoted.ts'
import type { RulesReport } from '../model/rulesReport.ts'
import { everyVendor } from './planRules.ts'
import { json } from './render/json.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'
import { expectResultAt, writeResult } from './writeResult.ts'

/** Where written rules go. */
export type RulesPlace = { readonly folder: string } | { readonly file: string | undefined }

/**
 * Where `--out` says that the rules go, before they are made: a folder where it ends with a slash or is one, else a file,
 * else stdout.
 *
 * @throws UsageError where nothing can be written there, or where there is one place for the rules of many
 */
export async function rulesPlace(
  out: string | undefined,
  word: string,
  isJson: boolean,
  shell: Shell,
  read: Readonly<Record<string, string | undefined>>,
): Promise<RulesPlace> {
  const found =
    out === undefined || out === '-' ? undefined : await stat(resolve(shell.cwd, out)).catch(() => undefined)
  if (out !== undefined && (/[/\\]$/.test(out) || found?.isDirectory() === true)) {
    if (found !== undefined && !found.isDirectory()) {
      throw new UsageError(`--out: ${quoted(out)} is a file, name a folder`)
    }
    return { folder: out }
  }
  if (word === everyVendor) {
    throw new UsageError('--for all writes the files of many vendors, name a folder for them: --out FOLDER/')
  }
  if (isJson || out !== undefined) await expectResultAt(out, shell, read)
  return { file: out }
}

/**
 * Hands over what was written, and says on stderr which files go with the first where there is room for one.
 *
 * @throws UsageError when a file cannot be written
 */
export async function writeRules(
  reports: readonly RulesReport[],
  place: RulesPlace,
  isJson: boolean,
  shell: Shell,
  note: (says: string) => void,
): Promise<void> {
  if ('folder' in place) {
    const isOne = reports.length === 1
    for (const report of reports) {
      // Two vendors may give their files one name.
      const folder = isOne ? place.folder : join(place.folder, report.vendor)
      await makeFolder(folder, shell)
      for (const { name, text } of report.files) await writeResult(text, join(folder, name), shell)
      if (isJson) await writeResult(json(report), join(folder, 'rules.json'), shell)
    }
    return
  }
  for (const report of reports) {
    const [first, ...others] = report.files
    await writeResult(isJson ? json(report) : (first?.text ?? ''), place.file, shell)
    if (others.length > 0 && !isJson) {
      note(`with it belong ${others.map(({ name }) => name).join(', ')}: --out FOLDER/ writes them all`)
    }
  }
}

async function makeFolder(folder: string, shell: Shell): Promise<void> {
  await mkdir(resolve(shell.cwd, folder), { recursive: true }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`--out: the folder ${quoted(folder)} cannot be made: ${why}, name another one`)
  })
}
