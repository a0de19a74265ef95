import type { Flow } from '../../model/flow.ts'
import { columnsOf } from './columns.ts'
import { countOf, groupBy, portOf, throughOf } from './flowWords.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { placeOf, standInOf, zoneOf } from './places.ts'
import { plain } from './plain.ts'
import { wrapText } from './wrapText.ts'

/** How a picture tells one kind of flow from another. */
export interface Drawing<Look extends string, Drawn extends Flow> {
  /** The one that the way to a place is drawn by first. */
  readonly order: readonly Look[]
  readonly lookOf: (flow: Drawn) => Look
  /** Class of what is drawn in the look's colour. */
  readonly colourOf: (look: Look) => string
  /** Class of the line, which says how it is dashed. */
  readonly lineOf: (look: Look) => string
  /** The word beside the port, for what needs a reader's eye. */
  readonly wordOf: (look: Look) => string | undefined
  readonly mark: (look: Look, x: number, y: number, size: number) => Html
  /** What is said of the places without such a word: `without a failure`. */
  readonly rest: string
}

/** One place that flows go to, with what is drawn of it. */
interface Place<Look, Drawn> {
  readonly name: string
  readonly lines: readonly string[]
  readonly under: readonly string[]
  readonly chips: readonly (readonly Chip<Look>[])[]
  readonly worst: Look
  readonly flows: readonly Drawn[]
}

