import type { CheckEvent } from '../check/checkOptions.ts'
import type { Flow } from '../model/flow.ts'
import type { Verdict } from '../model/verdict.ts'
import { countOf } from './render/flowWords.ts'
import { plain } from './render/plain.ts'
import type { Shell } from './shell.ts'

/** Says on stderr how a check goes on, and takes its last line back before the result is written. */
export interface Progress {
  readonly onEvent: (event: CheckEvent) => void
  /** Clears what stands on the terminal's last line, and counts the failures where several have one cause. */
  end(): void
}

/**
 * On a terminal one line that is overwritten and counts the failures of each cause, and a line that stays for the first
 * of each: the result tells the others, and fifty lines would only hide the second cause. Elsewhere one line a stage, so
 * that a log of a pipeline stays short. Nothing when the user wants quiet.
 *
 * @param holdsSec for how long connections are held besides, in seconds: the user is to know for what he waits
 */
export function progressOn(shell: Shell, quiet: boolean, holdsSec?: number): Progress {
  if (quiet) return { onEvent: () => {}, end: () => {} }
  const { stderr } = shell
  let drawn = false
  /** How many flows failed by each cause, the first found first. */
  const failures = new Map<string, number>()
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
      const said = stageWords(event.stage, event.count, holdsSec)
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
    draw([`settled ${done} of ${total}`, ...[...failures].map(([cause, count]) => `${count} ${cause}`)].join(', '))
  }
  const fail = (flow: Flow, { verdict, cause = 'undetermined', says }: Verdict): void => {
    const count = failures.get(cause) ?? 0
    failures.set(cause, count + 1)
    if (count > 0) return
    clear()
    stderr.write(`${plain(`${verdict.padEnd(8)} ${flow.flow}: ${says}`)}\n`)
  }
  const end = (): void => {
    clear()
    for (const [cause, count] of failures) {
      if (count > 1) stderr.write(`${cause}: ${countOf(count, 'flow')} in all\n`)
    }
    failures.clear()
  }
  return { onEvent, end }
}

function stageWords(
  stage: Extract<CheckEvent, { kind: 'stage' }>['stage'],
  count: number,
  holdsSec?: number,
): string | undefined {
  if (count === 0) return undefined
  switch (stage) {
    case 'names':
      return `resolving ${count} ${count === 1 ? 'name' : 'names'}`
    case 'questions':
      return `proving ${count} ${count === 1 ? 'flow' : 'flows'}${holdsSec === undefined ? '' : `, and holding connections to what is open for ${holdsSec} s`}`
    case 'controls':
      return `${count} ${count === 1 ? 'flow' : 'flows'} not open: asking controls`
    case 'series':
      return `measuring the way to ${countOf(count, 'place')}: this takes as long as its options ask for`
    default:
      return stage satisfies never
  }
}
