import type { Page } from './render/page.ts'
import type { Shell } from './shell.ts'
import { wantsColor } from './shell.ts'

/**
 * What a result is shown on: the terminal's width and colour, or an endless plain page for a file or a pipe.
 *
 * @param again the command that asks the same again, for the hints of the result
 */
export function pageFor(
  shell: Shell,
  options: { readonly color: boolean; readonly out?: string },
  long: boolean,
  again?: string,
): Page {
  const onTerminal = shell.stdout.isTerminal && (options.out === undefined || options.out === '-')
  return {
    colour: onTerminal && wantsColor(shell, shell.stdout, options.color),
    width: onTerminal ? shell.stdout.columns : Number.POSITIVE_INFINITY,
    long,
    ...(shell.program !== undefined && { program: shell.program }),
    ...(again !== undefined && { again }),
  }
}
