import type { XmlElement } from '@rgrove/parse-xml'
import { XmlElement as Element, parseXml, XmlError, XmlText } from '@rgrove/parse-xml'
import type { ConfigurationFile, Span } from '../source.ts'
import type { PlacesIn } from './placesIn.ts'
import { placesIn } from './placesIn.ts'

/** An element of an XML text that knows where it stands. */
export interface XmlTree {
  readonly name: string
  attribute(name: string): string | undefined
  /** Child elements in their order; with a name, those of that name. */
  elements(name?: string): readonly XmlTree[]
  /** The first child element of a name, or the one that several names lead down to. */
  child(...path: readonly string[]): XmlTree | undefined
  /** Its own text and CDATA, without what its child elements hold, and without blanks around it. */
  text(): string
  /**
   * Place and beginning of the element, with its path: `/config/shared/address/entry[@name='dc01']`, by position among
   * elements of its name where it has no attribute `name`: `/pfsense/filter/rule[3]`.
   */
  span(): Span
}

export type XmlRead = { readonly ok: XmlTree } | { readonly fault: { readonly span: Span; readonly why: string } }

/** Elements within each other that are read: the deepest export has a fifth of it, and the parser recurses. */
const deepest = 256

/**
 * Reads an XML text (XML 1.0), a byte order mark and blanks before it allowed, into elements with places. Of a document
 * type nothing is used: entities of its own are a fault, and nothing multiplies. Never throws.
 *
 * @returns where and why it is no XML, or is nested deeper than 256
 */
export function readXml(file: ConfigurationFile): XmlRead {
  const places = placesIn(file)
  const lead = /^[\uFEFF\s]*/.exec(file.text)?.[0].length ?? 0
  const text = file.text.slice(lead)
  const fault = (offset: number, why: string): XmlRead => ({
    fault: { span: places.span(lead + offset, Math.min(file.text.length, lead + offset + 80)), why },
  })
  const tooDeep = depthBeyond(text, deepest)
  if (tooDeep !== undefined) return fault(tooDeep, `nested more than ${deepest} deep`)
  try {
    const { root } = parseXml(text, { includeOffsets: true })
    return root === null
      ? fault(0, 'no XML: there is no element')
      : { ok: new PlacedElement(root, { places, lead }, undefined, undefined) }
  } catch (error) {
    if (!(error instanceof XmlError)) return fault(0, 'no XML that can be read')
    // The message goes on with the line and its text: the first sentence says it, and the place is told by the span.
    return fault(offsetOf(error, text), `no XML: ${error.message.split(' (line ')[0] ?? ''}`)
  }
}

/** The parser counts characters, a text UTF-16 units: its line and column are in characters too, so the line is used. */
function offsetOf({ line }: XmlError, text: string): number {
  let at = 0
  for (let passed = 1; passed < line; passed += 1) at = text.indexOf('\n', at) + 1
  return at
}

interface TextOf {
  readonly places: PlacesIn
  /** What stands before the text that was parsed. */
  readonly lead: number
}

/** Configurations have hundreds of thousands of elements: what is not asked for is not made. */
class PlacedElement implements XmlTree {
  private readonly element: XmlElement
  private readonly within: TextOf
  private readonly parent: PlacedElement | undefined
  /** Among siblings of its name, from 1; undefined where it is the only one. */
  private readonly position: number | undefined
  private children: readonly PlacedElement[] | undefined

  constructor(element: XmlElement, within: TextOf, parent: PlacedElement | undefined, position: number | undefined) {
    this.element = element
    this.within = within
    this.parent = parent
    this.position = position
  }

  get name(): string {
    return this.element.name
  }

  attribute(name: string): string | undefined {
    return this.element.attributes[name]
  }

  elements(name?: string): readonly XmlTree[] {
    this.children ??= this.made()
    return name === undefined ? this.children : this.children.filter((child) => child.name === name)
  }

  child(...[first, ...rest]: readonly string[]): XmlTree | undefined {
    this.children ??= this.made()
    const found = this.children.find((child) => child.name === first)
    return rest.length === 0 ? found : found?.child(...rest)
  }

  text(): string {
    return this.element.children
      .map((node) => (node instanceof XmlText ? node.text : ''))
      .join('')
      .trim()
  }

  span(): Span {
    const { places, lead } = this.within
    return places.span(lead + this.element.start, lead + this.element.end, this.path())
  }

  private path(): string {
    const { name } = this.element.attributes
    const quote = name?.includes("'") === true ? '"' : "'"
    const step =
      this.parent === undefined
        ? ''
        : name !== undefined
          ? `[@name=${quote}${name}${quote}]`
          : this.position === undefined
            ? ''
            : `[${this.position}]`
    return `${this.parent?.path() ?? ''}/${this.name}${step}`
  }

  private made(): readonly PlacedElement[] {
    const inside = this.element.children.filter((node) => node instanceof Element)
    const counts = new Map<string, number>()
    for (const { name } of inside) counts.set(name, (counts.get(name) ?? 0) + 1)
    const met = new Map<string, number>()
    return inside.map((node) => {
      const position = (met.get(node.name) ?? 0) + 1
      met.set(node.name, position)
      return new PlacedElement(node, this.within, this, counts.get(node.name) === 1 ? undefined : position)
    })
  }
}

/**
 * The offset at which elements stand deeper than a limit. Where the text is no XML it may stop early: the parser, which
 * reads the same constructs, stops there too.
 */
function depthBeyond(text: string, limit: number): number | undefined {
  let depth = 0
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', at)) {
    const closing = closings.find(({ opens }) => text.startsWith(opens, at))
    if (closing !== undefined) {
      const end = text.indexOf(closing.closes, at + closing.opens.length)
      if (end === -1) return undefined
      // A document type may hold anything in quotes, and stands before the first element: below zero it does not go.
      if (closing.opens === '</') depth = Math.max(0, depth - 1)
      at = end + closing.closes.length
    } else {
      const end = text.startsWith('<!', at) ? at + 1 : endOfTag(text, at)
      if (end === undefined) return undefined
      if (text[end] === '>' && text[end - 1] !== '/') depth += 1
      if (depth > limit) return at
      at = end + 1
    }
  }
  return undefined
}

const closings = [
  { opens: '<!--', closes: '-->' },
  { opens: '<![CDATA[', closes: ']]>' },
  { opens: '<?', closes: '?>' },
  { opens: '</', closes: '>' },
] as const

/** Where the `>` of a start tag stands, quotes passed over. */
function endOfTag(text: string, from: number): number | undefined {
  for (let at = from + 1; at < text.length; at += 1) {
    const unit = text[at]
    if (unit === '>') return at
    if (unit === '"' || unit === "'") {
      at = text.indexOf(unit, at + 1)
      if (at === -1) return undefined
    }
  }
  return undefined
}
