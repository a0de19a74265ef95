import { compareReports } from '../check/compare.ts'
import type { Machine } from '../check/vantageOf.ts'
import type { Fault, FaultId, Lab } from '../lab/index.ts'
import type { CheckReport } from '../model/report.ts'
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
import { passingFaults } from './upFaults.ts'
import type { UpGate } from './upGate.ts'
import { openUpGate } from './upGate.ts'
import type { UpPages } from './upPages.ts'
import { openUpPages } from './upPages.ts'
import type { UpOptions } from './verbs/up.ts'
import { version } from './version.ts'

/** The host of the small network that this machine plays. */
const ownVantage = 'gate01'

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
  const pages = await openUpPages(options.port, say)
  let lab: Lab | undefined
  let gate: UpGate | undefined
  try {
    lab = await openNetwork(shell)
    // A fault of a way that this machine does not go shows itself to the machine that goes it.
    const asked = { from: fault.expect.from ?? ownVantage, posture: fault.asks === 'posture' }
    const show = new Show(lab, asked, pages, options, shell)
    say(`\nThe network: ${lab.servers.map(({ name, port }) => `${name} ${port}`).join(', ')}, all on 127.0.0.1.\n`)
    say(`Its site file: ${lab.siteFile}\n`)
    if (options.gate) {
      gate = await openUpGate(options.gatePort, shell)
      say(`${gate.lines.join('\n')}\n`)
    }
    await show.healthy()
    await show.broken(fault.id, `${fault.title}: ${fault.breaks}`)
    await show.healed()
    await show.goOn(passingBeside(fault, faults), options.rounds)
    return exitCodes.well
  } catch (error) {
    // Whatever was waited for ends with Ctrl-C, and that is how this verb ends.
    if (!shell.signal.aborted) throw error
  } finally {
    await Promise.all([gate?.close(), lab?.close(), pages.close()])
  }
  say('\nStopped; nothing is left running.\n')
  return exitCodes.interrupted
}

/** What is shown, step by step, and the report that the page shows meanwhile. */
class Show {
  readonly #lab: Lab
  /** By which machine, and whether for what servers take besides. */
  readonly #asked: Pick<RunOptions, 'from' | 'posture'>
  readonly #pages: UpPages
  readonly #options: UpOptions
  readonly #shell: Shell
  readonly #tell: (text: string) => void
  #last: CheckReport | undefined

  constructor(lab: Lab, asked: Pick<RunOptions, 'from' | 'posture'>, pages: UpPages, options: UpOptions, shell: Shell) {
    this.#lab = lab
    this.#asked = asked
    this.#pages = pages
    this.#options = options
    this.#shell = shell
    this.#tell = teller(shell)
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
    this.#say(`\nThe page at ${this.#pages.url} shows it with its evidence.\n`)
  }

  async healed(): Promise<void> {
    this.#say('\n3. It is mended.\n\n')
    await this.#lab.heal()
    await this.#compare()
  }

  /** Watches, until the signal aborts or all was looked at so often; faults come and go meanwhile. */
  async goOn(faults: readonly Fault<FaultId>[], rounds?: number): Promise<void> {
    const report = this.#last
    if (rounds === 0 || report === undefined) return
    const { watchNetwork } = await import('./upWatch.ts')
    const { checkHtmlLive } = await import('./render/checkHtmlLive.ts')
    const { every } = this.#options
    this.#say(`\n4. Watched: every flow every ${every} s, until Ctrl-C. ${passingWords(faults)}\n`)
    this.#say(`What it knows: ${this.#pages.url}/api/v1/incidents, and metrics at /metrics.\n\n`)
    const { looks, incidents } = await watchNetwork(
      {
        ...{ lab: this.#lab, from: this.#asked.from ?? ownVantage, faults, everySeconds: every, report },
        ...(rounds !== undefined && { rounds }),
        pages: this.#pages,
        onReport: (newer) => {
          this.#pages.html = checkHtmlLive(newer)
        },
        terminal: this.#page(),
      },
      this.#shell,
    )
    this.#shell.signal.throwIfAborted()
    this.#say(`${looks} looks, ${incidents} incident${incidents === 1 ? '' : 's'}.\n`)
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
      this.#pages.html = checkHtmlLive(report)
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

/** What comes and goes by itself while it is watched: what the machine that looks can see. */
function passingBeside(shown: Fault<FaultId>, faults: readonly Fault<FaultId>[]): readonly Fault<FaultId>[] {
  if (shown.expect.from !== undefined) return shown.site === undefined ? [shown] : []
  return passingFaults.flatMap((id) => faults.filter((one) => one.id === id && id !== shown.id))
}

function passingWords(faults: readonly unknown[]): string {
  return faults.length === 0 ? 'Nothing breaks by itself.' : 'Now and then something breaks, and mends by itself.'
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
