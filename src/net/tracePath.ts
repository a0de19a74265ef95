import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { canonicalAddress } from '../model/cidr.ts'
import type { PathTrace, Unfiled } from '../model/observation.ts'
import type { PathHop } from '../model/pathHop.ts'
import type { ReadHop } from '../wire/pathTool.ts'
import { endOfPath, readTraceroute, readTracert } from '../wire/pathTool.ts'
import { printableText } from '../wire/printable-text.ts'
import type { Clock } from './clock.ts'
import { startStamp } from './clock.ts'
import { errorCode } from './errno.ts'
import type { Limits } from './net.ts'
import { isOwn } from './sources.ts'
import type { Ending } from './wait.ts'
import { wait } from './wait.ts'

/** A path tool of the platform, and where it stands. */
export interface PathTool {
  readonly name: PathTrace['tool']
  readonly place: string
}

/** The place whose path is wanted. */
export interface TraceQuestion {
  readonly address: string
  readonly port: number
  readonly transport: 'tcp' | 'udp'
}

/** Why there is no trace. `why` is for people, in the words of the tool where it had some. */
export interface TraceFailure {
  readonly kind: 'no-tool' | 'no-rights' | 'no-means' | 'timeout' | 'aborted'
  readonly why: string
  /** What would let it be, where whoever started it knows. */
  readonly remedy?: string
}

export type Traced = { readonly kind: 'traced'; readonly seen: Unfiled<PathTrace> } | TraceFailure

/** The longest path that is asked for. */
export const mostHops = 20
/** Characters that are read of what a tool writes: hops take a hundredth of it. */
const mostWritten = 65_536
/** How long tracert waits for each of its three packets, in milliseconds: one after the other, so that it has to be short. */
const eachMs = 500

/**
 * Traces the path to a place: one run of the tool, which is ended with the wait. What it has told by then counts, so that a
 * path whose far end is silent is known as far as it is heard.
 *
 * traceroute sends one SYN, or datagram, for each of 20 hops at once; it takes the right to open raw sockets for SYNs.
 * tracert knows ICMP echo alone, one after the other.
 */
export async function tracePath(
  tool: PathTool,
  question: TraceQuestion,
  limits: Limits,
  clock: Clock,
): Promise<Traced> {
  const stamp = startStamp(clock)
  const ran = await run(tool.place, wordsOf(tool, question, limits.timeoutMs), limits)
  if (ran.by === 'aborted') return { kind: 'aborted', why: 'the trace was called off' }
  const hops = (tool.name === 'tracert' ? readTracert : readTraceroute)(ran.written)
  if (ran.by === 'flood' || hops.length === 0) return failureOf(ran, tool)
  const address = canonicalAddress(question.address) ?? question.address
  const asksPort = tool.name !== 'tracert'
  return {
    kind: 'traced',
    seen: {
      kind: 'path-trace',
      ...stamp(),
      tool: tool.name,
      address: question.address,
      sent: asksPort ? (question.transport === 'udp' ? 'udp' : 'tcp-syn') : 'icmp-echo',
      ...(asksPort && { port: question.port }),
      hops: told(hops, address),
      ...endOfPath(hops, address, mostHops, ran.by === 'timeout'),
    },
  }
}

/**
 * Of hops that are silent to the end the first stands for all. Where nobody near by answers, it is this machine that says
 * so to the tool: it is no hop of the way, and no router that could be blamed.
 */
function told(hops: readonly ReadHop[], target: string): readonly PathHop[] {
  const others = hops.filter(({ address }) => address === undefined || address === target || !isOwn(address))
  const last = others.findLastIndex(({ address }) => address !== undefined)
  return others.slice(0, last + 2).map(({ reply: _, ...hop }) => hop)
}