interface Chip<Look> {
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
 * Draws what each host opens, straight and through a proxy apart, with the proxy between: a tree of places, each with
 * its ports. A port is told by the shape of its mark as well as by the colour, one that needs an eye by its word, too.
 * Long lists become several pictures, so that each fits a screen and a sheet of paper.
 */
export function flowPicture<Look extends string, Drawn extends Flow>(
  flows: readonly Drawn[],
  drawing: Drawing<Look, Drawn>,
): readonly Html[] {
  const figures = [...groupBy(flows, (flow) => flow.from + throughOf(flow))].flatMap(([way, ofOne]) =>
    [...groupBy(ofOne, zoneOf)].flatMap(([zone, inZone]) => {
      const sheets = sheetsOf([...groupBy(inZone, placeOf).values()].map((ofPlace) => placeFor(ofPlace, drawing)))
      return sheets.map((places, at) => ({
        hops: hopsOf(ofOne),
        title: `${way} to ${zone}${sheets.length > 1 ? `, part ${at + 1} of ${sheets.length}` : ''}`,
        places,
      }))
    }),
  )
  return figures.map(({ hops, title, places }, at) => figure(hops, title, places, at, drawing))
}

/** The host, and the proxy that its flows go through. */
function hopsOf([flow]: readonly Flow[]): readonly string[] {
  if (flow === undefined) return []
  return [flow.from, ...(flow.via === undefined ? [] : [`${flow.via} (proxy)`])]
}

function placeFor<Look extends string, Drawn extends Flow>(
  flows: readonly Drawn[],
  drawing: Drawing<Look, Drawn>,
): Place<Look, Drawn> {
  const [first] = flows
  const name = plain(first === undefined ? '' : placeOf(first))
  const addresses = flows.flatMap(({ target }) => (target.address === undefined ? [] : [target.address]))
  const standIns = flows.flatMap((flow) => standInOf(flow) ?? [])
  const under = [...new Set([...flows.map(({ to }) => to), ...standIns, ...addresses])]
    .map(plain)
    .filter((text) => text !== name)
  const columns = Math.floor((width - textX - 4) / nameColumn)
  return {
    name,
    lines: wrapText(name, columns),
    under: under.length === 0 ? [] : wrapText(under.join(', '), Math.floor((width - textX - 4) / chipColumn)),
    chips: chipRows(flows, drawing),
    worst: worstOf(flows, drawing),
    flows,
  }
}

function worstOf<Look extends string, Drawn extends Flow>(
  flows: readonly Drawn[],
  { order, lookOf }: Drawing<Look, Drawn>,
): Look {
  const present = new Set(flows.map(lookOf))
  const worst = order.find((look) => present.has(look))
  if (worst === undefined) throw new Error('a place without flows is drawn')
  return worst
}

/** One chip for all flows of a port that came to the same, worst first, in rows that fit. */
function chipRows<Look extends string, Drawn extends Flow>(
  flows: readonly Drawn[],
  { lookOf, wordOf }: Drawing<Look, Drawn>,
): readonly (readonly Chip<Look>[])[] {
  const groups = [...groupBy(flows, (flow) => `${portOf(flow.target)} ${lookOf(flow)}`).values()]
  const rows: Chip<Look>[][] = []
  let x = textX
  for (const [flow, ...others] of groups) {
    if (flow === undefined) continue
    const look = lookOf(flow)
    const word = wordOf(look)
    const text =
      portOf(flow.target) + (word === undefined ? '' : ` ${word}`) + (others.length > 0 ? ` x${others.length + 1}` : '')
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

type Sized = Pick<Place<string, Flow>, 'lines' | 'under' | 'chips'>

function heightOf({ lines, under, chips }: Sized): number {
  return (lines.length + under.length) * lineHeight + chips.length * (chipHeight + 4) + 16
}

function sheetsOf<Each extends Sized>(places: readonly Each[]): readonly (readonly Each[])[] {
  const sheets: Each[][] = []
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

function figure<Look extends string, Drawn extends Flow>(
  hops: readonly string[],
  title: string,
  places: readonly Place<Look, Drawn>[],
  at: number,
  drawing: Drawing<Look, Drawn>,
): Html {
  let y = 2
  const boxes = hops.map((hop) => {
    const box = boxOf(hop, y)
    y += box.height + 14
    return box
  })
  const trunkBegin = boxes[0]?.height ?? 0
  y += 4
  let trunkEnd = y
  const drawn = places.map((place) => {
    const top = y
    y += heightOf(place)
    trunkEnd = top - 10
    return drawnPlace(place, top, drawing)
  })
  // The last place needs no room to a next one.
  const height = y - 24
  return html`<figure><figcaption>${title}</figcaption><svg role="img" aria-labelledby="picture-${at}-title picture-${at}-text" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><title id="picture-${at}-title">${title}</title><desc id="picture-${at}-text">${described(places, drawing)}</desc><path class="trunk" d="M16 ${trunkBegin}V${trunkEnd}"/>${boxes.map(({ drawing: box }) => box)}${drawn}</svg></figure>`
}

/** A host or proxy on the way, as a box around its name. */
function boxOf(name: string, top: number): { readonly height: number; readonly drawing: Html } {
  const lines = wrapText(plain(name), Math.floor((width - 30) / nameColumn))
  const boxWidth = Math.ceil(Math.max(...lines.map(columnsOf)) * nameColumn + 22)
  const height = lines.length * lineHeight + 8
  const texts = lines.map(
    (line, row) => html`<text class="strong" x="13" y="${top + 17 + row * lineHeight}" font-size="12">${line}</text>`,
  )
  const drawing = html`<rect class="box" x="2" y="${top}" width="${boxWidth}" height="${height}" rx="5"/>${texts}`
  return { height, drawing }
}

function drawnPlace<Look extends string, Drawn extends Flow>(
  { lines, under, chips, worst }: Place<Look, Drawn>,
  top: number,
  { mark, colourOf, lineOf }: Drawing<Look, Drawn>,
): Html {
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
        html`<g class="${colourOf(look)}"><rect class="chip" x="${x}" y="${chipTop}" width="${chipWidth}" height="${chipHeight}" rx="10"/>${mark(look, x + 5, chipTop + 4, 12)}<text x="${x + 21}" y="${chipTop + 14}" font-size="11">${text}</text></g>`,
    )
  })
  const edge = html`<g class="${colourOf(worst)}"><path class="edge ${lineOf(worst)}" d="M16 ${top - 10}q0 10 9 10h1"/></g>`
  return html`${edge}${mark(worst, 26, top - 8, 16)}${names}${details}${ports}`
}

/** What the picture shows, for those who do not see it; every flow stands in the tables. */
function described<Look extends string, Drawn extends Flow>(
  places: readonly Place<Look, Drawn>[],
  { lookOf, wordOf, rest }: Drawing<Look, Drawn>,
): string {
  const told = places.flatMap(({ name, flows }) => {
    const ports = flows.flatMap((flow) => {
      const word = wordOf(lookOf(flow))
      return word === undefined ? [] : [`${portOf(flow.target)} ${word}`]
    })
    return ports.length === 0 ? [] : [`${name}: ${[...new Set(ports)].join(', ')}.`]
  })
  return [`${countOf(places.length, 'place')}.`, ...told, `${places.length - told.length} ${rest}.`].join(' ')
}
