import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { promisify } from 'node:util'
import { cores } from './pinnedProgram.ts'

/** What is asked, over keep-alive connections of HTTP/1.1. */
export interface Asked {
  /** With the port. */
  readonly url: string
  /** `name: value`. */
  readonly headers: readonly string[]
}

export interface Loaded {
  /** Answers a second. */
  readonly rate: number
  readonly answers: number
  /** Everything that is not an answer of 2xx. */
  readonly failed: number
}

export interface Paced extends Loaded {
  readonly p50Ms: number
  readonly p99Ms: number
}

/** One request at a time on each. */
const connections = 32
/** Requests a second of one connection where the rate is given: each is answered long before the next. */
const pacedRate = 25
/** What the log of requests leaves out at its beginning: handshakes. */
const leftOutUs = 1_000_000

/** As fast as it is answered. */
export async function loadFully(program: string, asked: Asked, seconds: number): Promise<Loaded> {
  return read(await run(program, asked, ['-c', String(connections), '-D', String(seconds)]))
}

/**
 * So many requests a second, one connection each 25, and how long answers take: from when a request is written. Each
 * connection sends by a clock of its own, so that one slow answer does not hold the others back.
 *
 * @param log path of a file that is written for it and removed
 */
export async function loadEvenly(
  program: string,
  asked: Asked,
  { perSecond, seconds, log }: { readonly perSecond: number; readonly seconds: number; readonly log: string },
): Promise<Paced> {
  const clients = Math.max(1, Math.round(perSecond / pacedRate))
  const each = (perSecond / clients).toFixed(3)
  const pace = ['-c', String(clients), '-D', String(seconds), `--rps=${each}`, `--log-file=${log}`]
  try {
    const loaded = read(await run(program, asked, pace))
    const rows = readFileSync(log, 'latin1')
      .trim()
      .split('\n')
      .map((line) => line.split('\t').map(Number))
    const first = Math.min(...rows.slice(0, 1000).map(([start = Number.NaN]) => start))
    const took = rows
      .filter(([start = 0]) => start - first > leftOutUs)
      .map(([, , us = Number.NaN]) => us / 1000)
      .sort((one, other) => one - other)
    const at = (share: number): number => took[Math.floor(share * (took.length - 1))] ?? Number.NaN
    return { ...loaded, p50Ms: at(0.5), p99Ms: at(0.99) }
  } finally {
    rmSync(log, { force: true })
  }
}

async function run(program: string, { url, headers }: Asked, more: readonly string[]): Promise<string> {
  const { port } = new URL(url)
  const fields = headers.flatMap((field) => ['-H', field])
  const args = ['--h1', '-t', '1', '-m', '1', `--connect-to=127.0.0.1:${port}`, ...fields, ...more, url]
  const { stdout } = await promisify(execFile)('taskset', ['-c', cores.others, program, ...args], { timeout: 60_000 })
  return stdout
}

function read(text: string): Loaded {
  const [, rate] = /finished in .*?, ([\d.]+) req\/s/.exec(text) ?? []
  const [, done] = /^requests: .*?(\d+) done/m.exec(text) ?? []
  const [, failed, errored, timedOut] = /(\d+) failed, (\d+) errored, (\d+) timeout/.exec(text) ?? []
  const [, good, ...others] = /^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/m.exec(text) ?? []
  if (rate === undefined || done === undefined || good === undefined)
    throw new Error(`h2load said: ${text.slice(-500)}`)
  const notGood = others.reduce((sum, one) => sum + Number(one), 0)
  return {
    rate: Number(rate),
    answers: Number(good),
    failed: Number(failed) + Number(errored) + Number(timedOut) + notGood,
  }
}
