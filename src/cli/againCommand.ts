import { shellWord } from './asTyped.ts'

/** The words of a check that decide what is asked, not how the answer is written. */
interface Asked {
  readonly site?: string
  readonly from?: string
  readonly flow?: readonly string[]
  readonly posture?: boolean
  readonly hold?: number
}

/** The command that asks the same again: `postern check --site hq.yaml --from connect01`. */
export function againCommand(targets: readonly string[], { site, from, flow, posture, hold }: Asked): string {
  const words = [
    ...targets,
    ...(site === undefined ? [] : ['--site', site]),
    ...(from === undefined ? [] : ['--from', from]),
    ...(flow === undefined ? [] : ['--flow', flow.join(',')]),
    ...(posture === true ? ['--posture'] : []),
    ...(hold === undefined ? [] : ['--hold', String(hold)]),
  ]
  return ['postern check', ...words.map(shellWord)].join(' ')
}
