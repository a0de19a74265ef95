import type { FlowReport } from '../../model/report.ts'
import { cloudRoles } from '../../model/role.ts'
import { columnsOf } from './columns.ts'
import { countOf, groupBy, portOf } from './flowWords.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { plain } from './plain.ts'
import type { Look } from './standing.ts'
import { lookOf, lookOrder, looks } from './standing.ts'
import { placedMark } from './verdictMarks.ts'
import { wrapText } from './wrapText.ts'

/** One place that flows go to, with what is drawn of it. */
interface Place {
  readonly name: string
  readonly lines: readonly string[]
  readonly under: readonly string[]
  readonly chips: readonly (readonly Chip[])[]
  readonly worst: Look
  readonly flows: readonly FlowReport[]
}

interface Chip {
  readonly look: Look
  readonly text: string
  readonly x: number
  readonly width: number
}

/** Units of the drawing, which are pixels where it is not scaled: narrow enough for a telephone. */
const width = 340
const textX = 46
const lineHeight = 16
const chipHeight = 20
/** Widths of one column of the 12 and 11 unit monospaced text, with a little to spare for wide faces. */
const nameColumn = 7.4
const chipColumn = 6.8
const mostHeight = 820

/**
 * Draws what one host reaches: a tree of places, each with its ports. A port is told by the shape of its mark as well
 * as by the colour, a failed one by its word, too; the way to a place is drawn by its worst port. Long lists become
 * several pictures, so that each fits a screen and a sheet of paper.
 */
export function checkPicture(flows: readonly FlowReport[]): readonly Html[] {
  const figures = [...groupBy(flows, ({ from }) => from)].flatMap(([from, ofOne]) =>
    [...groupBy(ofOne, zoneOf)].flatMap(([zone, inZone]) => {
      const sheets = sheetsOf([...groupBy(inZone, placeKey).values()].map(placeOf))
      return sheets.map((places, at) => ({
        from,
        title: `${from} to ${zone}${sheets.length > 1 ? `, part ${at + 1} of ${sheets.length}` : ''}`,
        places,
      }))
    }),
  )
  return figures.map(({ from, title, places }, at) => figure(from, title, places, at))
}

/** Every look that occurs, with its meaning. */
export function checkLegend(flows: readonly FlowReport[], mark: (look: Look) => Html): Html {
  const present = new Set(flows.map(lookOf))
  return html`<ul class="legend small">${lookOrder
    .filter((look) => present.has(look))
    .map(
      (look) =>
        html`<li><span class="badge look-${look}">${mark(look)}${looks[look].label}</span> <span class="quiet">${looks[look].means}</span></li>`,
    )}</ul>`
}

const outside: ReadonlySet<string> = new Set([...cloudRoles, 'internet'])

function zoneOf({ toRole }: FlowReport): string {
  if (outside.has(toRole)) return 'Microsoft and public services'
  return toRole === 'any' ? 'other hosts' : 'hosts of the site'
}

function placeKey({ to, target }: FlowReport): string {
  return target.name ?? target.pattern ?? target.address ?? to
}

function placeOf(flows: readonly FlowReport[]): Place {
  const [first] = flows
  const name = plain(first === undefined ? '' : placeKey(first))
  const addresses = flows.flatMap(({ target }) => (target.address === undefined ? [] : [target.address]))
  const under = [...new Set([...flows.map(({ to }) => to), ...addresses])].map(plain).filter((text) => text !== name)
  const columns = Math.floor((width - textX - 4) / nameColumn)
  return {
    name,
    lines: wrapText(name, columns),
    under: under.length === 0 ? [] : wrapText(under.join(', '), Math.floor((width - textX - 4) / chipColumn)),
    chips: chipRows(flows),
    worst: lookOrder.find((look) => flows.some((flow) => lookOf(flow) === look)) ?? 'not-run',
    flows,
  }
}

