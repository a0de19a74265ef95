import type { Html } from './html.ts'
import { html } from './html.ts'

export type JunitOutcome = 'passed' | 'failure' | 'error' | 'skipped'

/** One testcase, and what it counts as in its suite. */
export interface JunitCase {
  readonly outcome: JunitOutcome
  readonly ms: number
  readonly markup: Html
}

/** Readers take what stands before the last dot for a package, and the rest for the class. */
export function classNameOf(suiteName: string): string {
  return `postern.${suiteName.replaceAll('.', '_')}`
}

export function counts(cases: readonly JunitCase[]): Html {
  const count = (outcome: JunitOutcome) => cases.filter((each) => each.outcome === outcome).length
  return html`tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`
}

export function element(name: 'failure' | 'error', message: string, type: string, body: readonly string[]): string {
  const attributes = html`message="${message}" type="${type}"`.markup
  return `      <${name} ${attributes}>${html`${lines(body)}`.markup}</${name}>\n`
}

/** Each text on a line of its own: a text from outside holds no line break any more. */
export function lines(texts: readonly string[]): readonly Html[] {
  return texts.map(
    (text) => html`${text}
`,
  )
}

/** Seconds as a decimal, as XML Schema has it: no exponent, whatever the report says. */
export function seconds(ms: number): string {
  return Number.isFinite(ms) && ms >= 0 && ms < 1e15 ? (ms / 1000).toFixed(3) : '0.000'
}
