import type { Finding } from '../../model/finding.ts'
import type { CheckReport, FlowReport } from '../../model/report.ts'
import type { Shared } from './alike.ts'
import { alike, isFixEach } from './alike.ts'
import { padTo } from './columns.ts'
import {
  dialledOf,
  durationOf,
  flowsBy,
  groupBy,
  mappedInShort,
  mappedNames,
  mappedWords,
  portOf,
  throughOf,
  timeOf,
  timingOf,
  totalOf,
} from './flowWords.ts'
import { heldWords } from './heldWords.ts'
import { nextStepOf } from './nextStepOf.ts'
import { roleWords, stepOf } from './observationWords.ts'
import { graveFindings, otherFindings } from './otherFindings.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import type { Style } from './paint.ts'
import { paint } from './paint.ts'
import type { Rest } from './pieces.ts'
import { piecesOf, rest } from './pieces.ts'
import { plain } from './plain.ts'
import { postureText } from './postureText.ts'
import { seriesWords } from './seriesWords.ts'
import { sharedTargets } from './sharedTargets.ts'
import type { Look, Standing } from './standing.ts'
import { lookOf, looks, standingOf, worstFirst } from './standing.ts'
import { headlineWords, summaryWords } from './summaryWords.ts'
import { entry, labelWidth, paragraph } from './textLines.ts'
import type { Cell, Row } from './textTable.ts'
import { rowLayout } from './textTable.ts'
import { toldWords } from './toldWords.ts'
import { wrapText } from './wrapText.ts'

/**
 * A check to read under pressure: the outcome in one line, what stands in the way of everything, what fails with its fix, then what is in doubt, then
 * what is well, then what was not asked and why; the counts and the next step close it. Failures that read alike share
 * a block. With `long` every place in it has its own words, and every flow its evidence.
 */
export function checkText(report: CheckReport, page: Page): string {
  return [...checkTextPieces(report, page)].join('')
}

/** The same in pieces: a large site has a line for each of thousands of flows. */
export function checkTextPieces(report: CheckReport, page: Page): Generator<string, void> {
  return piecesOf(linesOf(sectionsOf(report, page)))
}

/** Lines, each made when it is asked for. */
type Lines = Iterable<string | Rest>

/** Sections with an empty line between them; one of no lines is none. */
function* linesOf(sections: Iterable<Lines>): Generator<string | Rest, void> {
  let before = ''
  for (const section of sections) {
    let between = before
    for (const line of section) {
      if (line === rest) {
        yield rest
        continue
      }
      yield `${between}${line}\n`
      between = ''
      before = '\n'
    }
  }
}

function* sectionsOf(report: CheckReport, page: Page): Generator<Lines, void> {
  const flows = worstFirst(report.flows)
  const of = (standing: Standing) => flows.filter((flow) => standingOf(flow) === standing)
  const [failed, doubtful] = [of('failed'), of('doubtful')]
  yield firstLines(report, failed.length, doubtful.length, page)
  for (const finding of graveFindings(report.findings)) yield findingLines(finding, page)
  yield overview(failed, page)
  yield [rest]
  for (const group of alike(sharedTargets([...failed, ...doubtful]))) yield block(group, page)
  for (const finding of otherFindings(report.findings, [...failed, ...doubtful])) yield findingLines(finding, page)
  yield wellTables(of('well'), page)
  yield observations(of('well'), page)
  yield [rest]
  yield postureText(flows, page)
  yield heldLines(flows, page)
  yield unasked('not run', of('not-run'), page)
  yield unasked('not required', of('not-required'), page)
  yield observations([...of('not-run'), ...of('not-required')], page)
  yield mappings(report, page)
  yield [
    ...paragraph(summaryWords(report), page, 'strong'),
    ...paragraph(`next: ${nextStepOf(report, page.again)}`, page),
  ]
}

function firstLines(report: CheckReport, failed: number, doubtful: number, page: Page): readonly string[] {
  const made = [
    `${timeOf(report.startedAt)}, in ${durationOf(report.durationMs)}`,
    `catalog of ${report.catalog.asOf}`,
    `client imitated: ${report.imitates}`,
  ]
  const style: Style = failed > 0 ? 'bad' : doubtful > 0 || report.interrupted ? 'doubtful' : 'good'
  const stopped = 'stopped before its end: what was not asked is not run'
  return [
    ...paragraph(
      `${report.site} from ${report.from}: ${headlineWords(report).words}${mappedInShort(report.context.names)}`,
      page,
      style,
    ),
    ...paragraph(made.join('; '), page, 'quiet'),
    ...(report.interrupted ? paragraph(stopped, page, 'doubtful') : []),
  ]
}

/** Every mapping, where the first line has room for their number alone. */
function mappings({ context: { names } }: CheckReport, page: Page): readonly string[] {
  if (mappedInShort(names) === mappedWords(names)) return []
  return paragraph(`names mapped: ${mappedNames(names).join('; ')}`, page, 'quiet')
}