function wordsOf(
  { name }: PathTool,
  { address, port, transport }: TraceQuestion,
  timeoutMs: number,
): readonly string[] {
  const hops = String(mostHops)
  switch (name) {
    case 'traceroute': {
      // It ends by itself before the wait does, if it was not started too late.
      const waitSec = (Math.max(timeoutMs * 0.6, timeoutMs - 800) / 1000).toFixed(2)
      const how = transport === 'udp' ? ['-U'] : ['-T', '-O', 'info']
      return [...how, '-p', String(port), '-n', '-q', '1', '-w', waitSec, '-N', hops, '-m', hops, '--', address]
    }
    case 'tracert':
      return ['-d', '-h', hops, '-w', String(eachMs), address]
    default:
      return name satisfies never
  }
}

interface Ran {
  readonly by: 'itself' | 'flood' | 'not-started' | Ending
  readonly written: string
  /** What it said on standard error, or why it could not be started. */
  readonly said: string
}

/** Runs a program without a shell, its input closed, in a group of its own; nothing of it is left when it settles. */
function run(place: string, words: readonly string[], limits: Limits): Promise<Ran> {
  let written = ''
  let said = ''
  const told = (by: Ran['by']): Ran => ({ by, written, said })
  return wait<Ran>(
    limits,
    (settle) => {
      const child: ChildProcess = spawn(place, [...words], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: environment(),
        // Ctrl-C reaches every process of the terminal; this one decides what it means.
        detached: process.platform !== 'win32',
        windowsHide: true,
      })
      const { stdout, stderr } = child
      child.on('error', (error) => {
        said = errorCode(error) ?? error.message
        settle(told('not-started'))
      })
      // Where no descriptors are left for them it has no outputs, and is not started.
      if (!stdout || !stderr) return () => {}
      collect(stdout, (part) => {
        written = (written + part).slice(0, mostWritten)
        if (written.length >= mostWritten) settle(told('flood'))
      })
      collect(stderr, (part) => {
        said = (said + part).slice(0, mostWritten)
        if (said.length >= mostWritten) settle(told('flood'))
      })
      // Its own end, and that of what it wrote: either alone may come first.
      void Promise.all([once(child, 'exit'), once(stdout, 'close'), once(stderr, 'close')]).then(
        () => settle(told('itself')),
        () => {},
      )
      // What has ended by itself has let go of its outputs, and its number may be another's by now.
      return ({ by }) => {
        if (by !== 'itself') end(child, stdout, stderr)
      }
    },
    (ending) => told(ending),
  )
}

function collect(output: Readable, heard: (part: string) => void): void {
  // Letters of other alphabets may be spoilt by it, and numbers and addresses are none.
  output.setEncoding('latin1').on('data', heard)
  output.on('error', () => {})
}

/** What a tool needs to be started and to speak plainly: nothing else of this process is its business. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot } = process.env
  return { ...(PATH !== undefined && { PATH }), ...(SystemRoot !== undefined && { SystemRoot }), LC_ALL: 'C' }
}

/** Ends what still runs, with what it has started. */
function end(child: ChildProcess, ...outputs: readonly Readable[]): void {
  const { pid } = child
  if (pid !== undefined && process.platform !== 'win32') {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // Nobody is left of it, or who is left belongs to somebody else.
    }
  } else child.kill('SIGKILL')
  for (const output of outputs) output.destroy()
  child.unref()
}

function failureOf({ by, said }: Ran, { name, place }: PathTool): TraceFailure {
  if (by === 'flood') return { kind: 'no-means', why: `${name} wrote more than any path takes` }
  if (by === 'timeout') return { kind: 'timeout', why: `${name} said nothing of the path in its time` }
  if (by === 'not-started') {
    return { kind: said === 'ENOENT' ? 'no-tool' : 'no-means', why: `${place} could not be started: ${said}` }
  }
  const words = printableText(said.split('\n').find((line) => line.trim() !== '') ?? '').replace(/\.$/, '')
  const kind = /enough privileges|^socket: .*not permitted|must be root/im.test(said) ? 'no-rights' : 'no-means'
  return { kind, why: words === '' ? `${name} ended without a hop` : `${name}: ${words}` }
}
