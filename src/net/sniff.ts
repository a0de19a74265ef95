import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { Packet } from '../wire/packet.ts'
import type { PacketTime } from '../wire/pcap.ts'
import { createCaptureReader } from '../wire/pcap.ts'
import { printableText } from '../wire/printable-text.ts'
import { createSeenAgain } from '../wire/seenAgain.ts'
import type { CaptureTool, CaptureToolRow, SniffQuestion } from './captureTool.ts'
import { rowOf } from './captureTool.ts'
import { errorCode } from './errno.ts'
import type { Told } from './holdTool.ts'
import type { Limits } from './net.ts'
import { wait } from './wait.ts'

export type { CaptureTool } from './captureTool.ts'

/** A packet that went by while it was listened, with the time that the kernel gave it. */
export interface Sniffed {
  readonly time: PacketTime | undefined
  readonly packet: Packet
}

/** Why there is no capture, or no more of it. `why` is for people, in the words of the tool where it had some. */
export interface SniffFailure {
  readonly kind: 'no-tool' | 'no-rights' | 'no-interface' | 'no-means' | 'timeout' | 'aborted'
  readonly why: string
  /** What would let it begin, where whoever started it knows. */
  readonly remedy?: string
}

/** How a capture ended. */
export type SniffEnd =
  /** As it was asked to. `lost`: packets that the kernel dropped, where the tool says it: what is missing proves little then. */
  { readonly kind: 'stopped'; readonly lost?: number } | SniffFailure

export interface Sniffer {
  /**
   * Packets in the order in which they were seen, until the capture ends. To be read by one reader, from the beginning:
   * what nobody takes fills the pipe, and the kernel loses what comes then.
   */
  readonly packets: AsyncIterable<Sniffed>
  readonly ended: Promise<SniffEnd>
  /** Lets the last packets come, and ends; where that takes longer than the limits, the tool is killed. */
  stop(limits: Limits): Promise<SniffEnd>
  /** The longest that an end may take, of a tool that hands its packets over only then. */
  readonly stopMs?: number
}

export type Sniffing =
  | {
      readonly kind: 'capturing'
      readonly sniffer: Sniffer
      /** One interface alone is listened at: what leaves by another is not seen. */
      readonly isPartial?: true
    }
  | SniffFailure

/** Characters that are kept of what a tool says. */
const mostSaid = 4096

/** Characters of what a keeper says: the words of its tool, and what is left to do. */
const mostWords = 360

const stopped = { kind: 'stopped' } as const
const calledOff = { kind: 'aborted', why: 'the capture was called off' } as const

/**
 * Starts a capture tool, and says when it listens: what is sent from then on is seen. The tool is a process under one of
 * ours, which ends it when this process goes, in whatever way; an abort ends both at once.
 *
 * @param lives aborted: the capture is over, and what it has not handed out is lost
 * @param limits for the start
 */
export async function sniff(question: SniffQuestion, lives: AbortSignal, limits: Limits): Promise<Sniffing> {
  const row = rowOf(question.tool)
  const why = row.cannot?.(question)
  if (why !== undefined) return { kind: 'no-interface', why }
  const first = await start(question, row, [], lives, limits)
  const extra = first.kind === 'no-rights' ? row.again?.(first.why) : undefined
  return extra === undefined ? first : start(question, row, extra, lives, limits)
}

async function start(
  question: SniffQuestion,
  row: CaptureToolRow,
  extra: readonly string[],
  lives: AbortSignal,
  limits: Limits,
): Promise<Sniffing> {
  if (lives.aborted) return calledOff
  const { NODE_OPTIONS: _, ...env } = process.env
  const words = [question.tool.place, ...extra, ...row.words(question)]
  const child = spawn(process.execPath, ['--eval', row.keeper, '--', ...words], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // What the tool says is read here.
    env: { ...env, LC_ALL: 'C' },
    // Ctrl-C reaches every process of the terminal; this one decides what it means.
    // On Windows a child in no group of its own is ended with its parent, whatever it has still to undo.
    detached: process.platform !== 'win32' || row.tidiesUp !== undefined,
    windowsHide: true,
  })
  const run = follow(child, question.tool, row, lives)
  const ready = await wait<SniffEnd | 'ready'>(
    limits,
    (settle) => {
      void run.ready.then(() => settle('ready'))
      void run.ended.then(settle)
      return () => {}
    },
    (kind) => (kind === 'timeout' ? { kind, why: 'the capture tool did not begin in time' } : calledOff),
  )
  if (ready === 'ready') return { kind: 'capturing', sniffer: run }
  run.kill(ready)
  return ready.kind === 'stopped' ? { kind: 'no-means', why: 'the capture tool ended at once' } : ready
}

interface Run extends Sniffer {
  /** The tool listens, its filter in place. */
  readonly ready: Promise<void>
  /** Ends it at once. */
  kill(end: SniffEnd): void
}