/** Which causes there are and whose turn it is, when there are more failures than fit one look. */
function overview(failed: readonly FlowReport[], page: Page): readonly string[] {
  const causes = [
    ...groupBy(failed, ({ cause, owner }) => `${cause ?? 'undetermined'}${owner === undefined ? '' : ` (${owner})`}`),
  ]
  if (failed.length < 4 || causes.length < 2) return []
  const told = causes
    .toSorted(([, one], [, other]) => other.length - one.length)
    .map(([cause, flows]) => `${flows.length} ${cause}`)
  return paragraph(`by cause: ${told.join(', ')}`, page, 'bad')
}

const styles: Readonly<Record<Standing, Style>> = {
  failed: 'bad',
  doubtful: 'doubtful',
  well: 'good',
  'not-run': 'quiet',
  'not-required': 'quiet',
}

/** So many places that failed alike are named in their block. */
const mostPlaces = 12

function block(group: readonly [Shared, ...Shared[]], page: Page): readonly string[] {
  const [same, ...others] = group
  const [flow] = same
  const more = others.length === 0 ? '' : `, and ${others.length} more alike`
  const likewise = isFixEach(group) ? '; and so for each place below' : ''
  const judged = [
    ...(flow.cause === undefined ? [] : [`cause ${flow.cause}`]),
    ...(flow.owner === undefined ? [] : [`owner ${flow.owner}`]),
    `confidence ${flow.confidence}`,
    ...(flow.alternatives.length === 0 ? [] : [`not excluded: ${flow.alternatives.join(', ')}`]),
  ]
  return [
    ...headOf(flow, more, page),
    ...entry('', flow.says, page),
    ...(flow.fix === undefined ? [] : entry('fix:', flow.fix + likewise, page, 'strong')),
    ...(flow.nextProbe === undefined ? [] : entry('next:', flow.nextProbe, page)),
    ...entry('', judged.join('; '), page, 'quiet'),
    ...entry('', `flow ${idsOf(same)}: ${flow.purpose}`, page, 'quiet'),
    ...(page.long ? wholePlaces(group, page) : placesOf(same, others, page)),
  ]
}

function headOf(flow: FlowReport, more: string, page: Page): readonly string[] {
  const look: Look = lookOf(flow)
  const label = padTo(looks[look].label, labelWidth)
  return wrapText(
    `${padTo(portOf(flow.target), 8)}  ${dialledOf(flow.target)}${throughOf(flow)}${more}`,
    widthOf(page) - labelWidth,
  ).map((line, at) =>
    at === 0
      ? paint(label, styles[looks[look].standing], page.colour) + paint(line, 'strong', page.colour)
      : ' '.repeat(labelWidth) + paint(line, 'strong', page.colour),
  )
}

function idsOf(same: Shared): string {
  const ids = same.map((each) => `${each.flow} (${each.expect === 'closed' ? 'must be closed' : each.necessity})`)
  return [...new Set(ids)].join(', ')
}

/** Where else it failed in the same way: a line a place, as many as help, with its flow where that is another one. */
function placesOf(told: Shared, others: readonly Shared[], page: Page): readonly string[] {
  if (others.length === 0) return []
  const rest = others.length - mostPlaces
  return [
    ...entry('', 'alike:', page, 'quiet'),
    ...others.slice(0, mostPlaces).flatMap((same) => {
      const [{ target }] = same
      const ids = idsOf(same) === idsOf(told) ? '' : `: ${idsOf(same)}`
      return entry('-', `${portOf(target)} ${dialledOf(target)}${ids}`, page)
    }),
    ...(rest > 0 ? entry('-', `and ${rest} more: --long or --format json`, page, 'quiet') : []),
  ]
}

/** Every place of a block with its own words and evidence; what showed several of them is told at the first. */
function wholePlaces([same, ...others]: readonly [Shared, ...Shared[]], page: Page): readonly string[] {
  const told = new Set<string>()
  return [
    ...evidence(same, page, told),
    ...others.flatMap((other) => {
      const [flow] = other
      return [
        ...entry('', `alike: ${portOf(flow.target)} ${dialledOf(flow.target)}: ${idsOf(other)}`, page, 'strong'),
        ...entry('', flow.says, page),
        ...evidence(other, page, told),
      ]
    }),
  ]
}

/** What `--idle`, `--loss` and `--rate` showed; nothing where nobody asked for it. */
function heldLines(flows: readonly FlowReport[], page: Page): readonly string[] {
  const told = [heldWords(flows) ?? [], seriesWords(flows)].flat()
  return told.flatMap((one) => paragraph(one, page, 'strong'))
}

