import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

/**
 * Hands a result over: to stdout, or whole to a file. A file appears complete or not at all, so that a full disk or
 * Ctrl-C never leaves half a report in the place of the last good one.
 *
 * @throws UsageError when the file cannot be written, with the platform's reason
 */
export async function writeResult(text: string, file: string | undefined, shell: Shell): Promise<void> {
  if (file === undefined || file === '-') {
    shell.stdout.write(text)
    return
  }
  const target = resolve(shell.cwd, file)
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
  try {
    await writeFile(draft, text)
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(
      `${file}: cannot be written (${reason}); name a file in a folder that exists and may be written to`,
    )
  }
}
