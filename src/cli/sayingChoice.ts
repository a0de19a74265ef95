import type { RunOptions } from './runCheck.ts'
import type { Shell } from './shell.ts'

/** Lets a check say on stderr which host it took this machine for, where it could have been another. */
export function sayingChoice(shell: Shell, { quiet }: { readonly quiet?: boolean }): Pick<RunOptions, 'onChoice'> {
  return quiet === true ? {} : { onChoice: (says) => shell.stderr.write(`postern: ${says}\n`) }
}
