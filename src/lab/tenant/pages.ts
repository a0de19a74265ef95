import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'

/** Text that is ready to stand in HTML. */
export interface Markup {
  readonly html: string
}

/** HTML with values in it, each of which is written as text unless it is markup itself. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Markup | readonly Markup[])[]
): Markup {
  return { html: parts.reduce((text, part, index) => text + written(values[index - 1] ?? '') + part) }
}

function written(value: string | number | Markup | readonly Markup[]): string {
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value))
  return 'html' in value ? value.html : value.map((one) => one.html).join('')
}

/** Text as HTML shows it. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
body { max-width: 34rem; margin: 2rem auto; padding: 0 1rem }
.played { border: 2px solid currentColor; padding: .5rem 1rem }
ul { list-style: none; padding: 0 }
button { font: inherit; text-align: start; width: 100%; padding: .75rem 1rem; margin: .25rem 0; min-height: 2.75rem; cursor: pointer }
button small { display: block }
iframe { width: 1px; height: 1px; border: 0 }
`
const styleHash = createHash('sha256').update(style).digest('base64')

/** What stands on every page: nobody may take it for Microsoft's. */
const notice = html`<p class="played"><strong>Postern’s built-in tenant.</strong> This page imitates Microsoft Entra ID for tests and
rehearsals. It runs on this machine, asks for no password, and nobody here is real.</p>`

export interface Page {
  readonly status?: number
  readonly title: string
  readonly content: Markup
  /** Origins that may be shown in frames; default: none. */
  readonly frames?: readonly string[]
  /** Where the browser goes on to by itself, after a second. */
  readonly onward?: string
}

/** A page as it is sent. */
export interface WrittenPage {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** Writes a page that needs no script and can be framed by nobody. */
export function writePage({ status = 200, title, content, frames = [], onward }: Page): WrittenPage {
  // No form-action: browsers hold redirects after a form to it, and those lead back to the app.
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    ...(frames.length > 0 ? [`frame-src ${frames.join(' ')}`] : []),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  const refresh = onward === undefined ? html`` : html`<meta http-equiv="refresh" content="${`1; url=${onward}`}">`
  const { html: text } = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${refresh}<title>${title}</title>
<style>${{ html: style }}</style></head>
<body><main><h1>${title}</h1>${notice}${content}</main></body>
</html>
`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'content-security-policy': policy.join('; '),
  }
  return { status, headers, text }
}

export function sendPage(response: ServerResponse, page: Page): void {
  const { status, headers, text } = writePage(page)
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text)
}

/** Entra's page for what cannot be told to an app, because it is not known where to. */
export const errorPage = (status: number, description: string): Page => ({
  status,
  title: 'Sorry, but we’re having trouble signing you in',
  content: html`<p id="error">${description}</p>`,
})

export function sendErrorPage(response: ServerResponse, status: number, description: string): void {
  sendPage(response, errorPage(status, description))
}
