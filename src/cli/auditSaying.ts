import { plain } from './render/plain.ts'
import type { AuditSaying } from './runAudit.ts'
import type { Shell } from './shell.ts'

/**
 * Says on stderr how an audit goes on: on a terminal one line that is overwritten, elsewhere one line a stage. Nothing
 * where the user wants quiet.
 */
export function auditSaying({ stderr }: Shell, quiet: boolean): AuditSaying & { readonly end: () => void } {
  if (quiet) return { stage: () => {}, note: () => {}, end: () => {} }
  let drawn = false
  const end = (): void => {
    if (drawn) stderr.write('\r\u001b[K')
    drawn = false
  }
  return {
    stage(says) {
      const line = plain(says)
      if (!stderr.isTerminal) {
        stderr.write(`${line}\n`)
        return
      }
      end()
      stderr.write(line.slice(0, Math.max(0, stderr.columns - 1)))
      drawn = true
    },
    note(says) {
      end()
      stderr.write(`${plain(`postern: ${says}`)}\n`)
    },
    end,
  }
}
