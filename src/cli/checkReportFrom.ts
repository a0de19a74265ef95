import { formatConfigErrors } from '../config/index.ts'
import { readConfiguration } from '../config/readConfiguration.ts'
import type { CheckReport } from '../model/report.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'
import { version } from './version.ts'

/**
 * Reads the report of a check that another verb is to work with, from a file or, for `-`, from the standard input.
 *
 * @param option which names it
 * @throws UsageError with what is wrong and how such a report is written
 */
export async function checkReportFrom(file: string, option: string, shell: Shell): Promise<CheckReport> {
  const read = await readConfiguration(file, shell.cwd, { input: shell.stdin, signal: shell.signal })
  if ('what' in read) {
    const remedy = {
      what: `${option}: the report cannot be had: ${read.what}`,
      right: 'name a file that postern check --json --out FILE wrote',
    }
    throw new UsageError(...formatConfigErrors([{ file, line: 1, column: 1, ...remedy }]))
  }
  const { readCheckReport } = await import('../config/readReport.ts')
  const report = readCheckReport(read.ok.text, file, version)
  if ('error' in report) throw new UsageError(report.error)
  return report.report
}
