import { shellWord } from './asTyped.ts'

/** The words of a check that decide what is asked, not how the answer is written. */
interface Asked {
  readonly site?: string
  readonly from?: string
  readonly flow?: readonly string[]
  readonly posture?: boolean
  readonly idle?: number
  readonly loss?: number
  readonly rate?: number
  readonly everyAddress?: boolean
  readonly capture?: boolean
  readonly interface?: string
  readonly trace?: boolean
}

/** The command that asks the same again: `postern check --site hq.yaml --from connect01`. */
export function againCommand(targets: readonly string[], asked: Asked): string {
  const { site, from, flow, posture, idle, loss, rate, everyAddress, capture, interface: on, trace } = asked
  const words = [
    ...targets,
    ...(site === undefined ? [] : ['--site', site]),
    ...(from === undefined ? [] : ['--from', from]),
    ...(flow === undefined ? [] : ['--flow', flow.join(',')]),
    ...(posture === true ? ['--posture'] : []),
    ...(idle === undefined ? [] : ['--idle', String(idle)]),
    ...(loss === undefined ? [] : ['--loss', String(loss)]),
    ...(rate === undefined ? [] : ['--rate', String(rate)]),
    ...(everyAddress === true ? ['--every-address'] : []),
    ...(capture === true ? ['--capture'] : []),
    ...(on === undefined ? [] : ['--interface', on]),
    ...(trace === false ? ['--no-trace'] : []),
  ]
  return ['postern check', ...words.map(shellWord)].join(' ')
}
