import { setTimeout as sleep } from 'node:timers/promises'
import { compareReports } from '../check/compare.ts'
import type { Machine } from '../check/vantageOf.ts'
import type { FaultId, Lab } from '../lab/index.ts'
import type { CheckReport } from '../model/report.ts'
import type { PageServer } from '../net/servePages.ts'
import { servePages } from '../net/servePages.ts'
import { dialableFamilies, thisMachine } from './machineOf.ts'
import { pageFor } from './pageFor.ts'
import { faultNamed, openNetwork, playFault, tooFewFiles } from './playFault.ts'
import { progressOn } from './progress.ts'
import { checkFormats, compareFormats } from './render/index.ts'
import { wrapText } from './render/wrapText.ts'
import type { RunOptions } from './runCheck.ts'
import { runCheck } from './runCheck.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import type { UpGate } from './upGate.ts'
import { openUpGate } from './upGate.ts'
import type { UpOptions } from './verbs/up.ts'
import { version } from './version.ts'

/** The port that is documented, and those after it that are tried when it is taken; then any. */
const usualPorts = [8480, 8481, 8482, 8483, 8484, 8485, 8486, 8487, 8488, 8489, 0] as const

/**
 * The demonstration: healthy, broken, healed, and then watched until Ctrl-C.
 *
 * @returns the exit code; nothing is left behind on any way out
 * @throws UsageError when this machine does not let it, with what it needs
 */
export async function runUp(options: UpOptions, shell: Shell, machine: Machine = thisMachine()): Promise<number> {
  const { faults } = await import('../lab/index.ts')
  const fault = faultNamed(options.fault, faults, '--fault: ')
  const say = teller(shell)
  say(
    `Postern ${version}: a small hybrid network on this machine, checked and broken before your eyes. Ctrl-C ends it.\n`,
  )
  if (!dialableFamilies(machine).includes('ipv6')) say('This machine has no IPv6 beyond itself: IPv4 is shown.\n')
  const pages = await openPages(options, say)
  let lab: Lab | undefined
  let gate: UpGate | undefined
  try {
    lab = await openNetwork(shell)
    // A fault of a way that this machine does not go shows itself to the machine that goes it.
    const asked = { from: fault.expect.from ?? 'gate01', posture: fault.asks === 'posture' }
    const show = new Show(lab, asked, pages, options, shell)
    pages.current = () => show.html
    say(`\nThe network: ${lab.servers.map(({ name, port }) => `${name} ${port}`).join(', ')}, all on 127.0.0.1.\n`)
    say(`Its site file: ${lab.siteFile}\n`)
    if (options.gate) {
      gate = await openUpGate(options.gatePort, shell)
      say(`${gate.lines.join('\n')}\n`)
    }
    await show.healthy()
    await show.broken(fault.id, `${fault.title}: ${fault.breaks}`)
    await show.healed()
    await show.goOn(options.rounds)
    return exitCodes.well
  } catch (error) {
    // Whatever was waited for ends with Ctrl-C, and that is how this verb ends.
    if (!shell.signal.aborted) throw error
  } finally {
    await Promise.all([gate?.close(), lab?.close(), pages.server.close()])
  }
  say('\nStopped; nothing is left running.\n')
  return exitCodes.interrupted
}

interface Pages {
  readonly server: PageServer
  current: () => string
}

async function openPages(options: UpOptions, say: (text: string) => void): Promise<Pages> {
  const { livePolicy, waitingHtmlLive } = await import('./render/checkHtmlLive.ts')
  const waiting = waitingHtmlLive(version)
  const pages: { current: () => string } = { current: () => waiting }
  const answer = (path: string) =>
    path === '/'
      ? { status: 200, type: 'text/html; charset=utf-8', body: pages.current(), policy: livePolicy }
      : { status: 404, type: 'text/plain; charset=utf-8', body: 'the report is at /\n' }
  const ports = options.port === undefined ? usualPorts : [options.port]
  let why = ''
  for (const port of ports) {
    const served = await servePages(port, answer)
    if ('ok' in served) {
      say(why === '' ? `The report: ${served.ok.url}\n` : `${why}: the report is at ${served.ok.url} instead.\n`)
      return Object.assign(pages, { server: served.ok })
    }
    const reason = served.error === 'EADDRINUSE' ? 'is taken' : `cannot be listened on (${served.error})`
    if (why === '') why = `Port ${port} ${reason}`
  }
  throw new UsageError(
    options.port === undefined
      ? `${why}, and no other is to be had on 127.0.0.1`
      : `${why.replace(/^P/, 'p')}, choose another with --port or leave it out for a free one`,
  )
}

/** What is shown, step by step, and the report that the page shows meanwhile. */
class Show {
  html: string
  readonly #lab: Lab
  /** By which machine, and whether for what servers take besides. */
  readonly #asked: Pick<RunOptions, 'from' | 'posture'>
  readonly #url: string
  readonly #options: UpOptions
  readonly #shell: Shell
  readonly #tell: (text: string) => void
  #last: CheckReport | undefined

  constructor(lab: Lab, asked: Pick<RunOptions, 'from' | 'posture'>, pages: Pages, options: UpOptions, shell: Shell) {
    this.#lab = lab
    this.#asked = asked
    this.#url = pages.server.url
    this.#options = options
    this.#shell = shell
    this.#tell = teller(shell)
    this.html = pages.current()
  }

  async healthy(): Promise<void> {
    this.#say('\n1. As it should be.\n\n')
    const report = await this.#check(false)
    // A demonstration of the wrong limit would explain nothing.
    if (report.flows.some(({ cause }) => cause === 'tool-limit')) throw new UsageError(tooFewFiles)
    const text = await checkFormats.text.load()
    this.#shell.stdout.write(text(report, this.#page()))
  }

  async broken(id: FaultId, breaks: string): Promise<void> {
    this.#say(`\n2. Something breaks. ${breaks}\n\n`)
    await playFault(this.#lab, id)
    await this.#compare()
    this.#say(`\nThe page at ${this.#url} shows it with its evidence.\n`)
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
          ...this.#asked,
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
      const { checkHtmlLive } = await import('./render/checkHtmlLive.ts')
      this.html = checkHtmlLive(report)
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