/** One chip for all flows of a port that came to the same, worst first, in rows that fit. */
function chipRows(flows: readonly FlowReport[]): readonly (readonly Chip[])[] {
  const groups = [...groupBy(flows, (flow) => `${portOf(flow.target)} ${lookOf(flow)}`).values()]
  const rows: Chip[][] = []
  let x = textX
  for (const [flow, ...others] of groups) {
    if (flow === undefined) continue
    const look = lookOf(flow)
    const { standing, label } = looks[look]
    const word = standing === 'failed' || standing === 'doubtful' ? ` ${label}` : ''
    const text = portOf(flow.target) + word + (others.length > 0 ? ` x${others.length + 1}` : '')
    const chipWidth = Math.ceil(columnsOf(text) * chipColumn + 28)
    if (rows.length === 0 || x + chipWidth > width - 2) {
      rows.push([])
      x = textX
    }
    rows.at(-1)?.push({ look, text, x, width: chipWidth })
    x += chipWidth + 6
  }
  return rows
}

function heightOf({ lines, under, chips }: Place): number {
  return (lines.length + under.length) * lineHeight + chips.length * (chipHeight + 4) + 16
}

function sheetsOf(places: readonly Place[]): readonly (readonly Place[])[] {
  const sheets: Place[][] = []
  let height = 0
  for (const place of places) {
    const sheet = sheets.at(-1)
    if (sheet === undefined || height + heightOf(place) > mostHeight) {
      sheets.push([place])
      height = 0
    } else {
      sheet.push(place)
    }
    height += heightOf(place)
  }
  return sheets
}

function figure(from: string, title: string, places: readonly Place[], at: number): Html {
  const names = wrapText(plain(from), Math.floor((width - 30) / nameColumn))
  const boxWidth = Math.ceil(Math.max(...names.map(columnsOf)) * nameColumn + 22)
  const boxHeight = names.length * lineHeight + 8
  let y = boxHeight + 20
  let trunkEnd = y
  const drawn = places.map((place) => {
    const top = y
    y += heightOf(place)
    trunkEnd = top - 10
    return drawnPlace(place, top)
  })
  // The last place needs no room to a next one.
  const height = y - 24
  return html`<figure><figcaption>${title}</figcaption><svg role="img" aria-labelledby="picture-${at}-title picture-${at}-text" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><title id="picture-${at}-title">${title}</title><desc id="picture-${at}-text">${described(places)}</desc><path class="trunk" d="M16 ${boxHeight}V${trunkEnd}"/><rect class="box" x="2" y="2" width="${boxWidth}" height="${boxHeight}" rx="5"/>${names.map(
    (line, row) => html`<text class="strong" x="13" y="${19 + row * lineHeight}" font-size="12">${line}</text>`,
  )}${drawn}</svg></figure>`
}

function drawnPlace({ lines, under, chips, worst }: Place, top: number): Html {
  let y = top + 4
  const names = lines.map((line) => {
    const text = html`<text class="strong" x="${textX}" y="${y}" font-size="12">${line}</text>`
    y += lineHeight
    return text
  })
  const details = under.map((line) => {
    const text = html`<text class="under" x="${textX}" y="${y}" font-size="11">${line}</text>`
    y += lineHeight
    return text
  })
  const ports = chips.map((row) => {
    const chipTop = y - lineHeight + 6
    y += chipHeight + 4
    return row.map(
      ({ look, text, x, width: chipWidth }) =>
        html`<g class="look-${look}"><rect class="chip" x="${x}" y="${chipTop}" width="${chipWidth}" height="${chipHeight}" rx="10"/>${placedMark(look, x + 5, chipTop + 4, 12)}<text x="${x + 21}" y="${chipTop + 14}" font-size="11">${text}</text></g>`,
    )
  })
  const edge = html`<g class="look-${worst}"><path class="edge ${looks[worst].standing}" d="M16 ${top - 10}q0 10 9 10h1"/></g>`
  return html`${edge}${placedMark(worst, 26, top - 8, 16)}${names}${details}${ports}`
}

/** What the picture shows, for those who do not see it; every flow stands in the tables. */
function described(places: readonly Place[]): string {
  const bad = places.filter(({ worst }) => looks[worst].standing === 'failed' || looks[worst].standing === 'doubtful')
  const told = bad.map(({ name, flows }) => {
    const ports = flows
      .filter((flow) => looks[lookOf(flow)].standing === 'failed' || looks[lookOf(flow)].standing === 'doubtful')
      .map((flow) => `${portOf(flow.target)} ${looks[lookOf(flow)].label}`)
    return `${name}: ${[...new Set(ports)].join(', ')}`
  })
  const rest = places.length - bad.length
  return [`${countOf(places.length, 'place')}.`, ...told.map((line) => `${line}.`), `${rest} without a failure.`].join(
    ' ',
  )
}
