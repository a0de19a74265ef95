import type { CheckEvent } from '../check/check.ts'
import type { Flow } from '../model/flow.ts'
import type { Verdict } from '../model/verdict.ts'
import { likenessOf } from './render/alike.ts'
import { countOf } from './render/flowWords.ts'
import { plain } from './render/plain.ts'
import type { Shell } from './shell.ts'

/** Says on stderr how a check goes on, and takes its last line back before the result is written. */
export interface Progress {
  readonly onEvent: (event: CheckEvent) => void
  /** Clears what stands on the terminal's last line, and counts the failures that no line was spent on. */
  end(): void
}

/**
 * On a terminal one line that is overwritten, and a line that stays for each flow that did not come out open, the first
 * of those that failed alike; elsewhere one line a stage, so that a log of a pipeline stays short. Nothing when the user
 * wants quiet.
 */
export function progressOn(shell: Shell, quiet: boolean): Progress {
  if (quiet) return { onEvent: () => {}, end: () => {} }
  const { stderr } = shell
  let drawn = false
  /** Failures by what they have in common, and how many more there were of each. */
  const more = new Map<string, { readonly of: string; count: number }>()
  const clear = (): void => {
    if (drawn) stderr.write('\r\u001b[K')
    drawn = false
  }
  const draw = (text: string): void => {
    clear()
    stderr.write(text.slice(0, Math.max(0, stderr.columns - 1)))
    drawn = true
  }
  const onEvent = (event: CheckEvent): void => {
    if (event.kind === 'stage') {
      const said = stageWords(event.stage, event.count)
      if (said === undefined) return
      if (stderr.isTerminal) draw(said)
      else stderr.write(`${said}\n`)
      return
    }
    if (!stderr.isTerminal) return
    if (event.kind === 'first-verdict') {
      draw(plain(`${event.flow.flow}: ${event.verdict.says}`))
      return
    }
    const { flow, verdict, done, total } = event
    if (verdict.verdict === 'blocked' || verdict.verdict === 'wrong' || verdict.verdict === 'unknown') {
      if (flow.expect === 'open') fail(flow, verdict)
    }
    draw(`settled ${done} of ${total}`)
  }
  const fail = (flow: Flow, verdict: Verdict): void => {
    const likeness = likenessOf({ ...flow, ...verdict })
    const known = more.get(likeness)
    if (known !== undefined) {
      known.count += 1
      return
    }
    more.set(likeness, { of: `${verdict.verdict.padEnd(8)} ${flow.flow}`, count: 0 })
    clear()
    stderr.write(`${plain(`${verdict.verdict.padEnd(8)} ${flow.flow}: ${verdict.says}`)}\n`)
  }
  const end = (): void => {
    clear()
    for (const { of, count } of more.values()) {
      if (count > 0) stderr.write(`${plain(of)}: and ${countOf(count, 'flow')} more alike\n`)
    }
    more.clear()
  }
  return { onEvent, end }
}

function stageWords(stage: 'names' | 'questions' | 'controls', count: number): string | undefined {
  if (count === 0) return undefined
  switch (stage) {
    case 'names':
      return `resolving ${count} ${count === 1 ? 'name' : 'names'}`
    case 'questions':
      return `proving ${count} ${count === 1 ? 'flow' : 'flows'}`
    case 'controls':
      return `${count} ${count === 1 ? 'flow' : 'flows'} not open: asking controls`
    default:
      return stage satisfies never
  }
}
