import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import type { Severity } from '../../model/finding.ts'
import { severities } from '../../model/finding.ts'

/** Options that every verb with a result has; one meaning everywhere. */
export interface SharedOptions {
  readonly format?: string
  readonly json?: boolean
  readonly out?: string
  readonly quiet?: boolean
  readonly color: boolean
}

/** @param formats what `--format` can be, the default first */
export function addSharedOptions(command: Command, formats: readonly string[]): Command {
  return command
    .addOption(new Option('--format <format>', 'how the result is written').choices([...formats]).default(formats[0]))
    .option('--json', 'the documented report and nothing else on stdout (--format json)')
    .option('--out <file>', 'write the result to a file, whole or not at all')
    .option('--quiet', 'no progress on stderr')
    .option('--no-color', 'no colour; colour is used on a terminal only')
}

export function addSiteOption(command: Command): Command {
  return command.option('--site <file>', 'the site file', './postern.yaml')
}

/** Which format the options ask for; `--json` is the shorter word for one of them. */
export function formatOf(options: SharedOptions): string {
  return options.json === true ? 'json' : (options.format ?? 'text')
}

/** Reads a whole number from the command line. */
export function wholeNumber(least: number, most: number, unit: string): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`"${text}" is not a whole number of ${unit} from ${least} to ${most}.`)
    }
    return value
  }
}

export function severityOption(): Option {
  return new Option('--fail-on <severity>', 'findings from this severity on make the exit code 1')
    .choices([...severities])
    .default('high' satisfies Severity)
}
