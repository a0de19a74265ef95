import type { FolkloreRow, PortUse } from '../../catalog/index.ts'
import type { Necessity } from '../../model/flow.ts'
import { formatPortRange } from '../../model/ports.ts'
import type { FlowSection } from './explainLayout.ts'
import {
  explainCommand,
  fieldLines,
  flowSections,
  headline,
  needWords,
  paragraph,
  portsOf,
  sourceOf,
} from './explainLayout.ts'
import type { ExplainPart } from './explainReport.ts'
import { countOf } from './flowWords.ts'
import type { Page } from './page.ts'

type PortPart = Extract<ExplainPart, { kind: 'port' }>
type ServicePart = Extract<ExplainPart, { kind: 'service' }>

/**
 * A port: what is said about it and what is so, then the rows that name it, most needed first, then those that have it in
 * a range: who opens a range does not open it for this port.
 */
export function explainPort(part: PortPart, page: Page): readonly string[] {
  const { folklore } = part
  const { naming, within } = parted(part)
  const sections: readonly FlowSection[] = [
    ...naming.map(({ necessity, uses }) => ({ title: needWords[necessity], uses })),
    { title: 'in a range of ports', uses: within },
    { title: 'where the site chooses this port', uses: chosenBySite(part) },
  ]
  const isUsed = sections.some(({ uses }) => uses.length > 0)
  return [
    ...headline(`${nameOfPort(part)}: ${plainAnswer(part)}`, page),
    ...folklore.flatMap((row) => folkloreLines(row, page)),
    ...flowSections(sections, page),
    ...nextLines(part, isUsed, page),
  ]
}

function nextLines({ ports, instead }: PortPart, isUsed: boolean, page: Page): readonly string[] {
  const next = isUsed
    ? `${explainCommand('ID')} tells a flow in full`
    : instead !== undefined && `${explainCommand(`${instead.transport}/${formatPortRange(ports)}`)} tells those flows`
  return next === false ? [] : ['', ...paragraph(`next: ${next}`, page)]
}

/** A service: the rows that speak it, most needed first. */
export function explainService({ service, title, groups }: ServicePart, page: Page): readonly string[] {
  const ports = portsOf(groups.flatMap(({ uses }) => uses.flatMap(({ pairs }) => pairs)))
  return [
    ...headline(
      `${service}: ${title}; ${groups.length === 0 ? 'no flow of the catalog speaks it' : `${usedBy(groups)}, on ${ports}`}`,
      page,
    ),
    ...flowSections(
      groups.map(({ necessity, uses }) => ({ title: needWords[necessity], uses })),
      page,
    ),
    ...(groups.length === 0 ? [] : ['', ...paragraph(`next: ${explainCommand('ID')} tells a flow in full`, page)]),
  ]
}

/**
 * Rows whose port is the site's choice: all of them for a port that no row names, else those that are known for this
 * one. Nobody puts a proxy on 389.
 */
function chosenBySite({ groups, siteChosen, folklore, transport }: PortPart): FlowSection['uses'] {
  const usual = new Set(folklore.flatMap(({ flows }) => flows))
  return siteChosen
    .filter(({ id }) => groups.length === 0 || usual.has(id))
    .map((row) => ({ row, pairs: row.pairs.filter((pair) => pair.transport === (transport ?? pair.transport)) }))
    .filter(({ pairs }) => pairs.length > 0)
}

/** What is said about ports in words, and what is so. */
export function explainFolklore(rows: readonly FolkloreRow[], page: Page): readonly string[] {
  return rows.flatMap((row, at) => [...(at === 0 ? [] : ['']), ...folkloreLines(row, page, 'strong')])
}

function folkloreLines(row: FolkloreRow, page: Page, weight: 'strong' | 'usual' = 'usual'): readonly string[] {
  const says = `folklore: ${row.claim.replace(/\.$/, '')}; the fact: ${row.fact}`
  return [
    ...(weight === 'strong' ? headline(says, page) : paragraph(says, page)),
    ...fieldLines(
      [
        ['flows', row.flows.join(', ')],
        ['source', sourceOf(row)],
      ],
      page,
    ),
  ]
}

const toneAnswers: Readonly<Record<FolkloreRow['tone'], string>> = {
  folklore: 'no Microsoft page for hybrid identity requires it',
  'true-for-old-builds': 'current builds do without it',
  'local-only': 'it stays on the host and is never to be opened',
  fallback: 'used only where the usual way is not open',
  'own-door': "it can be the port of the site's own door",
}

const shortNeeds: Readonly<Record<Necessity, string>> = {
  required: 'required',
  conditional: 'under a condition',
  recommended: 'recommended',
  optional: 'optional',
  legacy: 'for old builds only',
  'local-only': 'on the host itself',
  'not-required': 'that must stay closed',
}

function plainAnswer(part: PortPart): string {
  const { folklore, instead, transport } = part
  const heard = [...new Set(folklore.map(({ tone }) => toneAnswers[tone]))].join('; ')
  if (instead !== undefined) {
    const none = `no flow of the catalog names it over ${transport?.toUpperCase()}`
    const over = `over ${instead.transport.toUpperCase()}`
    return heard === ''
      ? `${none}; ${over} ${countOf(instead.flows, 'flow does', 'flows do')}`
      : `${none}; ${over}: ${heard}`
  }
  if (heard !== '') return heard
  const { naming, within } = parted(part)
  if (naming.length > 0) return usedBy(naming)
  const ranges = within.length === 0 ? '' : `; ${countOf(within.length, 'flow has', 'flows have')} it in a range`
  return `no flow of the catalog names it${ranges}`
}

/** The rows that name the port itself, by need, and those that only have it in a range. */
function parted({ groups, ports }: PortPart): {
  readonly naming: PortPart['groups']
  readonly within: readonly PortUse[]
} {
  const isNamed = ({ pairs }: PortUse): boolean =>
    pairs.some(({ range }) => range === undefined || (range.first >= ports.first && range.last <= ports.last))
  return {
    naming: groups
      .map(({ necessity, uses }) => ({ necessity, uses: uses.filter(isNamed) }))
      .filter(({ uses }) => uses.length > 0),
    within: groups.flatMap(({ uses }) => uses.filter((use) => !isNamed(use))),
  }
}

function usedBy(groups: PortPart['groups']): string {
  const count = groups.reduce((sum, { uses }) => sum + uses.length, 0)
  const needs = groups.map(({ necessity, uses }) => `${uses.length} ${shortNeeds[necessity]}`)
  return `used by ${countOf(count, 'flow')}: ${needs.join(', ')}`
}

function nameOfPort({ ports, transport }: PortPart): string {
  if (transport !== undefined) return `${transport}/${formatPortRange(ports)}`
  return `${ports.first === ports.last ? 'port' : 'ports'} ${formatPortRange(ports)}`
}
