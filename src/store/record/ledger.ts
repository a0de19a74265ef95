import type { FileHandle } from 'node:fs/promises'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileNames, recordFileName, replaceFile, syncFolder } from './recordFiles.ts'
import { chainOf, lineOf } from './recordLine.ts'
import type { MarkWords, Position, SigningKey } from './recordMark.ts'
import { markBody } from './recordMark.ts'
import type { Doubt } from './shownTime.ts'

/** What is written as a line: the canonical text of an event, or a mark, which says where it stands. */
export type Entry = string | MarkWords

interface Place {
  readonly position: Position
  /** Octets of the file up to the position; what is behind them was never answered for. */
  readonly octets: number
}

/**
 * The end of a record, to which lines are added. One call at a time. A call that rejects has changed nothing: what it may
 * have left behind the end is cut off before the next one writes.
 */
export class Ledger {
  readonly folder: string
  readonly #key: SigningKey
  readonly #now: () => string
  #handle: FileHandle
  #place: Place
  #isClean = true

  private constructor(folder: string, key: SigningKey, now: () => string, handle: FileHandle, place: Place) {
    this.folder = folder
    this.#key = key
    this.#now = now
    this.#handle = handle
    this.#place = place
  }

  /** Goes on with a file at a position, or begins the file that follows it, where `octets` is 0. */
  static async open(
    folder: string,
    { key, now, position, octets }: Place & { readonly key: SigningKey; readonly now: () => string },
  ): Promise<Ledger> {
    const handle = octets === 0 ? undefined : await open(join(folder, recordFileName(position.file)), 'r+')
    if (handle !== undefined) return new Ledger(folder, key, now, handle, { position, octets })
    const begun = await begin(folder, position, key, now())
    return new Ledger(folder, key, now, begun.handle, begun.place)
  }

  get position(): Position {
    return this.#place.position
  }

  /** Octets of the file that is written. */
  get octets(): number {
    return this.#place.octets
  }

  /**
   * Adds lines, and resolves when they would outlive the power of this machine.
   *
   * @returns the last of them
   * @throws the error of the platform, and then none of them was added
   */
  async append(entries: readonly Entry[]): Promise<string> {
    const { octets } = this.#place
    let { chain, line, events, file } = this.#place.position
    let text = ''
    let last = ''
    for (const entry of entries) {
      const body =
        typeof entry === 'string' ? entry : markBody(entry, { file, line, events, chain }, this.#now(), this.#key)
      chain = chainOf(chain, body)
      last = lineOf(body, chain)
      text += `${last}\n`
      line += 1
      if (typeof entry === 'string') events += 1
    }
    const added = Buffer.from(text)
    await this.#write(added, octets)
    this.#place = { position: { file, line, events, chain }, octets: octets + added.length }
    return last
  }

  /** Adds a checkpoint, and puts it beside the record as well. */
  async checkpoint(): Promise<string> {
    const line = await this.append([{ mark: 'checkpoint' }])
    await replaceFile(this.folder, fileNames.checkpoint, `${line}\n`)
    return line
  }

  /**
   * Ends the file and begins the next one, whose first line is a checkpoint too.
   *
   * @param doubt of the clock, for that line
   */
  async rotate(doubt?: Doubt): Promise<string> {
    if (!this.#isClean) await this.#cut(this.#place.octets)
    const { position } = this.#place
    const begun = await begin(this.folder, { ...position, file: position.file + 1 }, this.#key, this.#now(), doubt)
    const ended = this.#handle
    this.#handle = begun.handle
    this.#place = begun.place
    await ended.close()
    await replaceFile(this.folder, fileNames.checkpoint, `${begun.line}\n`)
    return begun.line
  }

  async close(): Promise<void> {
    try {
      if (!this.#isClean) await this.#cut(this.#place.octets)
    } finally {
      await this.#handle.close()
    }
  }

  async #write(added: Buffer, from: number): Promise<void> {
    if (!this.#isClean) await this.#cut(from)
    this.#isClean = false
    try {
      for (let done = 0; done < added.length; ) {
        const { bytesWritten } = await this.#handle.write(added, done, added.length - done, from + done)
        done += bytesWritten
      }
      await this.#handle.datasync()
      this.#isClean = true
    } catch (error) {
      // What did not go through leaves no half line, for as long as the disk lets us; else the next call cuts it off.
      await this.#cut(from).catch(() => undefined)
      throw error
    }
  }

  async #cut(octets: number): Promise<void> {
    await this.#handle.truncate(octets)
    this.#isClean = true
  }
}

/** Makes a file with its first line. One that cannot be begun is not left behind. */
async function begin(folder: string, position: Position, key: SigningKey, time: string, doubt?: Doubt) {
  const { file, events, chain } = position
  const path = join(folder, recordFileName(file))
  const body = markBody({ mark: 'head', format: 1, ...doubt }, { file, line: 0, events, chain }, time, key)
  const next = chainOf(chain, body)
  const line = lineOf(body, next)
  const octets = Buffer.from(`${line}\n`)
  const handle = await open(path, 'wx+', 0o600)
  try {
    await handle.writeFile(octets)
    await handle.datasync()
    await syncFolder(folder)
  } catch (error) {
    await handle.close()
    await rm(path, { force: true })
    throw error
  }
  const place: Place = { position: { file, line: 1, events, chain: next }, octets: octets.length }
  return { handle, line, place }
}
