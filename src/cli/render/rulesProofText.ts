import type { RuleNotSaid, RulesReport } from '../../model/rulesReport.ts'
import { padTo } from './columns.ts'
import type { Page } from './page.ts'
import { entry, paragraph } from './textLines.ts'

/** So many lines of a kind are shown without `--long`. */
const shown = 8

/** The proof of written rules for who has them before the eyes: what they let pass, what not, and what beyond. */
export function rulesProofText(report: RulesReport, page: Page): string {
  const { vendor, duties, notSaid, proof } = report
  const { statements, understood, asked, allowed, notSaid: left, notAllowed, denials, notClosed, beyond } = proof
  const unexplained = beyond.filter(({ because }) => because === undefined)
  const explained = Map.groupBy(
    beyond.filter(({ because }) => because !== undefined),
    ({ because = '' }) => because,
  )
  const most = page.long ? Number.POSITIVE_INFINITY : shown
  const lines = [
    ...paragraph(
      `${vendor}: read back, ${understood} of ${statements} statements understood; ` +
        `${allowed} of ${asked} openings allowed, ${left === 0 ? '' : `${left} more without a rule, `}${denials - notClosed.length} of ${denials} denials closed, ` +
        beyondWords(beyond.length, unexplained.length),
      page,
    ),
    ...some(
      notAllowed,
      most,
      page,
      ({ verdict, flows, why }) => `not allowed (${verdict}): ${flows.join(', ')}: ${why}`,
    ),
    ...some(notClosed, most, page, ({ flows, why }) => `not closed: ${flows.join(', ')}: ${why}`),
    ...some(unexplained, most, page, ({ what, by }) => `beyond: ${what} (by ${by})`),
    ...[...explained].flatMap(([because, parts]) => [
      ...entry('-', `beyond: ${counted(parts.length, 'part', 'parts')}, since ${because}`, page),
      ...(page.long ? parts.flatMap(({ what, by }) => entry('', `${what} (by ${by})`, page)) : []),
    ]),
    ...some(toldOnce(notSaid), most, page, (text) => `no rule is written: ${text}`),
    ...duties.flatMap((duty) => entry('*', duty, page)),
  ]
  return `${lines.join('\n')}\n`
}

/** A line for each vendor: what was proven of it. `beyond` counts what is allowed and ought not to be. */
export function rulesTable(reports: readonly RulesReport[]): string {
  const heads = ['vendor', 'files', 'allowed', 'not said', 'closed', 'beyond', 'explained']
  const rows = reports.map(({ vendor, files, proof }) => [
    vendor,
    String(files.length),
    `${proof.allowed} of ${proof.asked}`,
    String(proof.notSaid),
    `${proof.denials - proof.notClosed.length} of ${proof.denials}`,
    String(proof.beyond.filter(({ because }) => because === undefined).length),
    String(proof.beyond.filter(({ because }) => because !== undefined).length),
  ])
  const widths = heads.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => padTo(cell, widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return `${[heads, ...rows].map(line).join('\n')}\n`
}

function some<Item>(items: readonly Item[], most: number, page: Page, told: (item: Item) => string): readonly string[] {
  const left = items.length - Math.min(items.length, most)
  return [
    ...items.slice(0, most).flatMap((item) => entry('-', told(item), page)),
    ...(left > 0 ? entry('-', `and ${left} more: --long shows all, --json has them`, page) : []),
  ]
}

/** What is wanting for one reason is one line, however many flows and names it is for. */
function toldOnce(notSaid: readonly RuleNotSaid[]): readonly string[] {
  const place = '\u{0}'
  const groups = Map.groupBy(notSaid, ({ why, instead, name }) => {
    return `${name === undefined ? why : why.replace(name, place)}; ${instead}`
  })
  return [...groups].map(([text, rows]) => {
    const names = [...new Set(rows.flatMap(({ name }) => name ?? []))]
    const flows = [...new Set(rows.map(({ flow }) => flow))]
    return `${flows.join(', ')}: ${text.replace(place, names.join(', '))}`
  })
}

function beyondWords(count: number, unexplained: number): string {
  if (count === 0) return 'nothing allowed beyond'
  const reasons = unexplained === 0 ? 'each for a reason' : `${unexplained} of them for no reason`
  return `${counted(count, 'part', 'parts')} allowed beyond, ${reasons}`
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