/** With `long`, what was seen of flows that need no block: their lines stand in a table. */
function* observations(flows: readonly FlowReport[], page: Page): Generator<string, void> {
  if (!page.long) return
  const shown = sharedTargets(flows).filter((same) => same.some((flow) => flow.evidence.length > 0))
  for (const [at, same] of shown.entries()) {
    if (at > 0) yield ''
    yield* headOf(same[0], '', page)
    yield* evidence(same, page)
  }
}

/**
 * Each observation once: flows that went to one place are mostly answered by the same ones.
 *
 * @param told ids that the reader has read in this block; those that are told now are put there
 */
function evidence(same: Shared, page: Page, told = new Set<string>()): readonly string[] {
  const all = same.flatMap((flow) => flow.evidence).filter(({ id }) => !told.has(id))
  const seen = new Map(all.map((one) => [one.id, one]))
  for (const id of seen.keys()) told.add(id)
  if (seen.size === 0) return []
  const decided = new Set(same.flatMap(({ decidedBy }) => decidedBy))
  return [
    ...entry('', 'evidence, with a star at what decided:', page, 'quiet'),
    ...[...seen.values()].flatMap((one) => {
      const { did, came, particulars } = stepOf(one)
      const more = particulars.length === 0 ? '' : ` [${particulars.join('; ')}]`
      const told = `${one.id} ${roleWords(one)}: ${did}: ${came}, ${durationOf(one.ms)}${more}`
      return entry(decided.has(one.id) ? '*' : '-', told, page)
    }),
  ]
}

function findingLines(finding: Finding, page: Page): readonly string[] {
  const style: Style = finding.severity === 'critical' || finding.severity === 'high' ? 'bad' : 'doubtful'
  return [
    ...paragraph(`finding ${finding.code} (${finding.severity}): ${finding.what}`, page, style),
    ...entry('', finding.why, page),
    ...entry('next:', finding.next, page),
  ]
}

/** A row at a time: of a large site the cells take more than the lines. */
function* wellTables(flows: readonly FlowReport[], page: Page): Generator<string | Rest, void> {
  yield rest
  const tables = [...Map.groupBy(flows, lookOf)].map(([look, ofLook]) => ({
    look,
    ofLook,
    shared: sharedTargets(ofLook),
  }))
  yield rest
  const linesOfRow = rowLayout(
    [{}, { least: 24 }, { align: 'right' }, { prose: true }],
    tables.values().flatMap(({ shared }) => shared.values().map(([flow]) => placeCells(flow))),
    { width: widthOf(page), indent: 2, colour: page.colour },
  )
  yield rest
  for (const [at, { look, ofLook, shared }] of tables.entries()) {
    if (at > 0) yield ''
    const title = `${looks[look].label}: ${flowsBy(ofLook.length, shared.length)}${ways(ofLook)}`
    yield* paragraph(title, page, 'good')
    for (const [flow] of shared) yield* linesOfRow([...placeCells(flow), wordsCell(flow)])
  }
}

/** ` through egress` where all do, else `, of which 20 through egress`. */
function ways(flows: readonly FlowReport[]): string {
  const byProxy = [...groupBy(flows, throughOf)].filter(([way]) => way !== '')
  const [way, all] = byProxy[0] ?? ['', []]
  if (all.length === flows.length) return way
  const told = byProxy.map(([way, { length }]) => `${length}${way}`)
  return told.length === 0 ? '' : `, of which ${told.join(', ')}`
}

function placeCells({ target, timing }: FlowReport): Row {
  return [{ text: portOf(target) }, { text: dialledOf(target) }, { text: totalOf(timing) ?? '' }]
}

/** What is certain needs few words; an open port whose service is not proven says how far it is. */
function wordsCell(flow: FlowReport): Cell {
  const { timing, confidence, says } = flow
  const times = [toldWords(flow), timingOf(timing)].filter((part) => part !== undefined && part !== '')
  return confidence === 'certain'
    ? { text: plain(times.join('; ')), style: 'quiet', minor: true }
    : { text: plain(`${confidence}: ${says}`), style: 'quiet' }
}

/** What was not asked, by its reason, in as few lines as it takes. */
function unasked(title: string, flows: readonly FlowReport[], page: Page): readonly string[] {
  if (flows.length === 0) return []
  const reasons = [...groupBy(flows, ({ says }) => says)]
  return [
    ...paragraph(`${title}: ${flowsBy(flows.length, sharedTargets(flows).length)}`, page, 'strong'),
    ...reasons.flatMap(([reason, ofOne]) => {
      const targets = sharedTargets(ofOne).map(
        ([flow]) =>
          `${portOf(flow.target)} ${dialledOf(flow.target)}${flow.necessity === 'required' ? ' (required)' : ''}`,
      )
      return [
        ...wrapText(plain(reason), widthOf(page) - 2).map((line) => `  ${line}`),
        ...wrapText(targets.join(', '), widthOf(page) - 4).map((line) => `    ${paint(line, 'quiet', page.colour)}`),
      ]
    }),
  ]
}
