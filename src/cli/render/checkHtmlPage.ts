import { createHash } from 'node:crypto'
import { checkStyle } from './checkStyle.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'

/** One page of its own: everything that it needs is in it. */
export interface PageParts {
  readonly title: string
  /** Postern's version. */
  readonly postern: string
  readonly body: Html
  /** What this kind of page looks like beyond what all have in common. */
  readonly style?: string
  /** A page that a server shows and that follows its checks. */
  readonly live?: {
    /** Which report this is: another one has another word. */
    readonly report: string
    readonly script: string
  }
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Nothing is loaded, run or sent but what the page itself carries, told by its hash. */
const policyFor = (style: string, script: string | undefined): string =>
  [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`, "connect-src 'self'"]),
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')

/** The policy of a page that a server shows, as its header: what a page cannot say of itself comes with it. */
export const servedPolicy = (script: string): string => `${policyFor(checkStyle, script)}; frame-ancestors 'none'`

/** The frame of a page: its head with the policy, and its body. */
export function checkHtmlPage({ title, postern, body, style = '', live }: PageParts): string {
  const whole = checkStyle + style
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(whole, live?.script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Postern ${postern}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${{ markup: whole }}</style>
</head>
<body${live === undefined ? undefined : html` data-report="${live.report}"`}>
${body}
${live === undefined ? undefined : html`<script>${{ markup: live.script }}</script>`}
</body>
</html>
`
  return markup
}
