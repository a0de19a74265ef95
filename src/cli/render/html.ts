import { plain } from './plain.ts'

/** Markup that was made by {@link html}: the only text that goes into a page unescaped. */
export interface Html {
  readonly markup: string
}

type Part = Html | string | number | undefined | readonly Part[]

/**
 * Makes markup from a template. Every value in it that is not markup itself is text: made {@link plain} and escaped, so
 * that it may stand in an element or between the quotes of an attribute. Lists are joined, undefined is nothing.
 *
 * Values must not be put into a script, a style, a comment or an attribute without quotes: none of those escapes holds
 * there.
 */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: template.map((text, at) => text + markupOf(parts[at])).join('') }
}

function markupOf(part: Part): string {
  if (part === undefined) return ''
  if (typeof part === 'string') return plain(part).replace(/[&<>"']/g, (mark) => entities[mark] ?? '')
  if (typeof part === 'number') return String(part)
  if (isList(part)) return part.map(markupOf).join('')
  return part.markup
}

function isList(part: Html | readonly Part[]): part is readonly Part[] {
  return Array.isArray(part)
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
