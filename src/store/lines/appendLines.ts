import type { FileHandle } from 'node:fs/promises'
import { open, rename, rm, stat } from 'node:fs/promises'

/** When a file is ended, and how many ended ones are kept. */
export interface LineRotation {
  /** Octets above which it becomes `PATH.1`, 1 or more; a single lot of lines is never parted. */
  readonly mostOctets: number
  /** Ended files, 1 or more: `PATH.1` is the newest. */
  readonly keep: number
}

export type LinesAppended = { readonly octets: number } | { readonly why: string }

/**
 * Adds lines to a file, which is made for its owner alone where it is missing, and resolves when they are on the disk.
 * Either all of them stand there or none: what could not be written whole is cut off again, and a line that a sudden end
 * has torn is ended before the next.
 *
 * @param lines without line breaks
 * @returns how many octets were added, or why none were
 */
export async function appendLines(
  path: string,
  lines: readonly string[],
  rotation: LineRotation,
): Promise<LinesAppended> {
  const octets = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  try {
    const found = await stat(path).catch(missing)
    // To open a pipe waits for whoever reads from it.
    if (found !== undefined && !found.isFile()) return { why: `${path} is no file` }
    if (found !== undefined && found.size > 0 && found.size + octets.length > rotation.mostOctets) {
      await rotate(path, rotation.keep)
    }
    await using handle = await open(path, 'a+', 0o600)
    return { octets: await appendWhole(handle, octets) }
  } catch (error) {
    return { why: `${path}: ${codeOf(error)}` }
  }
}

async function appendWhole(handle: FileHandle, octets: Buffer): Promise<number> {
  const { size } = await handle.stat()
  const isTorn = size > 0 && (await lastOctet(handle, size)) !== 0x0a
  const whole = isTorn ? Buffer.concat([Buffer.from('\n'), octets]) : octets
  try {
    await handle.appendFile(whole)
    await handle.datasync()
    return whole.length
  } catch (error) {
    await handle.truncate(size).catch(() => {})
    throw error
  }
}

async function lastOctet(handle: FileHandle, size: number): Promise<number | undefined> {
  const { buffer } = await handle.read(new Uint8Array(1), 0, 1, size - 1)
  return buffer[0]
}

/** The oldest is given up, each other one grows a number older. */
async function rotate(path: string, keep: number): Promise<void> {
  await rm(`${path}.${keep}`, { force: true })
  for (let number = keep - 1; number >= 1; number -= 1) {
    await rename(`${path}.${number}`, `${path}.${number + 1}`).catch(missing)
  }
  await rename(path, `${path}.1`)
}

function missing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be written'
}
