import type { ChildProcess } from 'node:child_process'
import type { Told } from './holdTool.ts'

/** What the keeper of pktmon is given, as JSON behind the place of the tool. */
export interface PktmonTask {
  /** Words of each filter; a packet is wanted that fits one of them. */
  readonly filters: readonly (readonly string[])[]
  /** Fewer and wider ones, for a build that takes less of them. */
  readonly widerFilters: readonly (readonly string[])[]
  /** Octets that are kept of a packet. */
  readonly keptOctets: number
  /** The longest that its log may get: the oldest packets go then. */
  readonly megabytes: number
  /** The longest that one of its commands may take, and that of turning its log into pcapng. */
  readonly stepMs: number
  readonly convertMs: number
}

/**
 * The program of the child that holds pktmon, Windows' Packet Monitor. That is no program which captures while it runs: its
 * commands switch one capture of the whole machine on and off, which stays when they have ended. Someone must be there
 * then to switch it off, whatever happens to the check: this child, which is in no group of its parent's, hears no Ctrl-C
 * and leaves nothing. What anybody else captures, or has set as filters, is not touched: where there is either, it is
 * said, and nothing is begun.
 *
 * Its words are those of the language of the system, so that only commands, exit codes and the number of lines are gone
 * by. It is sent as text, so that it may use nothing from outside of itself.
 */
