import type { RunOptions } from './runCheck.ts'
import type { Shell } from './shell.ts'

/**
 * Lets a check say on stderr which host it took this machine for, where it could have been another, and why it captures
 * nothing, where it was to.
 */
export function sayingChoice(
  shell: Shell,
  { quiet }: { readonly quiet?: boolean },
): Pick<RunOptions, 'onChoice' | 'onNoCapture'> {
  const say = (says: string): void => shell.stderr.write(`postern: ${says}\n`)
  return quiet === true ? {} : { onChoice: say, onNoCapture: say }
}
