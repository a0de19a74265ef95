import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { recordFileName } from './recordFiles.ts'
import { headOf } from './recoverEnd.ts'

/** What the files of a record may come to. Times in milliseconds since 1970. */
export interface RecordBounds {
  /** Those that ended by then are old. */
  readonly endedBy: number
  /** Of all files together. */
  readonly mostOctets: number
}

export interface Removable {
  /** All up to this number. */
  readonly through: number
  /** The last chain of that file. */
  readonly last: string
  /** Whether one of them is not old, and there is no room for it. */
  readonly isEarly: boolean
}

/**
 * The oldest files of a record that are old, or too much; undefined where there are none. The last one, which is written,
 * never is one of them, and neither is one whose end cannot be told.
 *
 * @param files numbers, ascending
 */
export async function removableFiles(
  folder: string,
  files: readonly number[],
  { endedBy, mostOctets }: RecordBounds,
): Promise<Removable | undefined> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, recordFileName(file)))).size))
  let octets = sizes.reduce((sum, size) => sum + size, 0)
  let found: Removable | undefined
  for (const [index, file] of files.slice(0, -1).entries()) {
    // A file ended when the next one was begun.
    const next = files[index + 1] === file + 1 ? await headOf(folder, file + 1) : undefined
    if (next === undefined) break
    const isOld = next.atMs <= endedBy
    if (!isOld && octets <= mostOctets) break
    octets -= sizes[index] ?? 0
    found = { through: file, last: next.previous, isEarly: found?.isEarly === true || !isOld }
  }
  return found
}
