import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { platform } from 'node:os'
import { dirname } from 'node:path'
import type { StoreFault } from './storeFault.ts'

const isPosix = platform() !== 'win32'
const noFollow = constants.O_NOFOLLOW ?? 0

/**
 * Makes sure that a file is there, is no link, and is nobody else's to read or to put in its place: its folder is made
 * where it is missing (0700), and must not be writable by others; the file gets the mode 0600.
 *
 * @param first what a new file is filled with; absent: nothing
 * @returns its first octets, no more than 4,096, or what is wrong
 */
export function privateFile(path: string, first?: () => Uint8Array): { readonly octets: Uint8Array } | StoreFault {
  const folder = dirname(path)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const { mode } = statSync(folder)
    if (isPosix && (mode & 0o022) !== 0) {
      return { what: 'its folder may be written by others', right: 'put it into a folder of its own: chmod 700' }
    }
    return opened(path, first)
  } catch (error) {
    return { what: `it cannot be opened (${codeOf(error)})`, right: 'give the gate the file and its folder' }
  }
}

function opened(path: string, first: (() => Uint8Array) | undefined): { readonly octets: Uint8Array } | StoreFault {
  if (first !== undefined) makeOnce(path, first)
  const descriptor = openSync(path, constants.O_RDWR | noFollow | (first === undefined ? constants.O_CREAT : 0), 0o600)
  try {
    const found = fstatSync(descriptor)
    if (!found.isFile()) return { what: 'it is no file', right: 'name a file' }
    if (isPosix && (found.mode & 0o077) !== 0) fchmodSync(descriptor, 0o600)
    const octets = new Uint8Array(4096)
    return { octets: octets.subarray(0, readSync(descriptor, octets, 0, octets.length, 0)) }
  } finally {
    closeSync(descriptor)
  }
}

/** Of two that start at once one makes it, and the other one reads what that wrote. */
function makeOnce(path: string, first: () => Uint8Array): void {
  try {
    const made = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow, 0o600)
    try {
      writeSync(made, first())
      fsyncSync(made)
    } finally {
      closeSync(made)
    }
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}