function holdPktmon(): void {
  const { spawn } = process.getBuiltinModule('node:child_process')
  const { createReadStream, mkdtempSync, rmSync, statSync } = process.getBuiltinModule('node:fs')
  const { tmpdir } = process.getBuiltinModule('node:os')
  const { join } = process.getBuiltinModule('node:path')
  const [place = '', task = ''] = process.argv.slice(1)
  const given: PktmonTask = JSON.parse(task)
  /** By which its filters are known among others. */
  const mark = 'Postern'

  type Failed = Extract<Told, { kind: 'failed' }>
  interface Ran {
    readonly code: number | string
    readonly lines: readonly string[]
  }

  let folder: string | undefined
  let hasFilters = false
  let isOn = false
  /** The command by which the log becomes pcapng, which had another name once. */
  let converts = 'etl2pcap'
  let isLeaving = false
  let breakOff = (): void => {}

  const run = (words: readonly string[], ms = given.stepMs, mayBreakOff = false): Promise<Ran> =>
    new Promise((resolve) => {
      let said = ''
      let child: ChildProcess | undefined
      const done = (code: number | string): void => {
        clearTimeout(timer)
        breakOff = () => {}
        // What is between the letters of a wide encoding says nothing.
        const lines = said.replaceAll('\0', '').split(/\r?\n/)
        resolve({ code, lines: lines.filter((line) => line.trim() !== '') })
      }
      const timer = setTimeout(() => {
        child?.kill('SIGKILL')
        done('timeout')
      }, ms)
      const notRun = (error: unknown): void => {
        const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string'
        done(hasCode ? String(error.code) : String(error))
      }
      try {
        child = spawn(place, words, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
      } catch (error) {
        // Why it could not be started comes in either way.
        notRun(error)
        return
      }
      child.on('error', notRun)
      child.on('close', (code, signal) => done(code ?? signal ?? 'killed'))
      if (mayBreakOff) breakOff = () => child?.kill('SIGKILL')
      // Without descriptors for them there are none.
      for (const output of [child.stdout, child.stderr]) {
        output?.setEncoding('utf8').on('data', (part: string) => {
          said = (said + part).slice(0, 65_536)
        })
      }
    })

  const failed = (as: Failed['as'], why: string): Failed => ({ kind: 'failed', as, why })
  /** 5 is Windows' number for a right that is missing; a program that wants an administrator is not even started. */
  const failedAt = (step: string, { code, lines }: Ran): Failed => {
    const words = lines.map((line) => line.trim()).join('; ')
    if (code === 'ENOENT') return failed('no-tool', `${place} could not be started: ${code}`)
    if (code === 'timeout') return failed('timeout', `pktmon ${step} did not end in time`)
    const hasNoRight = code === 5 || code === 'EACCES' || code === 'EPERM' || /denied|elevat|administrator/i.test(words)
    return failed(
      hasNoRight ? 'no-rights' : 'no-means',
      `pktmon ${step}: ${words === '' ? `it ended with ${code}` : words}`,
    )
  }

  const addFilters = async (filters: PktmonTask['filters']): Promise<Failed | undefined> => {
    for (const [at, words] of filters.entries()) {
      hasFilters = true
      const added = await run(['filter', 'add', `${mark}${at + 1}`, ...words])
      if (added.code !== 0) return failedAt('filter add', added)
      if (isLeaving) break
    }
    return undefined
  }

  /** All at once is the only way to remove them; where others have come to be among them they stay. */
  const removeFilters = async (): Promise<string | undefined> => {
    if (!hasFilters) return undefined
    const { lines } = await run(['filter', 'list'])
    const rule = lines.findIndex((line) => /^[\s-]*--[\s-]*$/.test(line))
    const others = lines.slice(rule + 1).filter((line) => /^\s*\d+\s+\S/.test(line) && !line.includes(mark))
    if (rule >= 0 && others.length > 0)
      return 'filters of somebody else have come to its own, and all are left: pktmon filter remove'
    const removed = await run(['filter', 'remove'])
    if (removed.code !== 0) return 'its filters are left: pktmon filter remove'
    hasFilters = false
    return undefined
  }

  const begin = async (): Promise<Failed | undefined> => {
    const help = await run(['help'])
    if (typeof help.code === 'string') return failedAt('help', help)
    const knows = (command: string): boolean => help.lines.some((line) => line.trim().split(/\s/)[0] === command)
    const found = ['etl2pcap', 'pcapng'].find(knows)
    if (found === undefined || !knows('status')) {
      const refused = failedAt('help', help)
      if (refused.as === 'no-rights') return refused
      const lacks = found === undefined ? 'write pcapng' : 'say whether somebody captures with it'
      return failed('no-means', `this build of pktmon cannot ${lacks}; later ones of Windows can`)
    }
    converts = found
    const status = await run(['status'])
    if (status.code !== 0) return failedAt('status', status)
    // One line says that it does not run; of a capture there is more to tell.
    if (status.lines.length > 1) {
      return failed(
        'no-means',
        'pktmon captures already, for somebody else: it is left alone (pktmon status, pktmon stop)',
      )
    }
    const filters = await run(['filter', 'list'])
    if (filters.code !== 0) return failedAt('filter list', filters)
    // A heading and a word for none; a table of filters is longer.
    if (filters.lines.length > 2) {
      return failed(
        'no-means',
        'pktmon has filters of somebody else: they are left alone (pktmon filter list, pktmon filter remove)',
      )
    }
    if (isLeaving) return undefined
    folder = mkdtempSync(join(tmpdir(), 'postern-capture-'))
    const refused = await addFilters(given.filters)
    if (refused !== undefined) {
      if (refused.as === 'no-rights' || (await removeFilters()) !== undefined) return refused
      const again = await addFilters(given.widerFilters)
      if (again !== undefined) return again
    }
    if (isLeaving) return undefined
    const started = await run([
      'start',
      '--capture',
      // A packet is seen by each component that it passes; at the card it is as it goes over the wire.
      ...['--comp', 'nics'],
      ...['--pkt-size', String(given.keptOctets)],
      ...['--file-name', join(folder, 'packets.etl')],
      ...['--file-size', String(given.megabytes)],
      ...['--log-mode', 'circular'],
    ])
    // One that hangs may have begun.
    isOn = started.code === 0 || started.code === 'timeout'
    return started.code === 0 ? undefined : failedAt('start', started)
  }

  /** Ends the capture and hands it over. */
  const handOver = async (): Promise<Failed | undefined> => {
    if (folder === undefined) return undefined
    const stopped = await run(['stop'])
    if (stopped.code !== 0) return failedAt('stop', stopped)
    isOn = false
    if (isLeaving) return undefined
    const log = join(folder, 'packets.etl')
    const packets = join(folder, 'packets.pcapng')
    const converted = await run([converts, log, '--out', packets], given.convertMs, true)
    if (converted.code !== 0) return failedAt(converts, converted)
    let isFull: boolean
    try {
      isFull = statSync(log).size >= given.megabytes * 1_048_576
      for await (const part of createReadStream(packets)) {
        await new Promise<void>((resolve) => process.stdout.write(part, () => resolve()))
      }
    } catch (error) {
      return failed('no-means', `pktmon ${converts} left no file that can be read: ${String(error)}`)
    }
    return isFull
      ? failed('no-means', `the log of pktmon was full with ${given.megabytes} MB: its oldest packets are gone`)
      : undefined
  }

  /** @returns what could not be undone, in words */
  const leave = async (): Promise<readonly string[]> => {
    const left: string[] = []
    if (isOn && (await run(['stop'])).code !== 0) left.push('it may capture still: pktmon stop')
    const filters = await removeFilters()
    if (filters !== undefined) left.push(filters)
    if (folder === undefined) return left
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
    } catch {
      left.push(`its log is left in ${folder}`)
    }
    return left
  }

  const stopOrLeave = new Promise<'stop' | 'leave'>((resolve) => {
    const onLeave = (): void => {
      isLeaving = true
      resolve('leave')
    }
    process.on('message', () => resolve('stop'))
    process.on('disconnect', () => {
      onLeave()
      breakOff()
    })
    // The window is closed, the user signs off, somebody ends it: there is time to clean up, not to hand over.
    for (const name of ['SIGHUP', 'SIGTERM'] as const) process.on(name, onLeave)
  })
  // Whoever presses Ctrl-C means the check, which says what it means here.
  for (const name of ['SIGINT', 'SIGBREAK'] as const) process.on(name, () => {})
  process.stdout.on('error', () => {})

  const say = (message: Told): Promise<void> =>
    new Promise((resolve) => {
      if (process.send === undefined || !process.connected) resolve()
      else process.send(message, () => resolve())
    })

  const captured = async (): Promise<Failed | undefined> => {
    const refused = await begin()
    if (refused !== undefined || isLeaving) return refused
    await say({ kind: 'began' })
    return (await stopOrLeave) === 'stop' ? handOver() : undefined
  }

  const hold = async (): Promise<void> => {
    // Whatever goes wrong, what has been begun is put back.
    const end = await captured().catch((error: unknown) =>
      failed('no-means', `pktmon could not be used: ${String(error)}`),
    )
    const left = await leave()
    const failure = end ?? (left.length > 0 ? failed('no-means', 'pktmon could not be put back as it was') : undefined)
    await say(
      failure === undefined ? { kind: 'ended', code: 0 } : { ...failure, why: [failure.why, ...left].join('; ') },
    )
    process.exit()
  }
  void hold()
}

export const holdPktmonProgram = `(${String(holdPktmon)})()`
