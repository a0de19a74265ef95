import { readdirSync, readFileSync } from 'node:fs'
import { openFilesOf } from '../machine/descriptors.ts'

/**
 * How many files and sockets this process may have open, and how many of them it has left. Read at once and not in turns:
 * it is asked while others come.
 *
 * @returns undefined where the platform does not tell, or there is no limit
 */
export function openFiles(): { readonly most: number; readonly left: number } | undefined {
  try {
    const most = openFilesOf(readFileSync('/proc/self/limits', 'latin1'))
    // What lists the folder is open itself meanwhile.
    return typeof most === 'number' ? { most, left: most - readdirSync('/proc/self/fd').length + 1 } : undefined
  } catch {
    return undefined
  }
}
