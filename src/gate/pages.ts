import { hash } from 'node:crypto'
import type { HeaderFields, OwnAnswer } from './exchange.ts'

/** Something that a page offers to do. */
export type PageAction =
  | { readonly label: string; readonly href: string }
  /** A button, for what changes something. */
  | { readonly label: string; readonly post: string }

/** A page of the gate: words of ours alone, and never what a client sent. */
export interface Page {
  readonly status: number
  readonly title: string
  /** Paragraphs. */
  readonly says: readonly string[]
  readonly list?: readonly string[]
  readonly actions?: readonly PageAction[]
  /** A word of the closed list of reasons. */
  readonly reason: string
  readonly outcome: OwnAnswer['outcome']
  readonly headers?: HeaderFields
  /** By which an administrator finds it in the record. */
  readonly traceId?: string
  /** Origins that forms lead to by a redirect; default: the gate alone. */
  readonly formsLeadTo?: readonly string[]
  /** Origins whose pages may show it inside; default: none. */
  readonly shownIn?: readonly string[]
}

const style = `:root{color-scheme:light dark;--text:#1b1b1b;--back:#fff;--quiet:#595959;--link:#0b57a4}
@media(prefers-color-scheme:dark){:root{--text:#ededed;--back:#1a1a1a;--quiet:#a8a8a8;--link:#8ab8f0}}
body{margin:0;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}
main{max-width:36rem;margin:12vh auto;padding:0 1.25rem}
h1{font-size:1.5rem;line-height:1.25}
a{color:var(--link)}
button{font:inherit;padding:.5rem 1rem;border:1px solid var(--link);border-radius:.25rem;background:var(--link);color:var(--back);cursor:pointer}
a:focus-visible,button:focus-visible{outline:3px solid var(--text);outline-offset:2px}
.quiet{color:var(--quiet);font-size:.875rem}`

/** An answer that is a page: no script runs on it, nothing is loaded, nobody frames it, nothing keeps it. */
export function page(wanted: Page): OwnAnswer {
  const { status, title, says, list = [], actions = [], reason, outcome, headers = [], traceId } = wanted
  const parts = [
    `<h1>${escaped(title)}</h1>`,
    ...says.map((sentence) => `<p>${escaped(sentence)}</p>`),
    ...(list.length === 0 ? [] : [`<ul>${list.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`]),
    ...actions.map(actionOf),
    ...(traceId === undefined
      ? []
      : [`<p class="quiet">Who looks after this place finds it by <code>${escaped(traceId)}</code>.</p>`]),
  ]
  return {
    kind: 'answer',
    status,
    headers: [['content-type', 'text/html; charset=utf-8'], ...guards(wanted), ...headers],
    body: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escaped(title)}</title><style>${style}</style></head>
<body><main>
${parts.join('\n')}
</main></body>
</html>
`,
    reason,
    outcome,
  }
}

/** An answer that sends the browser on. 303: whatever was asked, the next is asked with GET (RFC 9110 §15.4.4). */
export function seeOther(
  location: string,
  { reason, outcome, headers = [] }: Pick<Page, 'reason' | 'outcome' | 'headers'>,
  status: 302 | 303 = 303,
): OwnAnswer {
  return {
    kind: 'answer',
    status,
    headers: [['location', location], ['cache-control', 'no-store'], ['referrer-policy', 'no-referrer'], ...headers],
    body: '',
    reason,
    outcome,
  }
}

function guards({ formsLeadTo = [], shownIn = [] }: Page): HeaderFields {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${hash('sha256', style, 'base64')}'`,
    // Browsers hold redirects after a form against this, too.
    `form-action ${["'self'", ...formsLeadTo].join(' ')}`,
    `frame-ancestors ${shownIn.length === 0 ? "'none'" : shownIn.join(' ')}`,
    "base-uri 'none'",
  ]
  return [
    ['content-security-policy', policy.join('; ')],
    ['cache-control', 'no-store'],
    // Told nothing, a browser would say of its own form that it comes from nowhere (Origin: null).
    ['referrer-policy', 'same-origin'],
    ['x-content-type-options', 'nosniff'],
    ['cross-origin-opener-policy', 'same-origin'],
    ...(shownIn.length === 0 ? ([['x-frame-options', 'DENY']] as const) : []),
  ]
}

function actionOf(action: PageAction): string {
  return 'href' in action
    ? `<p><a href="${escaped(action.href)}">${escaped(action.label)}</a></p>`
    : `<form method="post" action="${escaped(action.post)}"><button type="submit">${escaped(action.label)}</button></form>`
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => references[character] ?? '')
}
