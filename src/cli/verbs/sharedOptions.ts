import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import { nearest } from '../../catalog/nearest.ts'
import { quoted } from '../../config/quoted.ts'
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
    .addOption(choice('--format <format>', 'how the result is written', formats).default(formats[0]))
    .option('--json', 'the documented report and nothing else on stdout (--format json)')
    .option('--out <file>', 'write the result to a file, whole or not at all')
    .option('--quiet', 'no progress on stderr')
    .option('--no-color', 'no colour; colour is used on a terminal only')
}

export function addSiteOption(command: Command): Command {
  return command.option('--site <file>', 'the site file; - reads it from stdin', './postern.yaml')
}

/** Which format the options ask for; `--json` is the shorter word for one of them. */
export function formatOf(options: SharedOptions): string {
  return options.json === true ? 'json' : (options.format ?? 'text')
}

/** An option whose value is one word of a list. */
export function choice(flags: string, what: string, words: readonly string[]): Option {
  return new Option(flags, what).choices([...words]).argParser((text: string) => {
    if (words.includes(text)) return text
    const [near] = nearest(text, words, 1)
    const meant = near === undefined ? '' : `, did you mean ${near}?`
    throw new InvalidArgumentError(`${quoted(text)} is none of ${words.join(', ')}${meant}`)
  })
}

/** Reads a whole number from the command line. */
export function wholeNumber(least: number, most: number, unit: string): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`${quoted(text)} is not a whole number of ${unit} from ${least} to ${most}`)
    }
    return value
  }
}

/** Collects the words of an option that may be given again and again, each a word or several with commas between. */
export function listed(text: string, before: readonly string[] | undefined): readonly string[] {
  const words = text.split(',').map((word) => word.trim())
  if (words.includes('')) {
    throw new InvalidArgumentError(`${quoted(text)} has an empty word, write one or several with commas between`)
  }
  return [...new Set([...(before ?? []), ...words])]
}

export function severityOption(): Option {
  const what = 'findings from this severity on make the exit code 1'
  return choice('--fail-on <severity>', what, severities).default('high' satisfies Severity)
}