function follow(child: ChildProcess, tool: CaptureTool, row: CaptureToolRow, lives: AbortSignal): Run {
  const { promise: ready, resolve: setReady } = Promise.withResolvers<void>()
  const { promise: ended, resolve: setEnded } = Promise.withResolvers<SniffEnd>()
  const { stdout, stderr } = child
  let said = ''
  let told: Told | undefined
  let isStopping = false

  const end = (how: SniffEnd): void => {
    lives.removeEventListener('abort', onAbort)
    setEnded(how)
  }
  const kill = (how: SniffEnd): void => {
    end(how)
    // The child kills the tool when its channel closes, unless it is stopped itself.
    if (child.connected) child.disconnect()
    const isLeftToIt = row.tidiesUp !== undefined
    if (!isLeftToIt && child.exitCode === null && child.signalCode === null) killGroup(child)
    stdout?.destroy()
    stderr?.destroy()
    child.unref()
  }
  const onAbort = (): void => kill(calledOff)
  lives.addEventListener('abort', onAbort, { once: true })

  child.on('error', (error) => kill({ kind: 'no-means', why: errorCode(error) ?? error.message }))
  child.on('message', (message: Told) => {
    if (message.kind === 'began') setReady()
    else told = message
  })
  stderr?.setEncoding('utf8').on('data', (part: string) => {
    said = (said + part).slice(-mostSaid)
    if (typeof row.begins === 'object' && said.includes(row.begins.says)) setReady()
  })
  child.on('exit', () => {
    // What ended it did not end the tool, which nobody else would.
    if (told === undefined) killGroup(child)
  })
  // It is asked for packets that nobody may have read yet: its standard output need not be at its end.
  const gone = [once(child, 'exit'), ...(stderr === null ? [] : [once(stderr, 'close')])]
  void Promise.allSettled(gone).then(() =>
    end(isStopping && told?.kind !== 'failed' ? stoppedWith(told, said, tool) : failureOf(told, said, tool)),
  )
  if (row.begins === 'octets') whenOctetsCame(stdout, setReady)
  stdout?.on('error', () => {})

  return {
    ready,
    ended,
    kill,
    packets: packetsOf(stdout, row, kill),
    ...(row.tidiesUp !== undefined && { stopMs: row.tidiesUp.stopMs }),
    stop(limits) {
      isStopping = true
      if (child.connected) child.send('stop', () => {})
      return wait<SniffEnd>(
        limits,
        (settle) => {
          void ended.then(settle)
          return () => {}
        },
        (kind) => {
          const late: SniffEnd =
            row.tidiesUp === undefined
              ? stopped
              : kind === 'timeout'
                ? { kind, why: `${tool.name} did not hand its packets over in time` }
                : calledOff
          kill(late)
          return late
        },
      )
    },
  }
}

/** Ends the child and the tool, which are a group of their own wherever there are groups. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined || process.platform === 'win32') return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left of it, or who is left belongs to somebody else.
  }
}

/** Calls once something can be read; at its end a stream is readable as well, and nothing comes. */
function whenOctetsCame(output: Readable | null, came: () => void): void {
  const onReadable = (): void => {
    if (output === null || output.readableLength === 0) return
    output.off('readable', onReadable)
    came()
  }
  output?.on('readable', onReadable)
}

async function* packetsOf(
  output: Readable | null,
  { readPacket, repeats }: CaptureToolRow,
  kill: (end: SniffEnd) => void,
): AsyncGenerator<Sniffed> {
  const reader = createCaptureReader()
  const isAgain = repeats ? createSeenAgain() : () => false
  try {
    for await (const part of output ?? []) {
      reader.push(part)
      for (let read = reader.next(); read !== undefined; read = reader.next()) {
        const packet = readPacket(read)
        if (!isAgain(read.time, packet)) yield { time: read.time, packet }
      }
      const { end } = reader
      if (end.kind === 'corrupt') {
        kill({ kind: 'no-means', why: `what the tool wrote cannot be read, octet ${end.at}: ${end.why}` })
        return
      }
    }
  } catch (error) {
    // The pipe was closed under it: `ended` says why.
    if (errorCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  } finally {
    // Whoever leaves before the end wants no more; at the end there is nothing left of it.
    if (output?.readableEnded === false) kill(stopped)
  }
}

/** Packets that were lost, as tcpdump and dumpcap say it at their end. */
const lostPackets = /(\d+) packets? dropped by kernel|received\/dropped on interface .*: \d+\/(\d+)/

function stoppedWith(told: Told | undefined, said: string, tool: CaptureTool): SniffEnd {
  // What hands its packets over at the end has handed over none where it was ended before.
  if (told === undefined && rowOf(tool).tidiesUp !== undefined) return failureOf(told, said, tool)
  const found = lostPackets.exec(said)
  return { kind: 'stopped', ...(found !== null && { lost: Number(found[1] ?? found[2]) }) }
}

/** What tools and libpcap say, and what it means. */
const meanings: readonly (readonly [RegExp, SniffFailure['kind']])[] = [
  [/permission|not permitted|must be root|Couldn't change to|find user|initgroups/i, 'no-rights'],
  [/No such device|does(n't| not) exist|no interface|no interfaces|not up|is not available/i, 'no-interface'],
]

function failureOf(told: Told | undefined, said: string, tool: CaptureTool): SniffFailure {
  if (told?.kind === 'failed') return { kind: told.as, why: printableText(told.why, mostWords) }
  if (told?.kind === 'not-started') {
    const kind =
      told.code === 'ENOENT' ? 'no-tool' : told.code === 'EACCES' || told.code === 'EPERM' ? 'no-rights' : 'no-means'
    return { kind, why: `${tool.place} could not be started: ${told.code}` }
  }
  const words = printableText(
    said
      .split('\n')
      .map((line) => line.trim())
      // What every capture begins with says nothing of why it ended.
      .filter((line) => line !== '' && !/data link type|listening on|Capturing on|File: /.test(line))
      .join('; '),
  )
  const kind = meanings.find(([pattern]) => pattern.test(words))?.[1] ?? 'no-means'
  return {
    kind,
    why: words === '' ? `${tool.name} ended by itself (${told?.kind === 'ended' ? told.code : 'killed'})` : words,
  }
}
