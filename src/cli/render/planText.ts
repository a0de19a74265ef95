import type { Flow, Phase } from '../../model/flow.ts'
import type { PlanReport } from '../../model/report.ts'
import { asTyped } from '../asTyped.ts'
import { countOf, flowsBy, mappedWords, nameOf, portOf, throughOf } from './flowWords.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'
import type { Opening } from './planGroups.ts'
import {
  dialRemarksOf,
  mostNeededOf,
  phaseOf,
  planGroups,
  reasonsOf,
  sharedOpenings,
  sourceOf,
  sourcesOf,
  unsettledFacts,
} from './planGroups.ts'
import type { Cell, Column, Row } from './textTable.ts'
import { textTables } from './textTable.ts'
import { wrapText } from './wrapText.ts'

/**
 * A plan to read on a terminal: flows by who opens them, then what stays on one host, what must stay closed, what the
 * site file leaves open, and which page each row comes from. With `long` each flow carries its source and notes.
 */
export function planText(report: PlanReport, page: Page): string {
  const { open, local, closed } = planGroups(report.flows)
  const needed = open.reduce((sum, { flows }) => sum + flows.length, 0)
  const lines = [
    ...paragraph(
      `${report.site}: ${countOf(needed, 'flow')} to open, ${closed.length} that must stay closed${mappedWords(report.names)}`,
      page,
    ).map((line) => paint(line, 'strong', page.colour)),
    ...paragraph(
      `cloud ${report.cloud}; features: ${report.features.join(', ') || 'none'}; catalog of ${report.catalog.asOf}`,
      page,
    ),
    ...paragraph(needs(report), page),
  ]
  const sections = [
    ...open.map(({ from, roles, flows }) => ({
      title: `${from}${roles.length === 0 ? '' : ` (${roles.join(', ')})`}${at(flows)} opens ${openingsOf(flows)}`,
      flows,
      ofOneHost: true,
    })),
    { title: `stays on the host: open no rule for ${countOf(local.length, 'flow')}`, flows: local, ofOneHost: false },
    { title: `must stay closed: ${countOf(closed.length, 'flow')}`, flows: closed, ofOneHost: false },
  ].filter(({ flows }) => flows.length > 0)
  const frame = { width: widthOf(page), indent: 2, colour: page.colour }
  const tables = textTables(
    columns,
    sections.map(({ flows, ofOneHost }) => rowsOf(flows, ofOneHost, page)),
    frame,
  )
  sections.forEach(({ title }, at) => {
    lines.push('', ...heading(title, page), ...(tables[at] ?? []))
  })
  lines.push(...unsettled(report, page), ...sources(report, page), '')
  lines.push(...paragraph(nextStep(report), page))
  return `${lines.join('\n')}\n`
}

/** A rule opens for all the rows that ask for the same, so there are fewer openings than flows. */
function openingsOf(flows: readonly Flow[]): string {
  return flowsBy(flows.length, sharedOpenings(flows).length)
}

function needs({ summary }: PlanReport): string {
  const counts = [
    `${summary.required} required`,
    `${summary.conditional} not settled by the site file`,
    `${summary.recommended} recommended`,
    `${summary.optional} optional`,
    `${summary.legacy} legacy`,
    `${summary.localOnly} on the host itself`,
  ]
  return counts.filter((count) => !count.startsWith('0 ')).join(', ') || 'nothing is required'
}

/** Phases in one short word each: the column is narrow. */
const phaseWords: Readonly<Record<Phase, string>> = { setup: 'set-up', runtime: 'daily', 'setup+runtime': 'both' }

const columns: readonly Column[] = [{}, { least: 12 }, { least: 20 }, {}, {}, { prose: true }]

/**
 * One line an opening, with every row that asks for it; lines that follow each other and are there for the same rows
 * say the reasons once.
 */
function rowsOf(flows: readonly Flow[], ofOneHost: boolean, page: Page): readonly Row[] {
  const headings = ['port', ofOneHost ? 'to' : 'from -> to', 'name', 'phase', 'need', 'what for'].map(
    (text): Cell => ({ text, style: 'quiet', minor: true }),
  )
  let last = ''
  const rows = sharedOpenings(flows).map((shared): Cell[] => {
    const [flow] = shared
    const why = shared.map((each) => `[${each.flow}] ${reasonsOf(each).join('; ')}`).join('; and ')
    const said = why === last
    const phase = phaseOf(shared)
    last = why
    const prose = [
      said ? `${shared.map((each) => `[${each.flow}]`).join(' ')} as above` : why,
      ...new Set(shared.flatMap(dialRemarksOf)),
      ...(page.long ? shared.flatMap(details) : []),
    ]
    return [
      { text: portOf(flow.target) },
      { text: ofOneHost ? endOf(flow) : plain(`${flow.from} -> `) + endOf(flow) },
      { text: nameOf(flow.target), style: 'strong' },
      { text: phase === undefined ? '-' : phaseWords[phase] },
      { text: needWords(shared) },
      { text: plain(prose.join('; ')), minor: said && prose.length === 1 },
    ]
  })
  return [headings, ...rows]
}

/** The accepting end, with its address where the name column does not show it already, and the proxy that it is reached by. */
function endOf(flow: Flow): string {
  const { to, target } = flow
  const known = target.address === undefined || nameOf(target) === target.address
  return plain(known ? to : `${to} ${target.address}`) + throughOf(flow)
}

function needWords(opening: Opening): string {
  const need = mostNeededOf(opening)
  return need === 'conditional' ? 'unsettled' : need
}

function details(flow: Flow): readonly string[] {
  return [`source: ${sourceOf(flow)}, table ${flow.table}`, ...flow.notes.map((note) => `note: ${note}`)]
}

function unsettled(report: PlanReport, page: Page): readonly string[] {
  const facts = unsettledFacts(report.flows)
  if (facts.size === 0) return []
  return [
    '',
    ...heading('not settled by the site file: say true or false under facts:', page),
    ...[...facts].flatMap(([fact, ids]) => hanging(`${fact}: ${ids.join(', ')}`, page)),
  ]
}

/** Each page with the rows that were read from it: by its row every flow has its source. */
function sources(report: PlanReport, page: Page): readonly string[] {
  if (page.long) return []
  return [
    '',
    ...heading('sources', page),
    ...sourcesOf(report.flows).flatMap(({ source, ids }) => hanging(`${source}: ${ids.join(', ')}`, page)),
  ]
}

function nextStep(report: PlanReport): string {
  if (report.flows.length === 0) return 'next: give hosts their roles and switch features on in the site file'
  return 'next: postern plan --format markdown writes the change request; postern check proves the flows of this machine'
}

function heading(text: string, page: Page): readonly string[] {
  return paragraph(text, page).map((line) => paint(line, 'strong', page.colour))
}

function paragraph(text: string, page: Page): readonly string[] {
  return wrapText(plain(asTyped(text, page.program)), widthOf(page))
}

function hanging(text: string, page: Page): readonly string[] {
  return wrapText(plain(text), widthOf(page) - 4).map((line, at) => (at === 0 ? `  ${line}` : `    ${line}`))
}

/** The addresses that a rule has as its source, where the site file gives them. */
function at(flows: readonly Flow[]): string {
  const addresses = flows[0]?.fromAddresses ?? []
  return addresses.length === 0 ? '' : `, ${addresses.join(', ')},`
}
