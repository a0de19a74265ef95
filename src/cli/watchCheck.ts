import { setTimeout as sleep } from 'node:timers/promises'
import { compareReports } from '../check/compare.ts'
import type { CheckReport } from '../model/report.ts'
import { againCommand } from './againCommand.ts'
import { pageFor } from './pageFor.ts'
import { progressOn } from './progress.ts'
import { checkFormats, compareFormats } from './render/index.ts'
import type { RunOptions } from './runCheck.ts'
import { runCheck } from './runCheck.ts'
import { sayingChoice } from './sayingChoice.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import type { SharedOptions } from './verbs/sharedOptions.ts'
import { formatOf } from './verbs/sharedOptions.ts'
import { version } from './version.ts'

interface WatchOptions extends RunOptions, SharedOptions {
  /** Seconds from the end of one check to the next. */
  readonly every: number
  readonly long?: boolean
}

/** What a round is made of; a test plays the network and the clock. */
interface Round {
  readonly check: typeof runCheck
  /** Rejects when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

const round: Round = { check: runCheck, pause: (ms, signal) => sleep(ms, undefined, { signal }) }

/**
 * Checks until Ctrl-C: the whole result first, then a line a round, or what changed when something did. A round that its
 * budget cut short says so in a line of its own; one that Ctrl-C cut short says nothing, unless it is the first.
 *
 * @returns {@link exitCodes.interrupted}: only Ctrl-C ends it
 */
export async function watchCheck(
  targets: readonly string[],
  options: WatchOptions,
  shell: Shell,
  { check, pause }: Round = round,
): Promise<number> {
  if (formatOf(options) !== 'text' || options.out !== undefined) {
    throw new UsageError('--watch writes text to the terminal: leave --format, --json and --out out')
  }
  const page = pageFor(shell, options, options.long === true, againCommand(targets, options))
  const whole = await checkFormats.text.load()
  const changes = await compareFormats.text.load()
  let before: CheckReport | undefined
  for (;;) {
    const progress = progressOn(shell, options.quiet === true || before !== undefined)
    const saying = before === undefined ? sayingChoice(shell, options) : {}
    const report = await check(targets, { ...options, ...saying }, shell, progress.onEvent)
    progress.end()
    if (before === undefined) {
      shell.stdout.write(whole(report, page))
    } else if (!shell.signal.aborted) {
      const comparison = compareReports(before, report, version, false)
      const changed = comparison.changes.length > 0
      const { open, requiredNotProven } = report.summary
      const outcome = report.interrupted ? 'stopped by its budget' : 'nothing changed'
      if (report.interrupted || !changed) {
        const at = report.startedAt.slice(11, 19)
        shell.stdout.write(`${at}Z ${outcome}: ${open} open, ${requiredNotProven} required not proven\n`)
      }
      if (changed) shell.stdout.write(`\n${changes(comparison, page)}`)
    }
    if (!shell.signal.aborted) before = report
    try {
      await pause(options.every * 1000, shell.signal)
    } catch {
      return exitCodes.interrupted
    }
  }
}
