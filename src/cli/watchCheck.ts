import { setTimeout as sleep } from 'node:timers/promises'
import { compareReports } from '../check/compare.ts'
import type { CheckReport } from '../model/report.ts'
import { exitCodeOf } from './exitCodeOf.ts'
import { pageFor } from './pageFor.ts'
import { progressOn } from './progress.ts'
import { checkFormats, compareFormats } from './render/index.ts'
import { runCheck } from './runCheck.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'
import type { CheckVerbOptions } from './verbs/check.ts'
import { formatOf } from './verbs/sharedOptions.ts'
import { version } from './version.ts'

/**
 * Checks until Ctrl-C: the whole result first, then a line a round, and what changed when something did.
 *
 * @returns the exit code that the last round deserves
 */
export async function watchCheck(targets: readonly string[], options: CheckVerbOptions, shell: Shell): Promise<number> {
  if (formatOf(options) !== 'text' || options.out !== undefined) {
    throw new UsageError('--watch writes text to the terminal: leave --format, --json and --out out')
  }
  const seconds = typeof options.watch === 'number' ? options.watch : 30
  const page = pageFor(shell, options, options.long === true)
  const whole = await checkFormats.text.load()
  const changes = await compareFormats.text.load()
  let before: CheckReport | undefined
  for (;;) {
    const progress = progressOn(shell, options.quiet === true || before !== undefined)
    const report = await runCheck(targets, options, shell, progress.onEvent)
    progress.end()
    if (before === undefined) {
      shell.stdout.write(whole(report, page))
    } else if (!report.interrupted) {
      const comparison = compareReports(before, report, version, false)
      const { open, requiredNotProven } = report.summary
      shell.stdout.write(
        comparison.changes.length > 0
          ? `\n${changes(comparison, page)}`
          : `${report.startedAt.slice(11, 19)}Z nothing changed: ${open} open, ${requiredNotProven} required not proven\n`,
      )
    }
    if (!report.interrupted) before = report
    const last = before ?? report
    try {
      await sleep(seconds * 1000, undefined, { signal: shell.signal })
    } catch {
      return exitCodeOf(last, { failOn: options.failOn, strict: options.strict === true, interrupted: true })
    }
  }
}
