import { setTimeout as sleep } from 'node:timers/promises'
import { compareReports } from '../check/compare.ts'
import type { FaultId, Lab } from '../lab/index.ts'
import type { CheckReport } from '../model/report.ts'
import type { PageServer } from '../net/servePages.ts'
import { servePages } from '../net/servePages.ts'
import { dialableFamilies, thisMachine } from './machineOf.ts'
import { pageFor } from './pageFor.ts'
import { playFault } from './playFault.ts'
import { progressOn } from './progress.ts'
import { checkFormats, compareFormats } from './render/index.ts'
import { wrapText } from './render/wrapText.ts'
import { runCheck } from './runCheck.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import type { UpOptions } from './verbs/up.ts'
import { version } from './version.ts'

const usualPort = 8480

/**
 * The demonstration: healthy, broken, healed, and then watched until Ctrl-C.
 *
 * @returns the exit code; nothing is left behind on any way out
 */
export async function runUp(options: UpOptions, shell: Shell): Promise<number> {
  const { openLab, faults } = await import('../lab/index.ts')
  const fault = faults.find(({ id }) => id === options.fault)
  if (fault === undefined) {
    throw new UsageError(`--fault: no fault is called "${options.fault}"; postern lab list names them`)
  }
  const say = teller(shell)
  say(
    `Postern ${version}: a small hybrid network on this machine, checked and broken before your eyes. Ctrl-C ends it.\n`,
  )
  if (!dialableFamilies(thisMachine()).includes('ipv6')) say('This machine has no IPv6 beyond itself: IPv4 is shown.\n')
  const pages = await openPages(options, say)
  let lab: Lab | undefined
  try {
    lab = await openLab({ signal: shell.signal })
    const show = new Show(lab, pages.server, options, shell)
    pages.current = () => show.html
    say(`\nThe network: ${lab.servers.map(({ name, port }) => `${name} ${port}`).join(', ')}, all on 127.0.0.1.\n`)
    say(`Its site file: ${lab.siteFile}\n`)
    await show.healthy()
    await show.broken(fault.id, `${fault.title}: ${fault.breaks}`)
    await show.healed()
    await show.goOn(options.rounds)
    return exitCodes.well
  } catch (error) {
    // Whatever was waited for ends with Ctrl-C, and that is how this verb ends.
    if (!shell.signal.aborted) throw error
  } finally {
    await Promise.all([lab?.close(), pages.server.close()])
  }
  say('\nStopped; nothing is left running.\n')
  return exitCodes.interrupted
}

interface Pages {
  readonly server: PageServer
  current: () => string
}

async function openPages(options: UpOptions, say: (text: string) => void): Promise<Pages> {
  const pages: { current: () => string } = {
    current: () => '<!doctype html><title>Postern</title><p>The first check is under way.',
  }
  const answer = (path: string) =>
    path === '/'
      ? { status: 200, type: 'text/html; charset=utf-8', body: pages.current() }
      : { status: 404, type: 'text/plain; charset=utf-8', body: 'the report is at /\n' }
  const asked = options.port ?? usualPort
  let served = await servePages(asked, answer)
  if ('error' in served && options.port === undefined) {
    const reason = served.error === 'EADDRINUSE' ? 'is taken' : `cannot be had (${served.error})`
    served = await servePages(0, answer)
    if ('ok' in served) say(`Port ${asked} ${reason}: the report is at ${served.ok.url} instead.\n`)
  } else if ('ok' in served) {
    say(`The report: ${served.ok.url}\n`)
  }
  if ('error' in served) {
    throw new UsageError(
      served.error === 'EADDRINUSE'
        ? `port ${asked} is taken, choose another with --port or leave it out for a free one`
        : `port ${asked} cannot be listened on (${served.error}), choose another with --port`,
    )
  }
  return Object.assign(pages, { server: served.ok })
}

/** What is shown, step by step, and the report that the page shows meanwhile. */
class Show {
  html = ''
  readonly #lab: Lab
  readonly #pages: PageServer
  readonly #options: UpOptions
  readonly #shell: Shell
  readonly #tell: (text: string) => void
  #last: CheckReport | undefined

  constructor(lab: Lab, pages: PageServer, options: UpOptions, shell: Shell) {
    this.#lab = lab
    this.#pages = pages
    this.#options = options
    this.#shell = shell
    this.#tell = teller(shell)
    this.html = '<!doctype html><title>Postern</title><p>The first check is under way.'
  }

  async healthy(): Promise<void> {
    this.#say('\n1. As it should be.\n\n')
    const report = await this.#check(false)
    const text = await checkFormats.text.load()
    this.#shell.stdout.write(text(report, this.#page()))
  }

  async broken(id: FaultId, breaks: string): Promise<void> {
    this.#say(`\n2. Something breaks. ${breaks}\n\n`)
    await playFault(this.#lab, id)
    await this.#compare()
    this.#say(`\nThe page at ${this.#pages.url} shows it with its evidence.\n`)
  }

  async healed(): Promise<void> {
    this.#say('\n3. It is mended.\n\n')
    await this.#lab.heal()
    await this.#compare()
  }

  /** A line a round, and what changed when something did; without a number of rounds until the signal aborts. */
  async goOn(rounds = Number.POSITIVE_INFINITY): Promise<void> {
    if (rounds > 0) this.#say(`\n4. Watched: every ${this.#options.every} s, until Ctrl-C.\n\n`)
    for (let round = 0; round < rounds; round += 1) {
      await sleep(this.#options.every * 1000, undefined, { signal: this.#shell.signal })
      await this.#compare()
    }
  }

  async #compare(): Promise<void> {
    const before = this.#last
    const after = await this.#check(true)
    if (before === undefined) return
    const comparison = compareReports(before, after, version, false)
    const { open, blocked, wrong, unknown } = after.summary
    if (comparison.changes.length === 0) {
      this.#say(`${after.startedAt.slice(11, 19)}Z nothing changed: ${open} open, ${blocked + wrong + unknown} not\n`)
      return
    }
    const text = await compareFormats.text.load()
    this.#shell.stdout.write(text(comparison, this.#page()))
  }

  async #check(quiet: boolean): Promise<CheckReport> {
    const progress = progressOn(this.#shell, quiet || this.#options.quiet === true)
    try {
      const report = await runCheck(
        [],
        {
          site: this.#lab.siteFile,
          from: 'gate01',
          timeout: 3000,
          budget: 60,
          concurrency: 256,
          machineRoots: this.#lab.machineRoots,
        },
        this.#shell,
        progress.onEvent,
      )
      this.#shell.signal.throwIfAborted()
      this.#last = report
      const html = await checkFormats.html.load()
      this.html = refreshing(html(report), this.#options.every)
      return report
    } finally {
      progress.end()
    }
  }

  #page() {
    return pageFor(this.#shell, this.#options, false)
  }

  #say(text: string): void {
    this.#tell(text)
  }
}

/** The page asks again by itself: it is looked at while the network changes. */
function refreshing(html: string, seconds: number): string {
  return html.replace(/<head>/i, `<head><meta http-equiv="refresh" content="${Math.min(seconds, 10)}">`)
}

/** Says sentences in the width of the terminal; what is rendered already is written as it is. */
function teller(shell: Shell): (text: string) => void {
  const width = shell.stdout.isTerminal ? shell.stdout.columns : Number.POSITIVE_INFINITY
  return (text) =>
    shell.stdout.write(
      text
        .split('\n')
        .map((line) => wrapText(line, width).join('\n'))
        .join('\n'),
    )
}
